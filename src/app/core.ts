/** What the product can do, put together without the web in front of it: all that the command line needs. */
import { personDetails } from '../accounts/details.ts'
import { accountLife } from '../accounts/life.ts'
import { links } from '../accounts/links.ts'
import { memberships } from '../accounts/membership.ts'
import { mover } from '../accounts/move.ts'
import { personData } from '../admin/person-data.ts'
import type { AdminContext } from '../admin/verb.ts'
import { checkpointSeal } from '../audit/checkpoint.ts'
import { auditExport, type ExportSeal } from '../audit/export.ts'
import { clientAdministration } from '../client/administration.ts'
import { approvals } from '../client/approvals.ts'
import { logos } from '../client/logos.ts'
import { resourceAdministration } from '../client/resource-administration.ts'
import type { Config } from '../config.ts'
import { hmac, type Keyring, sameSecret } from '../lib/crypto.ts'
import { everyKey } from '../mfa/challenge.ts'
import { ownFactors } from '../mfa/own-factors.ts'
import { rpIdOf } from '../mfa/passkey-host.ts'
import { passkeys } from '../mfa/passkeys.ts'
import { ownSessions } from '../oidc/own-sessions.ts'
import { type SessionLife, sessionLife } from '../oidc/session-life.ts'
import { sessions } from '../oidc/sessions.ts'
import { registry } from '../organization/registry.ts'
import { recovery } from '../recovery/help-desk.ts'
import { campaignRules } from './campaign.ts'
import { doctorOf } from './doctor.ts'
import { type Foundation, openFoundation, type Surroundings } from './foundation.ts'
import { invitationsOf } from './invitations.ts'
import { libraryPages } from './libraries.ts'
import { migrationOf } from './migration.ts'

export type Core = Awaited<ReturnType<typeof openCore>>

/** Everything but the web. The store is opened here, and closed with `close`. */
export async function openCore(config: Config, surroundings: Surroundings) {
  const base = await openFoundation(config, surroundings)
  const { store, attempts, record: audit, notice, seal, ring, now } = base
  const { durable } = store
  const common = { people: durable.people, trail: durable, throttle: attempts, audit, notice, now }
  const oneTimeLinks = linksOf(base)
  const lifeOfSession = sessionLife(config.session, now)
  const ended = endedSessions(base, lifeOfSession)
  const { organizations } = base
  const campaign = campaignRules(config, organizations)
  const membership = memberships({ people: durable.people, organizations, endSessions: ended.endAll })
  const life = accountLife({
    ...common,
    links: oneTimeLinks,
    endSessions: ended.endAll,
    forget: (accountId) => attempts.reset(...everyKey(accountId)),
  })
  const own = ownSessions({
    store: { ...store.expiring, enqueue: store.durable.enqueue },
    sessions: ended,
    clients: base.clients,
    wrap: base.wrap,
    audit,
    notice,
    signOut: life.signOut,
    now,
    idle: config.session.idle,
  })
  const { caseLife, codeLife } = config.helpDesk
  const services = {
    links: oneTimeLinks,
    ...invitationsOf(base, { links: oneTimeLinks, life }),
    life,
    move: mover({ ...common, endSessions: ended.endAll }),
    details: personDetails({
      ...common,
      links: oneTimeLinks,
      wrap: base.wrap,
      writeMail: base.writeMail,
      issuer: config.issuer,
      endSessions: ended.endAll,
    }),
    sessions: ended,
    ownSessions: own,
    factors: ownFactors({ ...common, campaign, rpId: rpIdOf(config) }),
    passkeys: passkeysOf(base),
    recovery: recovery({ ...common, seal, ring, issuer: config.issuer, caseLife, codeLife }),
  }
  const data = personData({
    people: durable.people,
    organizations,
    factors: services.factors,
    recovery: services.recovery,
    trail: store.durable,
    sessions: (account) => own.list(account, ''),
    applications: own.applications,
  })
  const { doctor, letDoctorAct } = doctorOf(base)
  const pictures = logos({ clients: durable.clients, logos: durable.logos, registry: base.clients, now })
  const admin = adminContext(base, {
    ...services,
    campaign,
    memberships: membership,
    personData: data,
    doctor,
    logos: pictures,
    migration: migrationOf(base, surroundings.onImport),
  })
  const more = {
    logos: pictures,
    campaign,
    memberships: membership,
    lifeOfSession,
    personData: data,
    admin,
    letDoctorAct,
  }
  return { ...base, ...services, ...more, close: () => store.close() }
}

