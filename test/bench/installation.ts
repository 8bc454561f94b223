/** The server that is measured: a process of its own, on free ports, with data in a temporary folder. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { OutboxMessage } from '../../src/delivery/outbox.ts'
import { freePorts } from '../support/app/app.ts'
import { Person } from '../support/people/person.ts'

export const CLIENT = {
  id: 'bench',
  secret: 'a-secret-of-the-bench-of-256-bits-and-more',
  redirect: 'http://localhost:1/callback',
}
export const PASSWORD = 'vier losse woorden samen'
export const PEOPLE = Array.from({ length: 8 }, (_, n) => `person-${n}@sigma.example`)

export interface Installation {
  origin: string
  /** Milliseconds from the start of the process to the first discovery document. */
  start(): Promise<number>
  stop(): Promise<void>
  /** Of the process, in bytes. */
  memory(): number
  /** Of the process since it started, in milliseconds. */
  processorTime(): number
  activateEverybody(): Promise<void>
  remove(): void
}

const ROOT = resolve(import.meta.dirname, '../..')

/** `settings` differ from the bench's, which limit nothing; `people` are invited at the first start. */
export async function installation(
  settings: Record<string, unknown> = {},
  people: readonly string[] = PEOPLE,
  root = ROOT,
): Promise<Installation> {
  const [port, , operations] = await freePorts()
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-bench-'))
  const origin = `http://localhost:${port}`
  const clients = join(folder, 'clients.yaml')
  const file = join(folder, 'sigma-id.yaml')
  const client = {
    client_id: CLIENT.id,
    client_name: 'Bench',
    redirect_uris: [CLIENT.redirect],
    grant_types: ['authorization_code', 'refresh_token'],
    client_secret: { env: 'BENCH_SECRET' },
    first_party: true,
  }
  const whole = {
    issuer: origin,
    listen: { port },
    operations: { port: operations },
    data: join(folder, 'data'),
    clients,
    homeClient: CLIENT.id,
    throttle: { perAddress: 1_000_000, perNetwork: 1_000_000, perMinute: 1_000_000, sittingsPerAddress: 1_000_000 },
    people: people.map((email) => ({ email, name: 'Sanne de Vries', locale: 'nl' })),
    log: { level: 'warn' },
    ...settings,
  }
  writeFileSync(clients, JSON.stringify({ clients: [client] }))
  writeFileSync(file, JSON.stringify(whole))
  let server: ReturnType<typeof launch> | undefined

  function launch() {
    const env = { PATH: process.env.PATH, SIGMA_CONFIG: file, BENCH_SECRET: CLIENT.secret }
    return spawn(process.execPath, ['src/start.js'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
  }

  function read(name: string): string {
    return readFileSync(`/proc/${server?.pid}/${name}`, 'utf8')
  }

  return {
    origin,
    async start() {
      const began = performance.now()
      server = launch()
      while (!(await isServed(`${origin}/.well-known/openid-configuration`))) {
        if (server.exitCode !== null) throw new Error('the server did not start')
        await new Promise((done) => setTimeout(done, 2))
      }
      return performance.now() - began
    },
    async stop() {
      if (!server) return
      server.kill('SIGTERM')
      await once(server, 'exit')
    },
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(read('status'))?.[1]) * 1024,
    // proc(5): utime and stime are fields 14 and 15, in hundredths of a second.
    processorTime() {
      const fields = read('stat').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * 10
    },
    async activateEverybody() {
      for (const [n, email] of people.entries()) {
        // From different addresses, where a proxy is said to stand in front: one may set so many passwords in a minute.
        const person = new Person({ headers: { 'x-forwarded-for': `203.0.${n >> 8}.${n & 255}` } })
        await person.visit(await linkOf(origin, email))
        const { status, url } = await person.submit({ password: PASSWORD, repeat: PASSWORD })
        if (status !== 200 || url.includes('/activate/')) throw new Error(`${email} was not activated: ${status}`)
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function isServed(url: string): Promise<boolean> {
  return fetch(url).then(
    async (response) => (await response.text()).length > 0 && response.ok,
    () => false,
  )
}

async function linkOf(origin: string, email: string): Promise<string> {
  for (;;) {
    const messages = (await (await fetch(`${origin}/dev/outbox.json`)).json()) as OutboxMessage[]
    const link = /https?:\/\/\S+\/activate\/\S+/.exec(messages.find(({ to }) => to === email)?.text ?? '')?.[0]
    if (link) return link
    await new Promise((done) => setTimeout(done, 100))
  }
}
