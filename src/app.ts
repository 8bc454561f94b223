/**
 * The composition root: the only file that knows which adapters are in use. `openCore` puts together what the product
 * can do, for the command line as well; `openApp` puts the web in front of it.
 */
import type { Server } from 'node:http'
import { join, resolve } from 'node:path'
import { LOCALES, type Locale } from './accounts/account.ts'
import type { WriteMail } from './accounts/links.ts'
import { links } from './accounts/links.ts'
import { signIn } from './accounts/login.ts'
import { networks } from './accounts/network.ts'
import { notices } from './accounts/notify.ts'
import { defaultGate, hasher } from './accounts/password.ts'
import { setPassword } from './accounts/set-password.ts'
import type { AdminContext } from './admin/verb.ts'
import { audit } from './audit/audit.ts'
import { metrics } from './audit/metrics.ts'
import type { Config } from './config.ts'
import { courier, type Handlers } from './delivery/courier.ts'
import { type Outbox, outbox } from './delivery/outbox.ts'
import type { SendEmail, SendSms } from './delivery/ports.ts'
import { wrapper } from './delivery/queue.ts'
import { failover } from './delivery/sms-failover.ts'
import { httpGateway, twilio } from './delivery/sms-gateway.ts'
import { background, type Task } from './lib/background.ts'
import { hmac, keyring, sealer } from './lib/crypto.ts'
import { AppError } from './lib/errors.ts'
import type { Log } from './lib/log.ts'
import { throttle } from './lib/throttle.ts'
import { type Clock, MINUTE, SECOND } from './lib/time.ts'
import { ladder } from './mfa/assurance.ts'
import type { CampaignRules } from './mfa/campaign.ts'
import { challenges } from './mfa/challenge.ts'
import { enrollments } from './mfa/enrollment.ts'
import { backup, temporary, totp } from './mfa/factors.ts'
import { rememberedDevices } from './mfa/remembered-device.ts'
import { secondFactorsOf, standingOf } from './mfa/second-factors.ts'
import { smsCodes } from './mfa/sms.ts'
import { smsText } from './mfa/sms-code.ts'
import { smsLimits } from './mfa/sms-limits.ts'
import { type Clients, loadClients } from './oidc/client.ts'
import { signingKeys } from './oidc/keys.ts'
import { type Oidc, oidc } from './oidc/provider.ts'
import { type Sessions, sessions } from './oidc/sessions.ts'
import { portal } from './portal/portal.ts'
import { openSqliteStore } from './store/sqlite/open.ts'
import type { Store } from './store/store.ts'
import { assets } from './web/assets.ts'
import { assetRoutes } from './web/assets-route.ts'
import { challengePages } from './web/challenge.ts'
import { consentPages } from './web/consent.ts'
import { cookieJar } from './web/cookies.ts'
import { countryList } from './web/countries.ts'
import { csrf } from './web/csrf.ts'
import { developmentPages } from './web/development.ts'
import { deviceCookie } from './web/device-cookie.ts'
import { enrollPages } from './web/enroll.ts'
import { stagePages } from './web/enroll-stages.ts'
import { errorPages } from './web/errors.ts'
import { homePage } from './web/home.ts'
import { interactionPages, sittings } from './web/interaction.ts'
import { linkPages } from './web/link-pages.ts'
import { loginPages } from './web/login.ts'
import { operations } from './web/operations.ts'
import { pages } from './web/page.ts'
import { providerPages } from './web/provider-pages.ts'
import { rememberedAddresses } from './web/remembered-addresses.ts'
import { webServer } from './web/server.ts'
import { views } from './web/views.ts'

export interface Surroundings {
  log: Log
  now: Clock
  /** Stands between the product and its store, for tests that count or disturb. */
  instrument?: (store: Store) => Store
}

export type Core = ReturnType<typeof openCore>