function linksOf(base: Foundation) {
  const { config, store, admitted, organizations, wrap, writeMail, attempts, record, now } = base
  return links({
    people: admitted,
    organizations,
    store: store.durable,
    wrap,
    writeMail,
    throttle: attempts,
    audit: record,
    now,
    issuer: config.issuer,
    // Read where they are used: they may be taken up anew (reload.ts).
    lifetimes: {
      get activation() {
        return config.links.activation
      },
      get reset() {
        return config.links.recovery
      },
    },
    get perHour() {
      return config.throttle.linksPerHour
    },
  })
}

function passkeysOf({ config, store, organizations, seal, ring, attempts, record, notice, now }: Foundation) {
  const { people, enqueue } = store.durable
  const { issuer, brand } = config
  return passkeys({
    people,
    seal,
    ring,
    throttle: attempts,
    audit: record,
    notice,
    enqueue,
    now,
    rpId: rpIdOf(config),
    origin: new URL(issuer).origin,
    product: brand.product,
    organizationOf: ({ organizationId }) => organizations.nameOf(organizationId),
  })
}

function endedSessions(base: Foundation, life: SessionLife) {
  const { store, seal, wrap, clients, record, log, now } = base
  const { enqueue, people } = store.durable
  return sessions({
    people,
    store: { ...store.expiring, enqueue },
    life,
    seal,
    wrap,
    clients,
    audit: record,
    log,
    now,
  })
}

type Services = Pick<
  AdminContext,
  | 'links'
  | 'invitations'
  | 'rounds'
  | 'migration'
  | 'life'
  | 'move'
  | 'details'
  | 'factors'
  | 'recovery'
  | 'personData'
  | 'memberships'
  | 'campaign'
  | 'doctor'
  | 'logos'
> & {
  sessions: { endAll: AdminContext['endSessions'] }
}

function adminContext(base: Foundation, services: Services): AdminContext {
  const { store, ring, organizations, keys, clients, definitions, productNames, clientFile, record, notice, log, now } =
    base
  const { durable } = store
  const { sessions: ended, ...rest } = services
  const applications = {
    clients: durable.clients,
    resources: durable.resources,
    definitions,
    productNames,
    registry: clients,
    now,
  }
  return {
    ...rest,
    keys,
    clients: clientAdministration(applications),
    approvals: approvals(applications),
    resources: resourceAdministration({ resources: durable.resources, definitions, registry: clients, now }),
    apis: () => clients.resources,
    libraries: libraryPages(base.config.root),
    issuer: base.config.issuer,
    rpId: rpIdOf(base.config),
    clientFile,
    audit: record,
    trail: durable,
    checkpointSeal: checkpointSeal(ring),
    exportAudit: auditExport({ trail: durable, seal: exportSeal(ring), now }),
    deliveries: durable,
    people: durable.people,
    organizations,
    registry: registry({ records: durable.organizations, directory: organizations, audit: record, now }),
    reminders: { areSent: () => base.config.twoStep.campaign.reminders, write: base.writeMail },
    endSessions: ended.endAll,
    tell: (account, name) => durable.enqueue(notice(account, name, {})),
    now,
    log,
  }
}

/** With a key of its own, derived from every root key: what was sealed before a key was replaced is still known. */
export function exportSeal(ring: Keyring): ExportSeal {
  const purpose = 'audit-export'
  return {
    make: (text) => hmac(ring.derive(purpose), text),
    holds: (text, seal) => ring.deriveAll(purpose).some((key) => sameSecret(hmac(key, text), seal)),
  }
}
