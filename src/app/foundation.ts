/** What everything stands on: the store, the keys, the texts and who the clients are. The only place that picks a store. */
import { join, resolve } from 'node:path'
import type { WriteMail } from '../accounts/links.ts'
import { notices } from '../accounts/notify.ts'
import { audit } from '../audit/audit.ts'
import { metrics } from '../audit/metrics.ts'
import { type Clients, loadClients } from '../client/client.ts'
import type { Config } from '../config.ts'
import { wrapper } from '../delivery/queue.ts'
import { hmac, type Keyring, keyring, sealer } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import { throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import { ladder } from '../mfa/assurance.ts'
import { builtInClients, withBuiltIn } from '../oidc/built-in-client.ts'
import { signingKeys } from '../oidc/keys.ts'
import { views } from '../render/views.ts'
import { artifactsWithMemory, withMemory } from '../store/request-memory.ts'
import type { DatabaseOptions } from '../store/sqlite/database.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import type { Store } from '../store/store.ts'

export interface Surroundings {
  log: Log
  now: Clock
  /** What the machine itself says, where `now` is another: compared with the stores' clocks. */
  wall?: Clock
  /** Stands between the product and its store, for tests that count or disturb. */
  instrument?: (store: Store) => Store
  /** Of the embedded store, for tests that count. */
  database?: DatabaseOptions | undefined
}

export type Foundation = Awaited<ReturnType<typeof openFoundation>>

/** Opens the store; whoever asked closes it. */
export async function openFoundation(config: Config, surroundings: Surroundings) {
  const { log, now, instrument = (kept: Store) => kept } = surroundings
  const opened = instrument(await openStore(config, surroundings))
  const durable = withMemory(opened.durable)
  const store = { ...opened, durable, expiring: artifactsWithMemory(opened.expiring) }
  const ring = keyring(config.keys)
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const counters = metrics()
  const clients = clientsOf(config, ring)
  const home = homeOf(config, clients)
  const templates = views(join(config.root, 'views'), config.brand)
  const settings = `${config.issuer}/account`
  const writeMail: WriteMail = (name, locale, data) =>
    templates.mail(name, locale, { home: home?.href, settings, ...data })
  return {
    config,
    log,
    now,
    store,
    ring,
    seal,
    wrap,
    counters,
    record: audit(durable, now, counters.countEvent),
    clients,
    home,
    templates,
    writeMail,
    notice: notices(wrap, writeMail, now),
    attempts: throttle(durable, now),
    keys: signingKeys({ store: durable, seal, now, rotateAfter: config.signingKeys.rotateAfter }),
  }
}

async function openStore(config: Config, { log, now, database }: Surroundings): Promise<Store> {
  const { store, data, mongodbUrl, redisUrl } = config
  if (store.kind === 'embedded') return openSqliteStore(join(data, 'sigma-id.db'), database)
  // Loaded here, so that the embedded form starts without the drivers of servers that it has not got.
  const { openCluster } = await import('../store/cluster.ts')
  // Configuration has made sure that both are there.
  return openCluster({ mongodb: mongodbUrl ?? '', redis: redisUrl ?? '', now, onWarning: (text) => log.warn(text) })
}

function clientsOf(config: Config, ring: Keyring): Clients {
  const { issuer, admin, assurance, brand } = config
  const configured = loadClients({
    file: resolve(config.root, config.clients),
    production: config.production,
    secret: clientSecret(config, ring),
    acrValues: ladder(assurance.names, assurance.aliases).supported,
  })
  const origins = { account: issuer, admin: admin?.origin ?? issuer }
  return withBuiltIn(
    configured,
    builtInClients(origins, ring, { account: brand.product, admin: `${brand.product} Admin` }),
  )
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
