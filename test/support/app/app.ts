/** The whole product in this process, on free ports of this machine and a data folder of its own. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type App, openApp } from '../../../src/app/app.ts'
import { followChores } from '../../../src/app/chores.ts'
import type { Core } from '../../../src/app/core.ts'
import { type Config, loadConfig } from '../../../src/config.ts'
import type { OutboxMessage } from '../../../src/delivery/outbox.ts'
import { logger } from '../../../src/lib/log.ts'
import { type Clock, SECOND } from '../../../src/lib/time.ts'
import type { DatabaseOptions } from '../../../src/store/sqlite/database.ts'
import type { Store } from '../../../src/store/store.ts'
import { clusterEnvironment } from './cluster-environment.ts'
import { freePort } from './ports.ts'
import { roundRobin } from './round-robin.ts'

export interface RunningApp extends App {
  origin: string
  portalOrigin: string
  operationsOrigin: string
  /** Everything that the application logged, one JSON object a line. */
  logged: string[]
  folder: string
  /** Mails and messages that were sent, the newest first, after delivering what is due. */
  inbox(): Promise<OutboxMessage[]>
  /** The link in the newest mail to this address. */
  linkFor(email: string): Promise<string>
  /** Each node does so by itself within a second. */
  followClients(): Promise<void>
  /** What every node noted of applications is written, as each does by itself every few seconds. */
  writeNotes(): Promise<void>
  /** Every node takes up what others changed, as each does by itself every second. */
  follow(): Promise<void>
  /** A second passes: every node does what it does once a second, and nothing else. */
  second(): Promise<void>
  /** From now on every request goes to this node, until it is none in particular. */
  stick(node: number | undefined): void
  /** What each node can do, the first one first. */
  nodes: Core[]
  stop(): Promise<void>
}

export interface AppOptions {
  now?: Clock
  /** What the machine itself says, where that is wrong. */
  wall?: Clock
  /** Settings that differ from config/development.yaml. */
  settings?: Record<string, unknown>
  /** config/clients.yaml with other text; `{portal}` and `{issuer}` stand for the origins. */
  clients?: string
  env?: Record<string, string>
  /** A data folder to go on with. */
  folder?: string
  ports?: [number, number, number]
  /** Stands between the product and its store. */
  instrument?: (store: Store) => Store
  /** How long a password waits, in milliseconds. */
  passwordWait?: () => number
  /** Of the embedded store. */
  database?: DatabaseOptions
}

const root = resolve(import.meta.dirname, '../../..')

/** Taken before a test puts another in its place: the stores' servers go by the machine's. */
const machineClock: Clock = Date.now

/**
 * As one process with everything in a file; or, where the environment says where a cluster's stores are, as two nodes
 * behind a proxy that gives each request to the other one.
 */
