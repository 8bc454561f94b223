/** What everything stands on: the store, the keys, the texts and who the clients are. The only place that picks a store. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { admittedPeople } from '../accounts/admitted.ts'
import type { WriteMail } from '../accounts/links.ts'
import { notices } from '../accounts/notify.ts'
import { type AuditRecord, auditing } from '../audit/audit.ts'
import type { Clients } from '../client/client.ts'
import { registry } from '../client/registry.ts'
import { secretUses } from '../client/secret-uses.ts'
import type { Config } from '../config.ts'
import { insistStore, storeFile } from '../data-folder.ts'
import { wrapper } from '../delivery/queue.ts'
import { notes } from '../doctor/notes.ts'
import { hmac, type Keyring, keyring, sealer } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import { RELEASE } from '../lib/release.ts'
import { throttle } from '../lib/throttle.ts'
import { CLOCKS_APART, type Clock } from '../lib/time.ts'
import { type Metrics, metrics } from '../metrics/metrics.ts'
import type { Progress } from '../migration/planning.ts'
import { builtInClients } from '../oidc/built-in-records.ts'
import { signingKeys } from '../oidc/keys.ts'
import { leftOpen } from '../oidc/left-open.ts'
import { type Directory, directory } from '../organization/directory.ts'
import { organizationKind } from '../organization/kind.ts'
import type { OnDerived } from '../record/derivation.ts'
import { mirror } from '../record/mirror.ts'
import { views } from '../render/views.ts'
import { observed, outcomeOf, type StoreObserver, storeSpans, together } from '../store/observed.ts'
import { artifactsWithMemory, withMemory } from '../store/request-memory.ts'
import type { DatabaseOptions } from '../store/sqlite/database.ts'
import type { OnStep } from '../store/sqlite/migrations.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import { openServed } from '../store/sqlite/served.ts'
import type { Store } from '../store/store.ts'
import { applyFile, clientFileOf } from './client-file.ts'
import { definitionsOf } from './definitions.ts'
import { storeTrouble } from './readiness.ts'
import { beginWithRootKeys } from './root-keys.ts'

export interface Surroundings {
  log: Log
  now: Clock
  /** What the machine itself says, where `now` is another: compared with the stores' clocks. */
  wall?: Clock
  /** One that nobody can set, in milliseconds since whenever. */
  steady?: Clock
  /** Stands between the product and its store, for tests that count or disturb. */
  instrument?: (store: Store) => Store
  /** How long a password waits to be checked, in milliseconds, for tests in which too many come. */
  passwordWait?: (() => number) | undefined
  /** Hears of each record of the trail when it is kept. */
  onRecord?: (record: AuditRecord) => void
  /** Hears how far an import is. */
  onImport?: Progress
  /** Of the embedded store, for tests that count. */
  database?: DatabaseOptions | undefined
  /**
   * The file of applications: `started` as a server starts, `left` alone by whoever works on the file itself. Anybody else
   * takes it only if there are no applications yet: no mail would know where to lead people to.
   */
  clientsFile?: 'started' | 'left'
  /** A command makes no store where there is none. A server is the only one on its file. */
  role?: 'server' | 'command'
}

export type Foundation = Awaited<ReturnType<typeof openFoundation>>

/** Opens the store; whoever asked closes it. */
export async function openFoundation(config: Config, surroundings: Surroundings) {
  const { instrument = (kept: Store) => kept } = surroundings
  const counters = metrics({ version: RELEASE, store: config.store.kind }, surroundings.now)
  const trouble = storeTrouble()
  const observer = together(counters.observeStore, trouble.observer, ...storeSpans())
  const opened = instrument(observed(await openStore(config, surroundings, observer), observer))
  return closedIfNot(opened, foundationOn(opened, { counters, onStoreTrouble: trouble.listen }, config, surroundings))
}

interface Watching {
  counters: Metrics
  /** Hears of every call that a store could not answer. */
  onStoreTrouble: (heard: () => void) => void
}