/** Everything but the web. The store is opened here, and closed with `close`. */
export function openCore(config: Config, { log, now, instrument = (store) => store }: Surroundings) {
  const store = instrument(openStore(config))
  const ring = keyring(config.keys)
  const seal = sealer(ring, 'records')
  const wrap = wrapper(seal, now)
  const counters = metrics()
  const record = audit(store.durable, now, counters.countEvent)
  const clients = loadClients({
    file: resolve(config.root, config.clients),
    production: config.production,
    secret: clientSecret(config, ring),
  })
  const home = homeOf(config, clients)
  const templates = views(join(config.root, 'views'), config.brand)
  const writeMail: WriteMail = (name, locale, data) => templates.mail(name, locale, { ...data, home: home?.href })
  const attempts = throttle(store.durable, now)
  const keys = signingKeys({ store: store.durable, seal, now, rotateAfter: config.signingKeys.rotateAfter })
  const oneTimeLinks = links({
    store: store.durable,
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
  const admin: AdminContext = { links: oneTimeLinks, keys, audit: record, trail: store.durable }
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
    attempts,
    keys,
    links: oneTimeLinks,
    admin,
    close: () => store.close(),
  }
}

export interface App {
  /** The provider and its pages. */
  web: Server
  /** Health, readiness and metrics. */
  operations: Server
  /** The demonstration portal, in development. */
  portal: ReturnType<typeof portal> | undefined
  oidc: Oidc
  core: Core
  /** Delivers everything that is due; for tests and for the last moments of a process. */
  drain(): Promise<number>
  /** Everything that is otherwise done in the background, once; for tests. */
  tidy(): Promise<void>
  /** Begins the work in the background: deliveries, key rotation, cleaning. */
  start(): void
  /** From now on `/readyz` says no. */
  drainRequests(): void
  close(): Promise<void>
}

export async function openApp(config: Config, surroundings: Surroundings): Promise<App> {
  const { log, now } = surroundings
  const core = openCore(config, surroundings)
  const { store, ring, seal, wrap, record, clients, home, templates, attempts, links } = core
  const secure = config.issuer.startsWith('https:')
  const cookies = cookieJar(secure)
  const tokens = csrf(ring.deriveAll('csrf'), cookies)
  const page = pages(templates, tokens, cookies)
  const errors = errorPages({ pages: page, log, home })
  const artifacts = { ...store.expiring, enqueue: store.durable.enqueue }

  const provider = await oidc({
    issuer: config.issuer,
    store: { ...artifacts, findAccount: store.durable.findAccount },
    seal,
    ring,
    keys: core.keys,
    clients,
    ladder: ladder(config.assurance.names, config.assurance.aliases),
    secondFactors: secondFactorsOf(store.durable, campaignOf(config), now),
    pages: providerPages({ pages: page, errors, home }),
    audit: record,
    wrap,
    log,
    now,
    session: config.session,
    egress: config.egress,
  })

  const ended = sessions({ store: artifacts, seal, wrap, clients, audit: record, now })
  // A key that somebody's password needs must not be missing: better no start than people who cannot sign in.
  for (const key of await store.durable.listHashKeys()) ring.derive('pepper', key)
  const passwords = hasher({ pepper: ring, gate: defaultGate() })
  const password = setPassword({
    store: store.durable,
    links,
    hasher: passwords,
    throttle: attempts,
    audit: record,
    wrap,
    writeMail: core.writeMail,
    now,
    minimum: config.password.minimum,
    words: [...config.password.words, config.brand.name, config.brand.product],
    async endSessions(accountId) {
      await store.durable.removeDevices(accountId)
      await ended.endAll(accountId)
    },
  })

  const { sendEmail, sendSms, box, closeMail } = await carriers(config, log, now)
  const handlers: Handlers = {
    async email({ link, ...email }, { id }) {
      if (link) await store.durable.renewLink(link.digest, now() + link.lifetime)
      await sendEmail(email, id)
    },
    sms: ({ to, text }, { id }) => sendSms(to, text, id),
    link: (content) => links.send(content),
    async logout(content) {
      await provider.sendLogout(content)
      await record({ type: 'logout.notified', outcome: 'ok', subject: content.accountId, client: content.clientId })
    },
  }
  const deliveries = courier({
    store: store.durable,
    seal,
    handlers,
    now,
    log,
    onGivenUp: (channel, reason) =>
      record({ type: 'delivery.failed', outcome: 'failed', details: { channel, reason } }),
  })
  core.counters.watchBacklog(async () => {
    const { waiting, oldest } = await store.durable.backlog()
    return { waiting, age: oldest === undefined ? 0 : (now() - oldest) / SECOND }
  })

  const mfa = openMfa(core)
  const sitting = sittings(page, cookies)
  const devices = deviceCookie(mfa.devices, cookies)
  const prompts = [
    ...loginPages({
      store: store.durable,
      signIn: signIn({
        store: store.durable,
        hasher: passwords,
        throttle: attempts,
        audit: record,
        networks,
        now,
        limits: config.throttle,
        notice: notices(wrap, core.writeMail),
      }),
      sittings: sitting,
      cookies,
      devices,
      remembered: rememberedAddresses(seal, cookies),
      now,
    }),
    challengePages({ store: store.durable, challenges: mfa.challenges, sms: mfa.sms, devices, sittings: sitting, now }),
    enrollPages({
      store: store.durable,
      enrollments: mfa.enrollments,
      sms: mfa.sms,
      standing: (account) => standingOf(campaignOf(config), account, now()),
      sittings: sitting,
      stages: stagePages({
        house: config.twoStep.house,
        product: config.brand.product,
        countries: countryList(config.twoStep.sms.countries),
        now,
      }),
      now,
    }),
    consentPages(sitting),
  ]

  const web = webServer({
    issuer: config.issuer,
    trustedProxies: config.trustedProxies,
    cookieKeys: ring.deriveAll('cookies').map((key) => key.toString('base64url')),
    errors,
    routers: [
      assetRoutes(assets(join(config.root, 'views'), config.brand)),
      homePage({ clients, outbox: box !== undefined, pages: page }),
      interactionPages({ oidc: provider, csrf: tokens, sittings: sitting, prompts }),
      linkPages({
        links,
        passwords: password,
        pages: page,
        csrf: tokens,
        cookies,
        throttle: attempts,
        networks,
        minimum: config.password.minimum,
        home: home?.href ?? config.issuer,
      }),
      ...(box ? [developmentPages(box.list, page)] : []),
    ],
    provider: provider.handle,
    metrics: core.counters,
    log,
  })

  let draining = false
  const maintenance = background(chores(core, provider, ended), log)
  return {
    web,
    operations: operations({ ready: async () => !draining && (await answers(store)), metrics: core.counters }),
    portal: config.portal && demonstration(config, core),
    oidc: provider,
    core,
    drain: () => deliveries.drain(),
    tidy: () => maintenance.once(),
    start() {
      deliveries.start()
      maintenance.start()
    },
    drainRequests() {
      draining = true
    },
    async close() {
      await maintenance.stop()
      await deliveries.stop()
      closeMail()
      await store.close()
    },
  }
}

/** Second factors: what there is to prove, to set up and to remember. */
function openMfa({ config, store, seal, ring, wrap, writeMail, templates, attempts, record, now }: Core) {
  const notice = notices(wrap, writeMail)
  const { durable } = store
  const common = { store: durable, seal, throttle: attempts, audit: record, notice, now }
  const { countries, perCountryHour, perNetworkHour } = config.twoStep.sms
  const host = new URL(config.issuer).hostname
  const words = (locale: Locale, code: string) => templates.translate(locale)('sms.code', { code })
  // A text that is too long for one message should stop the start, not the first person who needs it.
  for (const locale of LOCALES) smsText('000000', host, (code) => words(locale, code))
  const limits = smsLimits({ throttle: attempts, now, networks, rules: { perCountryHour, perNetworkHour } })
  const sms = smsCodes({ ...common, ring, wrap, limits, words, host, countries })
  const factors = [totp(durable, seal, now), sms.factor, backup(durable, notice, now), temporary(durable, ring, now)]
  return {
    sms,
    challenges: challenges({ ...common, factors }),
    enrollments: enrollments(common),
    devices: rememberedDevices(common),
  }
}

function campaignOf({ twoStep }: Config): CampaignRules {
  return twoStep.campaign
}

function openStore(config: Config): Store {
  return openSqliteStore(join(config.data, 'sigma-id.db'))
}

async function answers(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  )
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

interface Carriers {
  sendEmail: SendEmail
  sendSms: SendSms
  box: Outbox | undefined
  closeMail: () => void
}

async function carriers(config: Config, log: Log, now: Clock): Promise<Carriers> {
  const box = config.production ? undefined : outbox(join(config.data, 'outbox'), now)
  const mail = config.smtpUrl ? await mailServer(config.smtpUrl, config.mail.from) : undefined
  const sendEmail = mail ?? box?.sendEmail
  if (!sendEmail) throw new AppError('no-mail', 'SIGMA_SMTP_URL is missing')
  const noSms: SendSms = async () => {
    throw new AppError('no-sms', 'no carrier for text messages is configured: twoStep.sms.carriers')
  }
  const sendSms = smsCarrier(config, log, now) ?? box?.sendSms ?? noSms
  return { sendEmail, sendSms, box, closeMail: () => mail?.close() }
}

/** Loaded when there is one: development starts without it. */
async function mailServer(url: string, from: string) {
  const { smtp } = await import('./delivery/smtp.ts')
  return smtp({ url, from })
}

function smsCarrier(config: Config, log: Log, now: Clock): SendSms | undefined {
  const [first, second] = config.twoStep.sms.carriers.map((carrier) => {
    const token = config.secret(carrier.token)
    if (!token) throw new AppError('no-sms', `${carrier.token} is not set in the environment`)
    if (carrier.kind === 'http') return httpGateway({ url: carrier.url, token })
    const { accountSid, from, messagingServiceSid } = carrier
    return twilio({ accountSid, authToken: token, from, messagingServiceSid })
  })
  return first && second ? failover(first, second, { now, log }) : first
}

function demonstration(config: Config, core: Core): ReturnType<typeof portal> {
  const client = core.clients.find('portal')?.metadata
  if (!client?.client_secret || !client.client_uri)
    throw new AppError('no-portal', 'config/clients.yaml has no client «portal» with client_uri and client_secret')
  const files = assets(join(config.root, 'views'), config.brand)
  const { names } = config.assurance
  return portal({
    issuer: config.issuer,
    issuerName: config.brand.product,
    origin: client.client_uri,
    clientId: client.client_id,
    clientSecret: client.client_secret,
    views: core.templates,
    now: core.now,
    log: core.log,
    assets: (path) => files.get(path),
    assurance: { mfa: names.mfa, sufficient: [names.mfa, names.phishingResistant] },
  })
}

/** Takes up rotated keys within seconds, rotates when it is time, ends what has run out, and cleans up. */
function chores({ store, keys, now, record }: Core, provider: Oidc, ended: Sessions): Task[] {
  return [
    { every: 2 * SECOND, run: () => provider.refresh() },
    {
      every: MINUTE,
      run: async () => {
        if ((await keys.rotateIfDue()) === 'rotated') await record({ type: 'key.rotated', outcome: 'ok' })
      },
    },
    {
      every: MINUTE,
      run: async () => {
        // Applications hear of a session before its record is swept away.
        const at = now()
        while ((await ended.endExpired()) > 0);
        await store.expiring.sweepArtifacts(at)
      },
    },
    {
      every: 5 * MINUTE,
      run: async () => {
        await store.durable.sweepCounters(now())
        await store.durable.sweepAccounts(now())
        await store.durable.sweepMfa(now())
      },
    },
  ]
}
