/**
 * The composition root: what the core can do, with the provider, the pages and the carriers around it. With core.ts the
 * only place that knows which adapters are in use.
 */
import type { Server } from 'node:http'
import { join } from 'node:path'
import { signIn } from '../accounts/login.ts'
import { networks } from '../accounts/network.ts'
import { defaultGate, hasher } from '../accounts/password.ts'
import { setPassword } from '../accounts/set-password.ts'
import type { Config } from '../config.ts'
import { courier, type Handlers } from '../delivery/courier.ts'
import { background } from '../lib/background.ts'
import { AppError } from '../lib/errors.ts'
import { SECOND, systemClock } from '../lib/time.ts'
import { ladder } from '../mfa/assurance.ts'
import { type CampaignRules, nobodys } from '../mfa/campaign.ts'
import { challenges, endWaits } from '../mfa/challenge.ts'
import { enrollments } from '../mfa/enrollment.ts'
import { backup, temporary, totp } from '../mfa/factors.ts'
import { rememberedDevices } from '../mfa/remembered-device.ts'
import { secondFactorsOf, standingOf } from '../mfa/second-factors.ts'
import { smsCodes } from '../mfa/sms.ts'
import { smsLimits } from '../mfa/sms-limits.ts'
import { browserSession } from '../oidc/browser-session.ts'
import { type Oidc, oidc } from '../oidc/provider.ts'
import type { Locale } from '../person/account.ts'
import { portal } from '../portal/portal.ts'
import { assets } from '../render/assets.ts'
import { assetRoutes } from '../web/assets-route.ts'
import { cookieJar } from '../web/cookies.ts'
import { countryList } from '../web/countries.ts'
import { csrf } from '../web/csrf.ts'
import { developmentPages } from '../web/development.ts'
import { deviceCookie } from '../web/device-cookie.ts'
import { errorPages } from '../web/errors.ts'
import { homePage } from '../web/home.ts'
import { linkPages } from '../web/links/passwords.ts'
import { operations } from '../web/operations.ts'
import { pages } from '../web/page.ts'
import { providerPages } from '../web/provider-pages.ts'
import { seatCookie } from '../web/seat-cookie.ts'
import { webServer } from '../web/server.ts'
import { challengePages } from '../web/sign-in/challenge.ts'
import { consentPages } from '../web/sign-in/consent.ts'
import { enrollPages } from '../web/sign-in/enroll.ts'
import { stagePages } from '../web/sign-in/enroll-stages.ts'
import { interactionPages, sittings } from '../web/sign-in/interaction.ts'
import { loginPages } from '../web/sign-in/login.ts'
import { rememberedAddresses } from '../web/sign-in/remembered-addresses.ts'
import { carriers } from './carriers.ts'
import { chores, keyChores } from './chores.ts'
import { type Core, openCore, type Surroundings } from './core.ts'
import { housePages } from './house-pages.ts'
import { readiness } from './readiness.ts'

export interface App {
  /** The provider and its pages. */
  web: Server
  /** Health, readiness and metrics. */
  operations: Server
  /** `/admin`, where the configuration gives it a listener of its own. */
  admin: Server | undefined
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
  const core = await openCore(config, surroundings)
  const { store, ring, seal, wrap, record, clients, home, templates, attempts, links, notice } = core
  const { durable } = store
  const secure = config.issuer.startsWith('https:')
  const cookies = cookieJar(secure)
  const seats = seatCookie(cookies)
  const tokens = csrf(ring.deriveAll('csrf'), cookies)
  const page = pages(templates, tokens, cookies)
  const errors = errorPages({ pages: page, log, home })
  const secondFactors = secondFactorsOf(durable, campaignOf(config), now)

  const provider = await oidc({
    issuer: config.issuer,
    store: { ...store.expiring, enqueue: durable.enqueue, findAccount: durable.findAccount },
    leases: store.leases,
    seal,
    ring,
    keys: core.keys,
    clients,
    ladder: ladder(config.assurance.names, config.assurance.aliases),
    secondFactors,
    pages: providerPages({ pages: page, errors, seats, home, development: !config.production }),
    seats,
    audit: record,
    wrap,
    log,
    now,
    session: config.session,
    refreshGrace: config.tokens.refreshGrace,
    egress: config.egress,
  })

  // A key that somebody's password needs must not be missing: better no start than people who cannot sign in.
  for (const key of await durable.listHashKeys()) ring.derive('pepper', key)
  const passwords = hasher({ pepper: ring, gate: defaultGate() })
  const policy = {
    minimum: config.password.minimum,
    words: [...config.password.words, config.brand.name, config.brand.product],
  }
  const common = { store: durable, throttle: attempts, audit: record, notice, now }
  const password = setPassword({
    ...common,
    ...policy,
    links,
    hasher: passwords,
    async endSessions(accountId) {
      await endWaits(attempts, accountId)
      await core.sessions.endAll(accountId)
    },
  })

