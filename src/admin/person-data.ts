/**
 * Everything that is kept about one person, without a secret and without anything of anybody else (GDPR articles 15 and
 * 20): for **Download my data**, and for an owner who has to answer such a request.
 *
 * Every field is named here, so that what a later version keeps is not told by accident.
 */

import { actorNamed, nobodys, operatorActor } from '../audit/actor.ts'
import type { AuditRecord, AuditStore } from '../audit/audit.ts'
import type { OwnFactors } from '../mfa/own-factors.ts'
import type { Directory } from '../organization/directory.ts'
import type { Account } from '../person/account.ts'
import type { Imported } from '../person/imported.ts'
import type { People } from '../person/kind.ts'
import type { Recovery } from '../recovery/recovery.ts'

/** Plain JSON. Times are ISO 8601 in UTC. */
export type PersonData = (account: Account) => Promise<Record<string, unknown>>

export interface PersonDataParts {
  people: Pick<People, 'find'>
  organizations: Pick<Directory, 'nameOf'>
  factors: Pick<OwnFactors, 'overview'>
  recovery: Pick<Recovery, 'listByAccount'>
  trail: Pick<AuditStore, 'listAudit'>
  /** Where the account is signed in (oidc/own-sessions.ts). */
  sessions: (
    account: Account,
  ) => Promise<Array<{ agent: string | undefined; signedInAt: number; lastUsedAt: number; applications: string[] }>>
  /** Applications that hold something of the person's (oidc/own-sessions.ts). */
  applications: (account: Account) => Promise<Array<{ clientId: string; name: string; since: number | undefined }>>
}

/** Newest events that are told: about a year of somebody who signs in every day. */
const MOST_EVENTS = 2000

/** Details of events that say something to the person and name nobody else. */
const TOLD = 'method reason purpose country door acr amr grant sessions case check verb'.split(' ')

/** What only administrators do; at the command line they have no account to be named by. */
const OF_ADMINISTRATORS = new Set<AuditRecord['type']>([
  'account.invited',
  'account.imported',
  'account.disabled',
  'account.enabled',
  'recovery.issued',
  'recovery.declined',
  'admin.verb',
  'admin.refused',
])

export function personData(parts: PersonDataParts): PersonData {
  return async (account) => {
    const [person, overview, cases, events, sessions, applications] = await Promise.all([
      parts.people.find(account.id),
      parts.factors.overview(account),
      parts.recovery.listByAccount(account.id),
      parts.trail.listAudit({ subject: account.id, limit: MOST_EVENTS }),
      parts.sessions(account),
      parts.applications(account),
    ])
    return {
      account: {
        id: account.id,
        name: account.name,
        givenName: account.givenName,
        familyName: account.familyName,
        language: account.locale,
        organization: parts.organizations.nameOf(account.organizationId),
        roles: account.roles,
        status: account.status,
        createdAt: iso(account.createdAt),
        invitationSentAt: iso(person?.invitation?.sentAt),
        passwordChangedAt: iso(account.passwordChangedAt),
        twoStepSince: iso(account.enrolledAt),
        twoStepRemindedAt: iso(account.remindedAt),
        passkeyOffered: account.passkeyOffers && {
          times: account.passkeyOffers.times,
          last: iso(account.passkeyOffers.at),
        },
        lastSignInAt: iso(account.lastSignInAt),
        // By whom is of that person, not of this one.
        moreTime: account.extension && { until: iso(account.extension.until), reason: account.extension.reason },
      },
      broughtFrom: account.imported && broughtFrom(account.imported),
      addresses: {
        email: account.email,
        notices: account.noticeEmail,
        previousEmail: account.previousEmail,
        emailChangedAt: iso(account.emailChangedAt),
      },
      ...factorsOf(overview),
      sessions: sessions.map((session) => ({
        browser: session.agent,
        signedInAt: iso(session.signedInAt),
        lastUsedAt: iso(session.lastUsedAt),
        applications: session.applications,
      })),
      applications: applications.map(({ clientId, name, since }) => ({ clientId, name, since: iso(since) })),
      recoveryCases: cases.map((recoveryCase) => ({
        number: recoveryCase.number,
        state: recoveryCase.state,
        contact: recoveryCase.contact,
        identityCheck: recoveryCase.check,
        createdAt: iso(recoveryCase.createdAt),
        expiresAt: iso(recoveryCase.expiresAt),
        closedAt: iso(recoveryCase.closedAt),
      })),
      activity: events.map((event) => activityOf(event)),
    }
  }
}

function broughtFrom({ source, externalId, at, passwordProvenAt, codeProvenAt, fellBackAt, switchedAt }: Imported) {
  return {
    system: source,
    idThere: externalId,
    at: iso(at),
    passwordFirstUsedAt: iso(passwordProvenAt),
    codeFirstUsedAt: iso(codeProvenAt),
    anotherWayAt: iso(fellBackAt),
    switchedAt: iso(switchedAt),
  }
}

function factorsOf({ apps, passkeys, phone, backup, devices }: Awaited<ReturnType<OwnFactors['overview']>>) {
  return {
    authenticators: [
      ...apps.map((app) => ({
        kind: 'app',
        label: app.label,
        createdAt: iso(app.createdAt),
        lastUsedAt: iso(app.lastUsedAt),
      })),
      ...passkeys.map((passkey) => ({
        kind: 'passkey',
        label: passkey.label,
        keptBy: passkey.keptBy,
        synced: passkey.synced,
        usable: passkey.usable,
        browser: passkey.agent,
        createdAt: iso(passkey.createdAt),
        lastUsedAt: iso(passkey.lastUsedAt),
      })),
      ...(phone ? [{ kind: 'phone', lastDigits: phone.hint, createdAt: iso(phone.createdAt) }] : []),
    ],
    backupCode: backup && { createdAt: iso(backup.createdAt), saved: backup.saved },
    rememberedDevices: devices.map((device) => ({
      browser: device.agent,
      method: device.method,
      createdAt: iso(device.createdAt),
      lastUsedAt: iso(device.lastUsedAt),
      expiresAt: iso(device.expiresAt),
    })),
  }
}

/** An administrator is not named, nor is where they were (GDPR article 15(4)). Exported for its table of tests. */
export function activityOf(event: AuditRecord) {
  const by = byWhom(event)
  const { type, outcome, client } = event
  const address = by === 'administrator' ? undefined : event.source?.ip || undefined
  const told = TOLD.flatMap((name) => {
    const value = event.details?.[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const details = told.length > 0 ? Object.fromEntries(told) : undefined
  return { type, outcome, at: iso(event.at), by, client, address, details }
}

function byWhom(event: AuditRecord): 'you' | 'administrator' | 'application' | 'system' | 'unknown' {
  const { type, subject } = event
  // Records of the first release do not say who nobody was.
  const actor = event.actor ?? (OF_ADMINISTRATORS.has(type) ? operatorActor(undefined) : nobodys(event))
  if (actor === subject) return 'you'
  const { kind } = actorNamed(actor)
  if (kind === 'client') return 'application'
  return kind === 'system' || kind === 'unknown' ? kind : 'administrator'
}

function iso(at: number): string
function iso(at: number | undefined): string | undefined
function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
