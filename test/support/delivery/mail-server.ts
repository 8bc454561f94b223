/**
 * A mail server of somebody else's making (npm: smtp-server) on the loopback, as a house runs it: TLS, a login, a limit
 * to the size of mails. It behaves; for one that does not, see smtp-server.ts.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { onTestFinished } from 'vitest'
import { type Certificate, selfSigned } from '../app/certificate.ts'
import { type Letter, readMail } from './received-mail.ts'

export interface StoredMail extends Letter {
  to: string[]
  /** As it came over the line. */
  raw: string
  /** What the client made of the connection before it sent: `ESMTPSA` is encrypted and logged in (RFC 3848). */
  transmission: string
  user: string
}

export interface MailServer {
  /** With the right credentials, unless others are given. */
  url(password?: string): string
  mails: StoredMail[]
  /** Users who tried to log in, in order. */
  logins: string[]
  /** As if the machine were switched off. */
  leave(): Promise<void>
  /** On the same port. */
  comeBack(): Promise<void>
}

export interface MailServerOptions {
  /** Encrypted from the first byte, or after STARTTLS (RFC 3207). */
  tls: 'at once' | 'starttls'
  certificate?: Certificate
  /** Bytes that one mail may have. */
  size?: number
  /** What somebody between us and the server filters out. */
  filtered?: string[]
}

export const USER = 'sigma@mail'
export const PASSWORD = 'p@ss/w:rd %41'

/**
 * An address of this machine that the product does not take for this machine (the kernel leads it to the loopback), so
 * that it asks for encryption as it does anywhere else.
 */
const ELSEWHERE = '0.0.0.0'
const HERE = '127.0.0.1'

/** A certificate that fits the server and that this process trusts until the test is over. */
export function trustedCertificate(...names: string[]): Certificate {
  const certificate = selfSigned(...(names.length > 0 ? names : [HERE, ELSEWHERE]))
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, certificate.cert])
  onTestFinished(() => setDefaultCACertificates(before))
  return certificate
}

export async function mailServer({ tls, size, filtered, certificate }: MailServerOptions): Promise<MailServer> {
  const mails: StoredMail[] = []
  const logins: string[] = []
  const identity = certificate ?? trustedCertificate()
  let port = 0

  async function store(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const raw = (await buffer(stream)).toString('latin1')
    if (stream.sizeExceeded) return
    const to = session.envelope.rcptTo.map(({ address }) => address)
    mails.push({ ...readMail(raw), to, raw, transmission: session.transmissionType, user: String(session.user) })
  }

  async function open(): Promise<SMTPServer> {
    const server = new SMTPServer({
      ...identity,
      secure: tls === 'at once',
      size,
      rejectOversized: true,
      disabledCommands: filtered,
      disableReverseLookup: true,
      closeTimeout: 100,
      onAuth({ username = '', password }, _session, answer) {
        logins.push(username)
        if (username === USER && password === PASSWORD) return answer(null, { user: username })
        return answer(new Error('wrong credentials'))
      },
      onData(stream, session, answer) {
        store(stream, session).then(() => answer(null), answer)
      },
    })
    // A client that hangs up in the middle of TLS, as ours does at a certificate that it does not trust.
    server.on('error', () => {})
    server.listen(port, HERE)
    await once(server.server, 'listening')
    port = (server.server.address() as AddressInfo).port
    return server
  }

  let current: SMTPServer | undefined = await open()
  async function leave(): Promise<void> {
    const server = current
    current = undefined
    if (server) await new Promise<void>((closed) => server.close(closed))
  }
  onTestFinished(leave)

  return {
    url(password = PASSWORD) {
      const login = `${encodeURIComponent(USER)}:${encodeURIComponent(password)}`
      return tls === 'at once' ? `smtps://${login}@${HERE}:${port}` : `smtp://${login}@${ELSEWHERE}:${port}`
    },
    mails,
    logins,
    leave,
    async comeBack() {
      current = await open()
    },
  }
}
