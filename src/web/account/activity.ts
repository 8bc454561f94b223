/**
 * What a person reads of the audit trail: the few kinds of events that mean something to them, each by the code of its
 * sentence (`account.activity.event.<code>`).
 */

import type { AuditRecord, AuditStore } from '../../audit/audit.ts'
import type { Account } from '../../person/account.ts'
import { APP, NUMBER, PASSKEY } from '../../person/second-factor.ts'

export interface Activity {
  id: string
  /** Code of the sentence. */
  event: string
  at: number
  /** Where the person was; addresses of others are not theirs to see. */
  ip: string | undefined
}

/** The sentence of an event, by its type, its outcome and, where it makes a difference, a detail. */
export const SENTENCES: Record<string, string> = {
  'account.activated ok': 'activated',
  'sign-in.password ok': 'password-right',
  'sign-in.password refused': 'password-wrong',
  'sign-in.passkey ok': 'passkey-right',
  'sign-in.passkey refused': 'passkey-wrong',
  [`sign-in.second-factor ok ${PASSKEY}`]: 'passkey-right',
  [`sign-in.second-factor refused ${PASSKEY}`]: 'passkey-wrong',
  'passkey.counted-back ok': 'passkey-counted-back',
  'passkey.counted-back refused': 'passkey-counted-back',
  'sign-in.second-factor ok': 'code-right',
  'sign-in.second-factor refused': 'code-wrong',
  'factor.closed refused': 'code-closed',
  'session.ended ok': 'signed-out',
  'session.ended ok person': 'session-ended',
  'sign-out.everywhere ok': 'signed-out-everywhere',
  'password.changed ok': 'password-changed',
  'password.changed refused': 'password-wrong',
  'password.reset ok': 'password-reset',
  'link.sent ok reset': 'link-sent',
  [`factor.enrolled ok ${APP}`]: 'app-added',
  [`factor.removed ok ${APP}`]: 'app-removed',
  'factor.renamed ok': 'app-renamed',
  [`factor.enrolled ok ${PASSKEY}`]: 'passkey-added',
  [`factor.removed ok ${PASSKEY}`]: 'passkey-removed',
  [`factor.renamed ok ${PASSKEY}`]: 'passkey-renamed',
  [`factor.enrolled ok ${NUMBER}`]: 'phone-added',
  [`factor.removed ok ${NUMBER}`]: 'phone-removed',
  'backup-code.made ok': 'backup-made',
  'device.remembered ok': 'device-remembered',
  'device.forgotten ok': 'device-forgotten',
  'device.misused refused': 'device-misused',
  'application.removed ok': 'application-removed',
  'account.changed ok email': 'email-changed',
  'account.changed ok notice': 'notice-address-changed',
  'account.changed ok language': 'language-changed',
  'account.changed ok organization': 'organization-changed',
  'account.changed ok name': 'name-changed',
  'account.changed ok roles': 'roles-changed',
  'account.changed ok more-time': 'more-time-changed',
  'account.exported ok': 'data-downloaded',
  'account.disabled ok': 'disabled',
  'account.enabled ok': 'enabled',
  'recovery.requested ok': 'recovery-requested',
  'recovery.canceled ok': 'recovery-canceled',
  'recovery.issued ok': 'recovery-issued',
  'recovery.declined ok': 'recovery-declined',
}

const SHOWN = 10
/** Most events are of no interest here: every token and every visit of an application leaves one. */
const READ = 250

export async function recentActivity(trail: Pick<AuditStore, 'listAudit'>, account: Account): Promise<Activity[]> {
  const records = await trail.listAudit({ subject: account.id, limit: READ })
  return records.flatMap((record) => activityOf(record, account)).slice(0, SHOWN)
}

/** What a person reads of this event, or nothing. */
export function activityOf(record: AuditRecord, account: Account): Activity[] {
  const { id, at, type, outcome, details = {}, actor, source } = record
  // Sessions that end leave a line each way; what is told is what somebody did, not what followed from it.
  if (details.reason === 'expired' || details.reason === 'settings' || details.sessions !== undefined) return []
  const kind = details.method ?? details.purpose ?? details.what ?? details.reason
  const event = SENTENCES[`${type} ${outcome} ${kind}`] ?? SENTENCES[`${type} ${outcome}`]
  return event ? [{ id, event, at, ip: actor === account.id ? source?.ip : undefined }] : []
}
