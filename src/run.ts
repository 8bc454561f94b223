/** One process from start to stop. Apart from main.ts, so that an old Node gets a sentence instead of a syntax error. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

import { commonPasswords } from './accounts/common-passwords.ts'
import { type App, openApp } from './app.ts'
import { type Config, loadConfig } from './config.ts'
import { AppError } from './lib/errors.ts'
import { logger } from './lib/log.ts'
import { SECOND, systemClock } from './lib/time.ts'

/** Time that load balancers get to notice `/readyz`, and that requests under way get to finish. */
const NOTICE = 5 * SECOND
const PATIENCE = 25 * SECOND

export async function run(): Promise<void> {
  let config: Config
  try {
    config = loadConfig(new URL('..', import.meta.url).pathname, process.env)
  } catch (error) {
    return fail(error)
  }
  const log = logger(config.log.level)
  try {
    const app = await openApp(config, { log, now: systemClock })
    const servers = await listen(config, app)
    app.start()
    await welcome(config, app)
    log.info({ issuer: config.issuer, milliseconds: Math.round(performance.now()) }, 'started')
    stopOnSignal(config, app, servers)
    // Read now, in the lull after the start, so that the first person to choose a password does not wait for them.
    await commonPasswords()
  } catch (error) {
    fail(error)
  }
}

async function listen(config: Config, app: App): Promise<Server[]> {
  const wanted: Array<[Server, { host: string; port: number }]> = [
    [app.web, config.listen],
    [app.operations, config.operations],
  ]
  if (app.portal && config.portal) wanted.push([createServer(app.portal.handler), config.portal])
  await Promise.all(
    wanted.map(async ([server, { host, port }]) => {
      server.listen(port, host)
      await once(server, 'listening')
    }),
  )
  return wanted.map(([server]) => server)
}

/** The first people, and four lines that say where to click. */
async function welcome(config: Config, app: App): Promise<void> {
  if (config.production) return
  for (const person of config.people) await app.core.links.invite(person)
  const [first, second] = config.people
  const portal = config.portal ? (app.core.clients.find('portal')?.metadata.client_uri ?? '') : ''
  process.stdout.write(
    [
      `Sigma ID   ${config.issuer}`,
      `Portal     ${portal}   the application to sign in to`,
      `Outbox     ${config.issuer}/dev/outbox   mails end up here: activate ${first?.email ?? 'someone'} or ${second?.email ?? 'someone'} first`,
      'Stop       Ctrl+C',
      '',
    ].join('\n'),
  )
}

/** SIGTERM: not ready at once, no new connections after a moment, requests under way finish, exit 0. Twice: exit 1. */
function stopOnSignal(config: Config, app: App, servers: Server[]): void {
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(1)
    stopping = true
    app.drainRequests()
    await pause(config.production ? NOTICE : 0)
    const forced = setTimeout(() => process.exit(1), PATIENCE)
    await Promise.all(servers.map((server) => closed(server)))
    await app.close()
    clearTimeout(forced)
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    // Connections that are kept open without a request would hold the stop up until they time out.
    server.closeIdleConnections()
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

function fail(error: unknown): void {
  const known = error instanceof AppError || (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
  process.stderr.write(
    `${error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error)}\n`,
  )
  process.exitCode = 1
  process.exit(1)
}
