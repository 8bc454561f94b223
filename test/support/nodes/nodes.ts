/**
 * Two nodes as operators run them: production mode, processes of their own, one MongoDB and one Redis, mail servers, and
 * a proxy in front that asks them whether they are ready. Nothing here needs vitest: the bench uses it too.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Core, openCore } from '../../../src/app/core.ts'
import { loadConfig } from '../../../src/config.ts'
import { logger } from '../../../src/lib/log.ts'
import { systemClock } from '../../../src/lib/time.ts'
import { freePort } from '../app/ports.ts'
import { type SmtpServer, smtpServer } from '../delivery/smtp-server.ts'
import { mongoServer, redisServer } from '../services/servers.ts'
import type { Service } from '../services/service-process.ts'
import { type Balancer, balancer } from './balancer.ts'
import { type NodeProcess, type Preload, startNodeProcess } from './node-process.ts'

export interface Stores {
  mongo: Service
  redis: Service
}

export interface NodeAt {
  name: 'a' | 'b'
  /** Past the proxy. */
  origin: string
  operationsOrigin: string
  /** Each node has one of its own, so that a test sees who carries what. */
  mail: SmtpServer
  /** The one that runs, or ran last. */
  running: NodeProcess
  /** Not waited for. */
  launch(...preloads: Preload[]): NodeProcess
  /** Resolves when it is ready. */
  start(...preloads: Preload[]): Promise<NodeProcess>
}

export interface Nodes {
  /** Of the proxy; the issuer. */
  origin: string
  a: NodeAt
  b: NodeAt
  stores: Stores
  proxy: Balancer
  /** To look at what is kept there. */
  redis: string
  /** What the product can do without its web, on the same stores and in this process. */
  core(): Promise<Core>
  stop(): Promise<void>
}

export interface NodesOptions {
  stores: Stores
  settings?: Record<string, unknown>
  /** Where node A finds Redis, if that is a line in between. */
  redisPort?: number
}

export const CLIENT = {
  id: 'application',
  secret: randomBytes(32).toString('base64url'),
  redirect: 'https://application.sigma.example/callback',
}

const PATIENCE = 60_000
const root = resolve(import.meta.dirname, '../../..')
let installations = 0

export async function startStores(...redisOptions: string[]): Promise<Stores> {
  const [mongo, redis] = await Promise.all([mongoServer(), redisServer(...redisOptions)])
  return { mongo, redis }
}

