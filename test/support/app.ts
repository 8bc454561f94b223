/** The whole product in this process, on free ports of this machine and a data folder of its own. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type App, openApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { OutboxMessage } from '../../src/delivery/outbox.ts'
import { logger } from '../../src/lib/log.ts'
import type { Clock } from '../../src/lib/time.ts'
import type { Store } from '../../src/store/store.ts'

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
  stop(): Promise<void>
}

export interface AppOptions {
  now?: Clock
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
}

const root = resolve(import.meta.dirname, '../..')

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
  const config = loadConfig(root, options.env ?? {}, {
    issuer: origin,
    listen: { host: '127.0.0.1', port },
    operations: { host: '127.0.0.1', port: operationsPort },
    portal: { host: '127.0.0.1', port: portalPort },
    egress: [portalOrigin],
    data: folder,
    clients,
    people: [],
    ...options.settings,
  })
  const logged: string[] = []
  const log = logger('debug', { write: (line: string) => void logged.push(line) })
  const app = await openApp(config, { log, now: options.now ?? (() => Date.now()), instrument: options.instrument })
  const servers: Server[] = [
    await listening(app.web, port),
    await listening(app.operations, operationsPort),
    ...(app.admin && config.admin ? [await listening(app.admin, config.admin.listen.port)] : []),
    ...(app.portal ? [await listening(createServer(app.portal.handler), portalPort)] : []),
  ]

  async function inbox(): Promise<OutboxMessage[]> {
    // A parcel may lead to another: a request for a link becomes a mail.
    while ((await app.drain()) > 0);
    const response = await fetch(`${origin}/dev/outbox.json`)
    return (await response.json()) as OutboxMessage[]
  }

  return {
    ...app,
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
    async stop() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
      await app.close()
      if (!options.folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(server: Server, port: number): Promise<Server> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export async function freePorts(): Promise<[number, number, number]> {
  const servers = await Promise.all([0, 0, 0].map((port) => listening(createServer(), port)))
  const [first = 0, second = 0, third = 0] = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) server.close()
  return [first, second, third]
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
