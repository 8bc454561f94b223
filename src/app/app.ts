/** All of the product: the core, a file for each door in front of it, and what goes on behind it. */
import type { Server } from 'node:http'
import { join } from 'node:path'
import { auditLines } from '../audit/lines.ts'
import type { Config } from '../config.ts'
import { background } from '../lib/background.ts'
import { cookieSigner } from '../lib/cookie-signer.ts'
import { systemClock } from '../lib/time.ts'
import { namesOfNobody } from '../mfa/organization-campaign.ts'
import { sessionCookie } from '../oidc/profile.ts'
import type { Oidc } from '../oidc/provider.ts'
import { assets } from '../render/assets.ts'
import { assetRoutes } from '../web/assets-route.ts'
import { changePasswordRoute } from '../web/change-password.ts'
import { developmentPages } from '../web/development.ts'
import { homePage } from '../web/home.ts'
import { logoRoutes } from '../web/logo-route.ts'
import { operations } from '../web/operations.ts'
import { relatedOriginsRoute } from '../web/related-origins.ts'
import { webServer } from '../web/server.ts'
import { accountDoor, ownAddresses } from './account.ts'
import { adminDoor } from './admin.ts'
import { apiDoor } from './api.ts'
import { backupsOf } from './backups.ts'
import { browserSessions, openSessions } from './browser.ts'
import {
  campaignChores,
  chores,
  clientChores,
  clockChores,
  followChores,
  invitationChores,
  keyChores,
  organizationChores,
  passwordChores,
  repeatChores,
} from './chores.ts'
import { type Core, openCore } from './core.ts'
import { type Deliveries, deliveries } from './deliveries.ts'
import { type Demonstrated, demonstrations, isDemonstrated } from './demonstration.ts'
import { doctorActing } from './doctor-acting.ts'
import type { Surroundings } from './foundation.ts'
import { type Front, front } from './front.ts'
import { linkDoors } from './links.ts'
import { type Passwords, passwords } from './passwords.ts'
import { type ProviderDoor, providerDoor } from './provider.ts'
import { readiness } from './readiness.ts'
import { removalHold } from './removal-hold.ts'
import { rootKeyChores } from './root-keys.ts'
import { secondSteps } from './second-steps.ts'
import { signInDoor } from './sign-in.ts'
import { watching } from './watching.ts'

export interface App {
  /** The provider and its pages. */
  web: Server
  /** Health, readiness and metrics. */
  operations: Server
  /** `/admin`, where the configuration gives it a listener of its own. */
  admin: Server | undefined
  /** The demonstration portal and the others beside it, in development. */
  demonstrations: Demonstrated[]
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
  const core = await openCore(config, {
    ...surroundings,
    clientsFile: 'started',
    onRecord: linesOf(config, surroundings),
  })
  core.clients.prepare()
  const { store, counters, log } = core
  core.letDoctorAct(doctorActing(core))
  const before = front(core)
  const provider = await providerDoor(core, before)
  const { wall = systemClock, steady = () => performance.now() } = surroundings
  const health = readiness({ store, wall, log })
  const hold = removalHold({ durable: store.durable, now: core.now, wall, steady, log })
  const carried = await deliveries(core, provider.oidc, health.clockIsRight)
  const secrets = await passwords(core)
  const ownBackups = backupsOf(core, hold)
  const listeners = await servers(core, before, provider, {
    ...carried,
    secrets,
    wait: surroundings.passwordWait ?? secrets.wait,
  })

  // Each behind itself only.
  const rounds = [
    keyChores(provider.oidc),
    rootKeyChores(core),
    followChores(core),
    passwordChores(secrets),
    clientChores(core),
    repeatChores(core),
    organizationChores(core, health.clockIsRight),
    campaignChores(core, health.clockIsRight),
    invitationChores(core, health.clockIsRight),
    chores(core, health.clockIsRight, hold),
    clockChores(hold),
    ownBackups.tasks,
    watching(core, health, hold),
  ].map((tasks) => background(tasks, log))
  return {
    ...listeners,
    operations: operations({ troubles: health.troubles, metrics: counters }),
    demonstrations: demonstrations(core),
    oidc: provider.oidc,
    core,
    drain: () => carried.drain(),
    async tidy() {
      for (const round of rounds) await round.once()
    },
    start() {
      checkCampaign(core)
      checkSecrets(core)
      carried.start()
      for (const round of rounds) round.start()
      health.start()
      // Before the first scrape, if it can be.
      void counters.refresh()
    },
    drainRequests: health.drain,
    async close() {
      health.stop()
      await ownBackups.stop()
      for (const round of rounds) await round.stop()
      // Which secret is still in use is worth a moment; the process ends all the same if it cannot be kept.
      await core.secretUses.write().catch((fault: unknown) => log.warn({ fault }, 'secret uses'))
      await core.notes.write({ all: true }).catch((fault: unknown) => log.warn({ fault }, 'notes of applications'))
      await core.writeRepeats({ all: true }).catch((fault: unknown) => log.warn({ fault }, 'what was counted'))
      await carried.stop()
      carried.closeMail()
      await store.close()
    },
  }
}