async function foundationOn(opened: Store, watching: Watching, config: Config, surroundings: Surroundings) {
  const { counters } = watching
  const { log, now } = surroundings
  const organizations = await openDirectory(opened, now)
  const durable = withMemory(opened.durable)
  const store = { ...opened, durable, expiring: artifactsWithMemory(opened.expiring) }
  const ring = keyring(config.keys)
  const serves = surroundings.clientsFile === 'started'
  await beginWithRootKeys({ ...opened, durable }, { ring, now, log, serves })
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const hears = { onEvent: counters.countEvent, onRecord: surroundings.onRecord }
  const { audit: record, writeRepeats } = auditing(durable, now, hears)
  const applications = await applicationsOf(config, ring, { durable, log, now })
  const { clients } = applications
  const clientFile = clientFileOf({ config, durable, now, ...applications })
  const apply = () => applyFile(clientFile, { config, clients, record, log })
  if (surroundings.clientsFile === 'started' || (clients.isEmpty() && surroundings.clientsFile !== 'left'))
    await apply()
  // Looked up each time: the application may be changed while the product runs.
  const home = () => homeOf(config, clients)
  const templates = views(join(config.root, 'views'), config.brand)
  const settings = `${config.issuer}/account`
  const writeMail: WriteMail = (name, locale, data) =>
    templates.mail(name, locale, { home: home()?.href, settings, ...data })
  return {
    config,
    log,
    now,
    store,
    organizations,
    admitted: admittedPeople(durable.people, organizations),
    ring,
    seal,
    wrap,
    ...watching,
    record,
    writeRepeats,
    ...applications,
    clientFile,
    /** Nobody else can call themselves so. */
    doctorAgent: `sigma-id-doctor/${hmac(ring.derive('doctor-agent'), 'agent').slice(0, 22)}`,
    notes: notes({ records: durable.clientMemories, key: ring.derive('client-memories'), now }),
    /** As a start does. */
    applyFile: apply,
    home,
    templates,
    writeMail,
    notice: notices(wrap, writeMail, now),
    attempts: throttle(durable, now),
    leftOpen: leftOpen(config.throttle, now),
    keys: signingKeys({ store: durable, seal, now, rotateAfter: config.signingKeys.rotateAfter }),
  }
}

/** All of them are read once; after that, what changes (app/chores.ts). */
async function openDirectory({ durable }: Store, now: Clock): Promise<Directory> {
  const { keys } = organizationKind
  return directory(await mirror({ records: durable.organizations, keys, clocksApart: CLOCKS_APART, now }))
}

/** Whoever asked closes a store only if they were given one. */
async function closedIfNot<T>(store: Store, opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (fault) {
    await store.close()
    throw fault
  }
}

async function openStore(config: Config, surroundings: Surroundings, observer: StoreObserver): Promise<Store> {
  const { log, now, database, role } = surroundings
  const { store, mongodbUrl, redisUrl } = config
  const onDerived: OnDerived = (told) => log.info(told, 'records are found by more: made anew')
  if (store.kind === 'embedded') {
    if (role === 'command') insistStore(config)
    const onCommit = observer('sqlite', 'commit')
    const onEnd = (milliseconds: number, fault?: unknown) =>
      onCommit(milliseconds, fault === undefined ? 'ok' : outcomeOf(fault))
    const onStep: OnStep = (told) =>
      log.info(
        told,
        `the file is brought up to this release${told.state === 'begun' ? ', and nobody is served meanwhile' : ''}`,
      )
    const open = () => openSqliteStore(storeFile(config), { onDerived, onStep, onEnd, ...database })
    if (role !== 'server') return open()
    const self = { process: process.pid, host: hostname(), release: RELEASE, since: now() }
    return openServed(storeFile(config), self, open, log)
  }
  // Loaded here, so that the embedded form starts without the drivers of servers that it has not got.
  const { openCluster } = await import('../store/cluster.ts')
  // Configuration has made sure that both are there.
  const onWarning = (text: string) => log.warn(text)
  return openCluster({ mongodb: mongodbUrl ?? '', redis: redisUrl ?? '', now, onWarning, onDerived })
}

/** What may be said of applications, and those that there are. */
async function applicationsOf(
  config: Config,
  ring: Keyring,
  { durable, log, now }: Pick<Surroundings, 'log' | 'now'> & { durable: Store['durable'] },
) {
  const { issuer, admin } = config
  const secret = clientSecret(config, ring)
  const { definitions: checked, api, names } = definitionsOf(config, secret)
  const origins = { account: issuer, admin: admin.origin ?? issuer }
  const clients = await registry({
    clients: durable.clients,
    resources: durable.resources,
    definitions: checked,
    secret,
    builtIn: builtInClients(origins, names, admin.require),
    ownResources: [api],
    clocksApart: CLOCKS_APART,
    now,
    log,
  })
  return {
    clients,
    definitions: checked,
    clientSecret: secret,
    productNames: Object.values(names),
    secretUses: secretUses(durable.clients, now),
  }
}

/** Where people go when nothing says where: the sign-in of the home application. */
function homeOf(config: Config, clients: Clients): { href: string; name: string } | undefined {
  const client = clients.find(config.homeClient)
  return client?.loginUri ? { href: client.loginUri, name: client.metadata.client_name } : undefined
}

/** In development a secret that is not in the environment is derived from the machine's own key, the same for both sides. */
function clientSecret(config: Config, ring: Keyring): Config['secret'] {
  if (config.production) return config.secret
  return (name) => config.secret(name) ?? hmac(ring.derive('client-secrets'), name)
}
