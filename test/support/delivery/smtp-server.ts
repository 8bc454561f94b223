/**
 * A real SMTP server (RFC 5321) on the loopback that keeps what it accepts, and misbehaves as told: any stage can be
 * answered otherwise, left unanswered, or end the connection.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Letter, readMail } from './received-mail.ts'

export interface ReceivedMail extends Letter {
  from: string
  to: string[]
  /** As it came over the line. */
  raw: string
}

/** `message` is the moment after the last dot: the mail is in the server's hands and unanswered. */
export type Stage = 'connect' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'message'

/** A reply such as `451 try later`; silence; a closed connection; or a mail taken and the connection closed unanswered. */
export type Fault = `${number} ${string}` | 'hang' | 'drop' | 'keep-and-drop'

export interface SmtpServer {
  url: string
  /** What was accepted, oldest first. */
  messages: ReceivedMail[]
  /** Every command line that came in, without the messages. */
  commands: string[]
  connections(): number
  /** The next `times` clients that reach the stage get this. */
  fail(stage: Stage, fault: Fault, times?: number): void
  /** All is well again; connections that hang stay so. */
  recover(): void
  /** Resolves when a client has reached the stage, now or before. */
  reached(stage: Stage): Promise<void>
  close(): Promise<void>
}

export interface SmtpServerOptions {
  /** Asked for when given. */
  credentials?: { user: string; pass: string }
  /** RFC 2920: the client sends the envelope without waiting for each answer, as most servers allow. */
  pipelining?: boolean
}

export async function smtpServer(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const messages: ReceivedMail[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  const faults = new Map<Stage, { fault: Fault; times: number }>()
  const stages = new Map<Stage, PromiseWithResolvers<void>>()
  let connections = 0

  function stageOf(name: Stage): PromiseWithResolvers<void> {
    const known = stages.get(name) ?? Promise.withResolvers<void>()
    stages.set(name, known)
    return known
  }

  function faultAt(stage: Stage): Fault | undefined {
    stageOf(stage).resolve()
    const planned = faults.get(stage)
    if (!planned || planned.times < 1) return undefined
    planned.times -= 1
    return planned.fault
  }

  const server = createServer((socket) => {
    let buffered = ''
    let hanging = false
    let body: string[] | undefined
    let envelope = { from: '', to: [] as string[] }
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      buffered += chunk
      for (let end = buffered.indexOf('\r\n'); end >= 0 && !hanging; end = buffered.indexOf('\r\n')) {
        const line = buffered.slice(0, end)
        buffered = buffered.slice(end + 2)
        if (body) bodyLine(body, line)
        else commandLine(line)
      }
    })
    answer('connect', '220 test.invalid ESMTP')

    /** True if the stage went well. */
    function answer(stage: Stage, reply: string): boolean {
      const fault = faultAt(stage)
      if (fault === 'hang') hanging = true
      if (fault === 'drop' || fault === 'keep-and-drop') socket.destroy()
      const said = fault === undefined ? reply : /^\d/.test(fault) ? fault : undefined
      if (said) socket.write(`${said}\r\n`)
      return fault === undefined || fault === 'keep-and-drop'
    }

    function bodyLine(lines: string[], line: string): void {
      // RFC 5321 section 4.5.2: a leading dot was doubled.
      if (line !== '.') {
        lines.push(line.startsWith('.') ? line.slice(1) : line)
        return
      }
      body = undefined
      if (answer('message', '250 accepted'))
        messages.push({ ...envelope, ...readMail(lines.join('\r\n')), raw: lines.join('\r\n') })
      envelope = { from: '', to: [] }
    }

    function commandLine(line: string): void {
      commands.push(line)
      const verb = line.split(/[ :]/)[0]?.toUpperCase()
      const address = /<(.*?)>/.exec(line)?.[1] ?? ''
      switch (verb) {
        case 'EHLO':
          answer('EHLO', [...extensions().map((name) => `250-${name}`), '250 8BITMIME'].join('\r\n'))
          break
        case 'AUTH':
          answer('AUTH', authenticates(line) ? '235 welcome' : '535 wrong credentials')
          break
        case 'MAIL':
          if (answer('MAIL', '250 ok')) envelope = { from: address, to: [] }
          break
        case 'RCPT':
          if (answer('RCPT', '250 ok')) envelope.to.push(address)
          break
        case 'DATA':
          if (envelope.to.length === 0) socket.write('503 no valid recipients\r\n')
          else if (answer('DATA', '354 go on')) body = []
          break
        case 'RSET':
          socket.write('250 ok\r\n')
          break
        case 'QUIT':
          socket.end('221 bye\r\n')
          break
        default:
          socket.write('502 not implemented\r\n')
      }
    }
  })

  function extensions(): string[] {
    return [
      'test.invalid',
      ...(options.pipelining ? ['PIPELINING'] : []),
      ...(options.credentials ? ['AUTH PLAIN'] : []),
    ]
  }

  function authenticates(line: string): boolean {
    const [, user, pass] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString()
      .split('\0')
    return user === options.credentials?.user && pass === options.credentials?.pass
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    commands,
    connections: () => connections,
    fail: (stage, fault, times = Number.POSITIVE_INFINITY) => faults.set(stage, { fault, times }),
    recover: () => faults.clear(),
    reached: (stage) => stageOf(stage).promise,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