/** Of the trail in the log, where that is asked for; it may be while the product runs. */
function linesOf(config: Config, { log }: Surroundings): Surroundings['onRecord'] {
  const write = auditLines(log)
  return (record) => {
    if (config.log.audit) write(record)
  }
}

/** What listens: the doors in the order in which an address is looked up, and the provider behind them. */
async function servers(
  core: Core,
  before: Front,
  provider: ProviderDoor,
  { box, secrets, wait }: Pick<Deliveries, 'box'> & { secrets: Passwords; wait: () => number },
) {
  const { config, ring, clients, counters, log } = core
  const { oidc } = provider
  const { pages, errors } = before
  const browser = browserSessions(core, before, oidc)
  const session = openSessions(core, oidc)
  const own = { core, front: before, provider, browser }
  const steps = secondSteps(core)
  const addresses = ownAddresses(core)
  // Of every listener: each shows its own pages with them.
  const files = [assetRoutes(assets(join(config.root, 'views'), config.brand)), logoRoutes(core.logos)]
  const administration = [apiDoor(core, provider), ...adminDoor(own)]
  const listener = {
    trustedProxies: config.trustedProxies,
    cookieSigner: cookieSigner(ring.deriveAll('cookies')),
    errors,
    pages,
    metrics: counters,
    log,
  }
  const web = webServer({
    ...listener,
    issuer: config.issuer,
    routers: [
      ...files,
      changePasswordRoute(),
      relatedOriginsRoute(config.passkeys),
      homePage({
        clients,
        session,
        administration: `${config.admin.origin ?? config.issuer}/admin`,
        outbox: box !== undefined,
        pages,
      }),
      signInDoor({ core, front: before, oidc, passwords: secrets, steps, browser }),
      ...linkDoors({ core, front: before, oidc, passwords: secrets, addresses, browser }),
      ...accountDoor({ ...own, passwords: secrets, steps, addresses }),
      ...(config.admin.origin ? [] : administration),
      ...(box ? [developmentPages(box.list, pages)] : []),
    ],
    provider: { provider: oidc.handle, published: oidc.published, tell: core.notes.note },
    crowd: {
      wait,
      busy: before.busy,
      cookies: before.cookies,
      session: sessionCookie(before.secure),
      isSignedIn: session.isSignedIn,
      metrics: counters,
      sittings: core.leftOpen.sittings,
      onFull: provider.onFull,
      now: core.now,
    },
  })
  const { origin } = config.admin
  return {
    web,
    admin: origin ? webServer({ ...listener, issuer: origin, routers: [...files, ...administration] }) : undefined,
  }
}

/** In development one is made up, so that what runs in this process has it. Nobody else knows what it is. */
function checkSecrets({ config, clients, log }: Core): void {
  for (const client of clients.ids) {
    const named = (clients.find(client)?.secrets ?? []).flatMap(({ env }) => env ?? [])
    const missing = named.filter((name) => !config.secret(name))
    const faults = missing.flatMap((name) => config.environment.fault(name) ?? [])
    if (missing.length > 0 && !isDemonstrated(config, client))
      log.warn(
        { client, missing, ...(faults.length > 0 && { faults }) },
        'the environment lacks the secret of an application: it cannot sign anybody in',
      )
  }
}

/** A name that is misspelled asks nobody for anything, and nobody notices. */
function checkCampaign({ config, organizations: known, log }: Core): void {
  const organizations = namesOfNobody(config.twoStep.campaign.organizations, known)
  if (organizations.length > 0) log.warn({ organizations }, 'the campaign names organizations that there are none of')
}