  const { sendEmail, sendSms, box, closeMail } = await carriers(config, log, now)
  const handlers: Handlers = {
    async email({ link, ...email }, { id }) {
      if (link) await durable.renewLink(link.digest, now() + link.lifetime)
      await sendEmail(email, id)
    },
    sms: ({ to, text }, { id }) => sendSms(to, text, id),
    link: (content) => links.send(content),
    async logout(content) {
      await provider.sendLogout(content)
      await record({ type: 'logout.notified', outcome: 'ok', subject: content.accountId, client: content.clientId })
    },
  }
  const health = readiness({ store, wall: surroundings.wall ?? systemClock, log })
  const deliveries = courier({
    store: {
      ...durable,
      // By a wrong clock it would take what another node has in hand.
      claim: async (at, leasedUntil, limit) =>
        (await health.clockIsRight()) ? durable.claim(at, leasedUntil, limit) : [],
    },
    seal,
    handlers,
    now,
    log,
    onGivenUp: (channel, reason) =>
      record({ type: 'delivery.failed', outcome: 'failed', details: { channel, reason } }),
  })
  core.counters.watchBacklog(async () => {
    const { waiting, oldest } = await durable.backlog()
    return { waiting, age: oldest === undefined ? 0 : (now() - oldest) / SECOND }
  })

  const mfa = openMfa(core)
  const sitting = sittings(page)
  const devices = deviceCookie(mfa.devices, cookies)
  const countries = countryList(config.twoStep.sms.countries)
  const ours = housePages({
    core,
    provider,
    secondFactors,
    hasher: passwords,
    policy,
    sms: mfa.sms,
    countries,
    pages: page,
    cookies,
    csrf: tokens,
    seats,
  })
  const prompts = [
    ...loginPages({
      store: durable,
      signIn: signIn({ ...common, hasher: passwords, networks, ring, limits: config.throttle }),
      sittings: sitting,
      cookies,
      devices,
      remembered: rememberedAddresses(seal, cookies),
      now,
    }),
    challengePages({
      store: durable,
      challenges: mfa.challenges,
      sms: mfa.sms,
      devices,
      recovery: core.recovery,
      sittings: sitting,
      now,
    }),
    enrollPages({
      store: durable,
      enrollments: mfa.enrollments,
      sms: mfa.sms,
      standing: (account) => standingOf(campaignOf(config), account, now()),
      sittings: sitting,
      stages: stagePages({ house: config.twoStep.house, product: config.brand.product, countries, now }),
      endOthers: ours.endOthers,
      now,
    }),
    consentPages(sitting),
  ]

  const files = assetRoutes(assets(join(config.root, 'views'), config.brand))
  const listener = {
    trustedProxies: config.trustedProxies,
    cookieKeys: ring.deriveAll('cookies').map((key) => key.toString('base64url')),
    errors,
    pages: page,
    metrics: core.counters,
    log,
  }
  const web = webServer({
    ...listener,
    issuer: config.issuer,
    routers: [
      files,
      homePage({ clients, outbox: box !== undefined, pages: page }),
      interactionPages({ oidc: provider, csrf: tokens, seats, sittings: sitting, prompts }),
      linkPages({
        links,
        passwords: password,
        pages: page,
        csrf: tokens,
        cookies,
        throttle: attempts,
        networks,
        session: browserSession({ oidc: provider, store: durable, sessions: core.sessions, audit: record }),
        forget: ours.forget,
        minimum: config.password.minimum,
        home: home?.href ?? config.issuer,
      }),
      ...ours.account,
      ...(config.admin ? [] : ours.admin),
      ...(box ? [developmentPages(box.list, page)] : []),
    ],
    provider: provider.handle,
  })
  const admin = config.admin && webServer({ ...listener, issuer: config.admin.origin, routers: [files, ...ours.admin] })

  let draining = false
  const maintenance = background(chores(core, health.clockIsRight), log)
  const rotation = background(keyChores(provider), log)
  return {
    web,
    operations: operations({
      troubles: async () => (draining ? ['stopping'] : health.troubles()),
      metrics: core.counters,
    }),
    admin,
    portal: config.portal && demonstration(config, core),
    oidc: provider,
    core,
    drain: () => deliveries.drain(),
    async tidy() {
      await rotation.once()
      await maintenance.once()
    },
    start() {
      checkCampaign(core).catch((fault: unknown) => log.warn({ fault }, 'campaign'))
      deliveries.start()
      rotation.start()
      maintenance.start()
      health.start()
    },
    drainRequests() {
      draining = true
    },
    async close() {
      health.stop()
      await rotation.stop()
      await maintenance.stop()
      await deliveries.stop()
      closeMail()
      await store.close()
    },
  }
}

/** Second factors: what there is to prove, to set up and to remember. */
function openMfa({ config, store, seal, ring, wrap, notice, templates, attempts, record, now }: Core) {
  const { durable } = store
  const common = { store: durable, seal, throttle: attempts, audit: record, notice, now }
  const { countries, perCountryHour, perNetworkHour } = config.twoStep.sms
  const host = new URL(config.issuer).hostname
  const words = (locale: Locale, code: string) => templates.translate(locale)('sms.code', { code })
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

/** A name that is misspelled asks nobody for anything, and nobody notices. */
async function checkCampaign({ config, store, log }: Core): Promise<void> {
  const campaign = campaignOf(config)
  if (campaign.organizations.size === 0) return
  const organizations = nobodys(campaign, await store.durable.listOrganizations())
  if (organizations.length > 0) log.warn({ organizations }, 'the campaign names organizations of which nobody is')
}

function campaignOf({ twoStep }: Config): CampaignRules {
  return twoStep.campaign
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
