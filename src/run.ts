/** One process from start to stop. Apart from main.ts, which has to set the stage before anything is imported. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

import { commonPasswords } from './accounts/common-passwords.ts'
import { type App, openApp } from './app/app.ts'
import { insistStartable } from './app/check.ts'
import { takeUp } from './app/reload.ts'
import { type Finding, told } from './check/finding.ts'
import { type Config, configOf, loadConfig, readConfig } from './config.ts'
import { AppError, InputError } from './lib/errors.ts'
import { explain } from './lib/explain.ts'
import { LISTEN_REASONS } from './lib/listen-fault.ts'
import { type Log, logger } from './lib/log.ts'
import { SECOND, systemClock } from './lib/time.ts'
import { stopAfter, stopWhenDue } from './stop.ts'
import { type Closable, closable } from './web/closing.ts'

/** Time that the stores get to come up, and between two looks. */
const START = 60 * SECOND
const RETRY = 2 * SECOND

const root = new URL('..', import.meta.url).pathname

/** `parent` is whoever started this process, by the number that it had from the first moment. */
export async function run(parent: number): Promise<void> {
  let config: Config
  let warnings: Finding[]
  try {
    const read = readConfig(root, process.env)
    warnings = await insistStartable(read)
    config = configOf(read, 'keys')
  } catch (error) {
    return fail(error)
  }
  const log = logger(config.log.level)
  log.info({ runtime: process.version, store: config.store.kind }, 'starting')
  for (const { name, ...finding } of warnings) log.warn({ setting: name }, told({ name, ...finding }))
  rereadOnSignal(config, log)
  try {
    const app = await openWhenStoreAnswers(config, log)
    const listeners = await listen(config, app)
    await welcome(config, app)
    app.start()
    log.info({ issuer: config.issuer, milliseconds: Math.round(performance.now()) }, 'started')
    const stop = stopWhenDue(config, app, listeners, log)
    if (process.env.npm_lifecycle_event === 'start') stopAfter(parent, stop)
    outlive(log)
    // Read now, in the lull after the start, so that the first person to choose a password does not wait for them.
    await commonPasswords()
  } catch (error) {
    fail(error)
  }
}

/** Stores that start at the same time as we do are waited for. */
async function openWhenStoreAnswers(config: Config, log: Log): Promise<App> {
  // Counted in all: finding out that a store does not answer takes seconds too.
  const until = performance.now() + START
  for (;;) {
    try {
      return await openApp(config, { role: 'server', log, now: systemClock })
    } catch (error) {
      const mayCome = error instanceof AppError && error.code === 'store-unavailable'
      if (!mayCome || performance.now() > until) throw error
      log.warn({ reason: error.message }, 'the store does not answer yet')
    }
    await pause(RETRY)
  }
}

async function listen(config: Config, app: App): Promise<Closable[]> {
  const wanted: Array<[Server, { host: string; port: number }]> = [
    [app.web, config.listen],
    [app.operations, config.operations],
  ]
  if (app.admin && config.admin.listen) wanted.push([app.admin, config.admin.listen])
  for (const { at, portal } of app.demonstrations) wanted.push([createServer(portal.handler), at])
  return Promise.all(
    wanted.map(async ([server, { host, port }]) => {
      const listener = closable(server)
      server.listen(port, host)
      await once(server, 'listening').catch((fault: NodeJS.ErrnoException) => {
        const reason = LISTEN_REASONS[fault.code ?? ''] ?? fault.message
        throw new AppError('cannot-listen', `Cannot listen on ${host}:${port}: ${reason}.`, { cause: fault })
      })
      // Whoever only asks whether we are well is nobody to be waited for.
      return server === app.operations ? { ...listener, underWay: () => 0 } : listener
    }),
  )
}

/** The first people, and a few lines that say where to click. */
async function welcome(config: Config, app: App): Promise<void> {
  if (config.production) return
  for (const person of config.people) {
    await makeOrganization(app, person.organization)
    await app.core.links.invite(person)
  }
  const [first, second] = config.people
  const others = Object.keys(config.demonstration.applications).flatMap((id) => {
    const { client_name: name, client_uri: address } = app.core.clients.find(id)?.metadata ?? {}
    return address ? [`Another    ${address}   ${name}`] : []
  })
  const portal = config.portal ? (app.core.clients.find('portal')?.metadata.client_uri ?? '') : ''
  process.stdout.write(
    [
      `Sigma ID   ${config.issuer}`,
      `Portal     ${portal}   the application to sign in to`,
      ...others,
      `Outbox     ${config.issuer}/dev/outbox   mails end up here: activate ${first?.email ?? 'someone'} or ${second?.email ?? 'someone'} first`,
      'Stop       Ctrl+C',
      '',
    ].join('\n'),
  )
}

/** The one that somebody of the first people belongs to. Elsewhere an administrator adds it. */
async function makeOrganization({ core }: App, name: string | undefined): Promise<void> {
  if (name === undefined || core.organizations.called(name)) return
  await core.admin.registry.add({ name, domains: [], contacts: [] }, { actor: undefined, source: undefined })
}

/** SIGHUP: the configuration is read anew. What is wrong in it changes nothing; what needs a restart is told. */
function rereadOnSignal(config: Config, log: Log): void {
  process.on('SIGHUP', () => {
    try {
      const { taken, restart } = takeUp(config, loadConfig(root, process.env))
      log.level = config.log.level
      if (restart.length > 0) log.warn({ taken, restart }, 'configuration read anew: some settings need a restart')
      else log.info({ taken }, 'configuration read anew')
    } catch (error) {
      const faults = error instanceof InputError ? error.faults : [{ path: '(file)', reason: explain(error) }]
      log.error({ faults }, 'configuration read anew: it is not usable, and nothing was changed')
    }
  })
}

/**
 * What was thrown where nobody catches it (a listener, a timer, a promise of some library) is a fault, and no reason to
 * drop everybody's requests: what may not be half done is one conditional write in a store. A start is another matter.
 */
function outlive(log: Log): void {
  process.on('uncaughtException', (fault, origin) => log.error({ fault, origin }, 'uncaught'))
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

function fail(error: unknown): void {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}
