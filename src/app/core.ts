/**
 * What the product can do, put together without the web in front of it: all that the command line needs. With app.ts the
 * only place that knows which adapters are in use.
 */
import { join, resolve } from 'node:path'
import { accountLife } from '../accounts/life.ts'
import type { WriteMail } from '../accounts/links.ts'
import { links } from '../accounts/links.ts'
import { notices } from '../accounts/notify.ts'
import { personData } from '../admin/person-data.ts'
import type { AdminContext } from '../admin/verb.ts'
import { audit } from '../audit/audit.ts'
import { metrics } from '../audit/metrics.ts'
import type { Config } from '../config.ts'
import { wrapper } from '../delivery/queue.ts'
import { hmac, keyring, sealer } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import { throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import { ladder } from '../mfa/assurance.ts'
import { everyKey } from '../mfa/challenge.ts'
import { ownFactors } from '../mfa/own-factors.ts'
import { houseClients, withHouse } from '../oidc/built-in-client.ts'
import { type Clients, loadClients } from '../oidc/client.ts'
import { signingKeys } from '../oidc/keys.ts'
import { ownSessions } from '../oidc/own-sessions.ts'
import { sessionLife } from '../oidc/session-life.ts'
import { sessions } from '../oidc/sessions.ts'
import { recovery } from '../recovery/recovery.ts'
import { views } from '../render/views.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import type { Store } from '../store/store.ts'

export interface Surroundings {
  log: Log
  now: Clock
  /** What the machine itself says, where `now` is another: compared with the stores' clocks. */
  wall?: Clock
  /** Stands between the product and its store, for tests that count or disturb. */
  instrument?: (store: Store) => Store
}

export type Core = Awaited<ReturnType<typeof openCore>>

/** Everything but the web. The store is opened here, and closed with `close`. */
export async function openCore(config: Config, { log, now, instrument = (store) => store }: Surroundings) {
  const store = instrument(await openStore(config, log, now))
  const { durable } = store
  const ring = keyring(config.keys)
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const counters = metrics()
  const record = audit(durable, now, counters.countEvent)
  const product = config.brand.product
  const clients = withHouse(
    loadClients({
      file: resolve(config.root, config.clients),
      production: config.production,
      secret: clientSecret(config, ring),
      acrValues: ladder(config.assurance.names, config.assurance.aliases).supported,
    }),
    houseClients({ account: config.issuer, admin: config.admin?.origin ?? config.issuer }, ring, {
      account: product,
      admin: `${product} Admin`,
    }),
  )
  const home = homeOf(config, clients)
  const templates = views(join(config.root, 'views'), config.brand)
  const settings = `${config.issuer}/account`
  const writeMail: WriteMail = (name, locale, data) =>
    templates.mail(name, locale, { home: home?.href, settings, ...data })
  const notice = notices(wrap, writeMail, now)
  const attempts = throttle(durable, now)
  const keys = signingKeys({ store: durable, seal, now, rotateAfter: config.signingKeys.rotateAfter })
  const oneTimeLinks = links({
    store: durable,
    wrap,
    writeMail,
    throttle: attempts,
    audit: record,
    now,
    issuer: config.issuer,
    home: home?.href ?? config.issuer,
    lifetimes: config.links,
    perHour: config.throttle.linksPerHour,
  })

  const life = sessionLife(config.session, now)
  const artifacts = { ...store.expiring, enqueue: durable.enqueue }
  const ended = sessions({
    store: { ...artifacts, findAccount: durable.findAccount, removeDevices: durable.removeDevices },
    life,
    seal,
    wrap,
    clients,
    audit: record,
    log,
    now,
    absolute: config.session.absolute,
  })
  const lifecycle = accountLife({
    store: durable,
    links: oneTimeLinks,
    throttle: attempts,
    audit: record,
    notice,
    now,
    endSessions: ended.endAll,
    forget: (accountId) => attempts.reset(...everyKey(accountId)),
  })
  const own = ownSessions({
    store: artifacts,
    sessions: ended,
    clients,
    wrap,
    audit: record,
    notice,
    signOut: lifecycle.signOut,
    now,
    idle: config.session.idle,
  })
  const cases = recovery({
    store: durable,
    seal,
    ring,
    throttle: attempts,
    audit: record,
    notice,
    now,
    issuer: config.issuer,
    caseLife: config.helpDesk.caseLife,
    codeLife: config.helpDesk.codeLife,
  })
  const factors = ownFactors({
    store: durable,
    campaign: config.twoStep.campaign,
    throttle: attempts,
    audit: record,
    notice,
    now,
  })
  const data = personData({
    factors,
    recovery: cases,
    trail: durable,
    sessions: (account) => own.list(account, ''),
    applications: own.applications,
  })
  const admin: AdminContext = {
    links: oneTimeLinks,
    keys,
    audit: record,
    trail: durable,
    accounts: durable,
    life: lifecycle,
    factors,
    recovery: cases,
    personData: data,
    endSessions: ended.endAll,
    tell: (account, name) => durable.enqueue(notice(account, name, {})),
    log,
  }
  return {
    config,
    log,
    now,
    store,
    ring,
    seal,
    wrap,
    counters,
    record,
    clients,
    home,
    templates,
    writeMail,
    notice,
    attempts,
    keys,
    links: oneTimeLinks,
    life,
    sessions: ended,
    ownSessions: own,
    factors,
    recovery: cases,
    personData: data,
    admin,
    close: () => store.close(),
  }
}

async function openStore({ store, data, mongodbUrl, redisUrl }: Config, log: Log, now: Clock): Promise<Store> {
  if (store.kind === 'embedded') return openSqliteStore(join(data, 'sigma-id.db'))
  // Loaded here, so that the embedded form starts without the drivers of servers that it has not got.
  const { openCluster } = await import('../store/cluster.ts')
  // Configuration has made sure that both are there.
  return openCluster({ mongodb: mongodbUrl ?? '', redis: redisUrl ?? '', now, onWarning: (text) => log.warn(text) })
}

/** Where people go when nothing says where: the sign-in of the home application. */
function homeOf(config: Config, clients: Clients): { href: string; name: string } | undefined {
  const client = clients.find(config.homeClient)
  return client?.loginUri ? { href: client.loginUri, name: client.metadata.client_name } : undefined
}

/** In development a secret that is not in the environment is derived from the machine's own key, the same for both sides. */
function clientSecret(config: Config, ring: ReturnType<typeof keyring>): Config['secret'] {
  if (config.production) return config.secret
  return (name) => config.secret(name) ?? hmac(ring.derive('client-secrets'), name)
}