/** Nothing runs yet but the proxy and the mail servers. Stores may be shared: each call has databases of its own. */
export async function twoNodes({ stores, settings = {}, redisPort }: NodesOptions): Promise<Nodes> {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-nodes-'))
  const proxyPort = await freePort()
  const origin = `https://localhost:${proxyPort}`
  const clients = join(folder, 'clients.yaml')
  // JSON is YAML too (YAML 1.2.2 section 1.3).
  writeFileSync(clients, JSON.stringify({ clients: [clientRecord()] }))
  installations += 1
  const database = installations
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    SIGMA_KEYS: `test:${randomBytes(32).toString('base64')}`,
    SIGMA_MONGODB_URL: `mongodb://127.0.0.1:${stores.mongo.port}/sigma-${database}`,
    SIGMA_REDIS_URL: `redis://127.0.0.1:${stores.redis.port}/${database % 16}`,
    APPLICATION_SECRET: CLIENT.secret,
  }
  const lined = redisPort === undefined ? {} : { SIGMA_REDIS_URL: `redis://127.0.0.1:${redisPort}/${database % 16}` }
  const common = {
    issuer: origin,
    trustedProxies: 1,
    store: { kind: 'cluster' },
    clients,
    homeClient: CLIENT.id,
    mail: { from: 'Sigma ID <no-reply@sigma.example>' },
    // One machine plays all people here.
    throttle: { perAddress: 1_000_000, perNetwork: 1_000_000, perMinute: 1_000_000, sittingsPerAddress: 1_000_000 },
    log: { level: 'warn' },
    ...settings,
  }
  const ports = { a: await twoPorts(), b: await twoPorts() }
  const a = await nodeAt('a', ports.a, join(folder, 'a.yaml'), common, { ...env, ...lined })
  const b = await nodeAt('b', ports.b, join(folder, 'b.yaml'), common, env)
  const proxy = await balancer(
    [
      { name: 'a', ...ports.a },
      { name: 'b', ...ports.b },
    ],
    proxyPort,
  )
  let core: Promise<Core> | undefined
  let stopped: Promise<void> | undefined

  return {
    origin,
    a,
    b,
    stores,
    proxy,
    redis: env.SIGMA_REDIS_URL,
    core() {
      const config = loadConfig(root, { ...env, SIGMA_SMTP_URL: a.mail.url, SIGMA_CONFIG: join(folder, 'a.yaml') })
      core ??= openCore(config, { log: logger('silent'), now: systemClock })
      return core
    },
    stop() {
      stopped ??= stop()
      return stopped
    },
  }

  async function stop(): Promise<void> {
    for (const { running } of [a, b]) {
      running.signal('SIGKILL')
      await running.ended
    }
    await (await core)?.close()
    await proxy.close()
    await Promise.all([a.mail.close(), b.mail.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function isReady({ operationsOrigin }: NodeAt): Promise<boolean> {
  return (await readiness({ operationsOrigin })).status === 200
}

/** What `/readyz` says; status 0 where nothing answers. */
export function readiness({
  operationsOrigin,
}: Pick<NodeAt, 'operationsOrigin'>): Promise<{ status: number; text: string }> {
  return fetch(`${operationsOrigin}/readyz`, { signal: AbortSignal.timeout(3000) }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    () => ({ status: 0, text: '' }),
  )
}

/** Resolves when both get requests from the proxy. */
export async function bothInRow({ proxy }: Nodes): Promise<void> {
  await until('both nodes in the row', () => proxy.row().length === 2)
}

/** Looks until it holds; the time that it took, in milliseconds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patience = PATIENCE,
): Promise<number> {
  const began = performance.now()
  while (!(await holds())) {
    if (performance.now() - began > patience) throw new Error(`not within ${patience} ms: ${what}`)
    await pause(20)
  }
  return performance.now() - began
}

async function nodeAt(
  name: NodeAt['name'],
  ports: { port: number; operationsPort: number },
  file: string,
  common: Record<string, unknown>,
  env: Record<string, string>,
): Promise<NodeAt> {
  const listen = { host: '127.0.0.1', port: ports.port }
  const operations = { host: '127.0.0.1', port: ports.operationsPort }
  writeFileSync(file, JSON.stringify({ ...common, listen, operations }))
  const mail = await smtpServer()
  const node: NodeAt = {
    name,
    origin: `http://127.0.0.1:${ports.port}`,
    operationsOrigin: `http://127.0.0.1:${ports.operationsPort}`,
    mail,
    running: NOTHING,
    launch(...preloads) {
      node.running = startNodeProcess({ ...env, SIGMA_CONFIG: file, SIGMA_SMTP_URL: mail.url }, preloads)
      return node.running
    },
    async start(...preloads) {
      const mine = node.launch(...preloads)
      let over = false
      void mine.ended.then(() => {
        over = true
      })
      await until(`node ${name} is ready`, async () => {
        if (over) throw new Error(`node ${name} ended: ${mine.logged()}`)
        return isReady(node)
      })
      return mine
    },
  }
  return node
}

/** Before the first start. */
const NOTHING: NodeProcess = {
  pid: 0,
  signal: () => undefined,
  logged: () => '',
  ended: Promise.resolve({ code: null, signal: null, logged: '' }),
}

async function twoPorts(): Promise<{ port: number; operationsPort: number }> {
  return { port: await freePort(), operationsPort: await freePort() }
}

function clientRecord(): Record<string, unknown> {
  return {
    client_id: CLIENT.id,
    client_name: 'Application',
    redirect_uris: [CLIENT.redirect],
    post_logout_redirect_uris: [CLIENT.redirect],
    grant_types: ['authorization_code', 'refresh_token'],
    client_secret: { env: 'APPLICATION_SECRET' },
    first_party: true,
  }
}