export async function startApp(options: AppOptions = {}): Promise<RunningApp> {
  const [port, portalPort, operationsPort] = options.ports ?? (await freePorts())
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sigma-id-'))
  const origin = `http://localhost:${port}`
  const portalOrigin = `http://localhost:${portalPort}`
  const clients = join(folder, 'clients.yaml')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(
    clients,
    (options.clients ?? PORTAL_ONLY).replaceAll('{portal}', portalOrigin).replaceAll('{issuer}', origin),
  )
  const cluster = await clusterEnvironment(folder)
  const logged: string[] = []
  const log = logger('debug', { write: (line: string) => void logged.push(line) })
  const now = options.now ?? (() => Date.now())
  const nodes: Node[] = []
  for (const first of cluster ? [true, false] : [true]) {
    const [own, ownOperations] = cluster ? await freePorts() : [port, operationsPort]
    const config = loadConfig(
      root,
      { ...cluster, ...options.env },
      {
        issuer: origin,
        listen: { host: '127.0.0.1', port: own },
        operations: { host: '127.0.0.1', port: first ? operationsPort : ownOperations },
        portal: { host: '127.0.0.1', port: portalPort },
        egress: [portalOrigin],
        data: folder,
        clients,
        people: [],
        demonstration: {},
        ...(cluster && { store: { kind: 'cluster' } }),
        ...options.settings,
        // The portal is an application; one is enough.
        ...(!first && { portal: undefined }),
      },
    )
    nodes.push({
      config,
      app: await openApp(config, {
        log,
        now,
        wall: options.wall ?? machineClock,
        instrument: options.instrument,
        database: options.database,
        passwordWait: options.passwordWait,
      }),
    })
  }
  const { app } = nodes[0] as Node
  const servers: Server[] = []
  for (const node of nodes) servers.push(...(await listeners(node)))
  // What a process keeps to itself is asked of the first: it carries the mails, see `drain`.
  const ports = nodes.map(({ config }) => config.listen.port)
  const proxy = roundRobin(ports, (path) => path.startsWith('/dev/'))
  if (cluster) servers.push(await listening(proxy.server, port))

  async function inbox(): Promise<OutboxMessage[]> {
    // A parcel may lead to another: a request for a link becomes a mail.
    while ((await app.drain()) > 0);
    const response = await fetch(`${origin}/dev/outbox.json`)
    return (await response.json()) as OutboxMessage[]
  }

  return {
    ...app,
    oidc: {
      ...app.oidc,
      // Each node does so by itself within seconds.
      refresh: async () => (await Promise.all(nodes.map((node) => node.app.oidc.refresh()))).some(Boolean),
    },
    async followClients() {
      await Promise.all(nodes.map((node) => node.app.core.clients.follow()))
    },
    async writeNotes() {
      for (const node of nodes) await node.app.core.notes.write({ all: true })
    },
    origin,
    portalOrigin,
    operationsOrigin: `http://localhost:${operationsPort}`,
    logged,
    folder,
    inbox,
    async linkFor(email) {
      const mail = (await inbox()).find((message) => message.to === email)
      const link = /https?:\/\/\S+\/(?:activate|recover)\/\S+/.exec(mail?.text ?? '')?.[0]
      if (!link) throw new Error(`no mail with a link to ${email}`)
      return link
    },
    async follow() {
      for (const node of nodes) await node.app.core.organizations.follow()
    },
    async second() {
      for (const { core } of nodes.map((node) => node.app)) {
        const due = followChores(core).filter(({ every }) => every <= SECOND)
        await Promise.all(due.map((task) => task.run()))
      }
    },
    stick(node) {
      proxy.nodes = node === undefined ? ports : ports.slice(node, node + 1)
    },
    nodes: nodes.map((node) => node.app.core),
    async stop() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
      for (const node of nodes) await node.app.close()
      if (!options.folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Node {
  config: Config
  app: App
}

async function listeners({ app, config }: Node): Promise<Server[]> {
  return [
    await listening(app.web, config.listen.port),
    await listening(app.operations, config.operations.port),
    ...(app.admin && config.admin.listen ? [await listening(app.admin, config.admin.listen.port)] : []),
    ...(await Promise.all(
      app.demonstrations.map(({ at, portal }) => listening(createServer(portal.handler), at.port)),
    )),
  ]
}

async function listening(server: Server, port: number): Promise<Server> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export async function freePorts(): Promise<[number, number, number]> {
  return [await freePort(), await freePort(), await freePort()]
}

/** The clients file unless a test brings its own. */
export const PORTAL_ONLY = `
clients:
  - client_id: portal
    client_name: Sigma Portal
    client_uri: '{portal}'
    initiate_login_uri: '{portal}/login'
    redirect_uris: ['{portal}/callback']
    post_logout_redirect_uris: ['{portal}/']
    backchannel_logout_uri: '{portal}/backchannel-logout'
    grant_types: [authorization_code, refresh_token]
    client_secret: { env: PORTAL_CLIENT_SECRET }
    first_party: true
`
