/** How long records of the trail are kept, by what they are about. */
import { DAY } from '../lib/time.ts'
import type { EventType } from './event.ts'

export const RETENTION_GROUPS = ['signIns', 'tokens', 'refusals', 'accounts', 'administration'] as const
export type RetentionGroup = (typeof RETENTION_GROUPS)[number]

/** Milliseconds; `forever` is not removed at all. */
export type Retention = Record<RetentionGroup, number | 'forever'>

/** Before this moment records of a type are removed. */
export type Cutoffs = Record<EventType, number>

const GROUPS: Record<EventType, RetentionGroup> = {
  'account.invited': 'accounts',
  'account.imported': 'accounts',
  'account.activated': 'accounts',
  'account.hash-upgraded': 'accounts',
  'account.changed': 'accounts',
  'account.disabled': 'accounts',
  'account.enabled': 'accounts',
  'account.erased': 'accounts',
  'account.exported': 'accounts',
  'sign-in.password': 'signIns',
  'sign-in.passkey': 'signIns',
  'sign-in.second-factor': 'signIns',
  'sign-in.completed': 'signIns',
  'factor.enrolled': 'accounts',
  'factor.closed': 'accounts',
  'factor.renamed': 'accounts',
  'factor.removed': 'accounts',
  'passkey.counted-back': 'accounts',
  'sms.sent': 'signIns',
  'sms.refused': 'refusals',
  'backup-code.made': 'accounts',
  'device.remembered': 'signIns',
  'device.misused': 'signIns',
  'device.forgotten': 'signIns',
  'throttle.engaged': 'refusals',
  'link.requested': 'signIns',
  'link.sent': 'signIns',
  'link.refused': 'refusals',
  'password.reset': 'accounts',
  'password.changed': 'accounts',
  'recovery.requested': 'accounts',
  'recovery.canceled': 'accounts',
  'recovery.issued': 'accounts',
  'recovery.declined': 'accounts',
  'application.removed': 'accounts',
  'client.changed': 'administration',
  'approval.requested': 'administration',
  'approval.given': 'administration',
  'approval.declined': 'administration',
  'approval.withdrawn': 'administration',
  'resource.changed': 'administration',
  'organization.added': 'administration',
  'organization.changed': 'administration',
  'organization.disabled': 'administration',
  'organization.enabled': 'administration',
  'organization.merged': 'administration',
  'admin.verb': 'administration',
  'admin.refused': 'administration',
  'session.ended': 'signIns',
  'sign-out.everywhere': 'signIns',
  'request.refused': 'refusals',
  'token.issued': 'tokens',
  'token.refused': 'refusals',
  'token.repeated': 'tokens',
  // Somebody may have stolen it: as long as the sign-in itself.
  'token.reuse-detected': 'signIns',
  'token.revoked': 'tokens',
  'logout.notified': 'tokens',
  'key.rotated': 'administration',
  'delivery.failed': 'refusals',
  'audit.pruned': 'administration',
  fault: 'refusals',
}

/** By whole days (UTC), so that what is due comes together. */
export function cutoffs(retention: Retention, now: number): Cutoffs {
  const byGroup = (group: RetentionGroup) => {
    const kept = retention[group]
    return kept === 'forever' ? Number.NEGATIVE_INFINITY : Math.floor((now - kept) / DAY) * DAY
  }
  return Object.fromEntries(Object.entries(GROUPS).map(([type, group]) => [type, byGroup(group)])) as Cutoffs
}
