/**
 * A server of somebody else's making, as a process on the loopback that a test can stop, kill, pause and start again on
 * the same port and data. It never outlives the process that started it, however that one ends.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../app/ports.ts'

export interface Service {
  uri: string
  port: number
  /** Where its data is. */
  folder: string
  /** The end of what it printed so far. */
  printed(): string
  /** Again, with what it kept. Resolves when it answers. */
  start(): Promise<void>
  /** In good order; resolves when it is gone. */
  stop(): Promise<void>
  /** As by a power cut (SIGKILL). */
  kill(): Promise<void>
  /** It hangs: connections stay open and nothing is answered, until `resume`. */
  pause(): void
  resume(): void
  /** Forgets everything; for a server that is down. */
  wipe(): void
  /** Ends it and takes its folder away. */
  remove(): Promise<void>
}

export interface ServiceDescription {
  name: string
  /** Of the address: `redis` or `mongodb`. */
  scheme: string
  /** What to run, given where it should listen and keep its data. */
  command(port: number, folder: string): [program: string, ...args: string[]]
  /** Sent to a new connection to see whether it answers; nothing, where listening means that. */
  hello?: { send: string; expect: RegExp }
  /** Where somebody has to know beforehand where it will be; otherwise one that is free. */
  port?: number
  /** The folder that it runs in, and all of its environment; otherwise as we do. */
  cwd?: string
  env?: Record<string, string>
}

const START_TRIES = 3
const START_PATIENCE = 30_000
const LOG = 4000

/** Starts one, on a free port and in a folder of its own. */
export async function startService(description: ServiceDescription): Promise<Service> {
  for (let tries = 1; ; tries += 1) {
    const service = await described(description)
    try {
      await service.start()
      return service
    } catch (fault) {
      await service.remove()
      // Something else on this machine may have taken the port since we looked.
      if (tries === START_TRIES) throw fault
    }
  }
}

async function described(description: ServiceDescription): Promise<Service> {
  const { name, scheme, command, hello, cwd, env } = description
  const port = description.port ?? (await freePort())
  const folder = mkdtempSync(join(tmpdir(), `sigma-id-${name}-`))
  let child: ChildProcess | undefined
  let log = ''

  async function start(): Promise<void> {
    if (child) throw new Error(`${name} runs already`)
    // The kernel kills it when we end, even if it is stopped and we had no moment to say goodbye (prctl(2)).
    const mine = spawn('setpriv', ['--pdeathsig', 'KILL', ...command(port, folder)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd,
      env,
    })
    child = mine
    log = ''
    for (const stream of [mine.stdout, mine.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        log = (log + chunk).slice(-LOG)
      })
    }
    mine.on('error', (fault) => {
      log += fault.message
    })
    mine.on('close', () => {
      if (child === mine) child = undefined
    })
    for (let waited = 0; !(await answers(port, hello)); waited += 10) {
      if (child !== mine) throw new Error(`${name} ended while it was starting: ${log}`)
      if (waited > START_PATIENCE) throw new Error(`${name} does not answer: ${log}`)
      await pause(10)
    }
    if (child !== mine) throw new Error(`${name} ended, and something else answers on port ${port}: ${log}`)
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child) return
    const closed = once(child, 'close')
    child.kill(signal)
    // One that is paused takes no other signal than SIGKILL.
    child.kill('SIGCONT')
    await closed
  }

  return {
    uri: `${scheme}://127.0.0.1:${port}`,
    port,
    folder,
    printed: () => log,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    wipe() {
      if (child) throw new Error(`${name} still runs`)
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
    },
    async remove() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function answers(port: number, hello: ServiceDescription['hello']): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => (hello ? socket.write(hello.send) : told(true)))
    const told = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1000, () => told(false))
    socket.on('data', (reply) => told(hello?.expect.test(reply.toString()) ?? true))
    socket.on('error', () => told(false))
    socket.on('end', () => told(false))
  })
}
