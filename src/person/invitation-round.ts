/** A round of invitations: what was sent by one file, how fast its mails leave, and who said so. */
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'

/** How fast mails leave. */
export interface Pace {
  /** The most in an hour. */
  perHour: number
  /** The most in a day: a wave. */
  perDay?: number | undefined
  /** On working days only, in working hours of the installation's zone. */
  workingHours: boolean
}

export interface InvitationRound extends Pace {
  /** What whoever made it calls it. */
  label: string
  /** Who made it, as the audit trail names them. */
  by: string
  /** People whose invitation was withdrawn: nothing else tells of them. */
  withdrawn: number
  /** Milliseconds; 0 of one that is not there. */
  createdAt: number
}

export type RoundRecords = Records<InvitationRound, 'latest'>

export const invitationRoundKind: Kind<InvitationRound, 'latest'> = {
  name: 'invitation_rounds',
  empty: () => ({ label: '', by: '', perHour: 0, workingHours: false, withdrawn: 0, createdAt: 0 }),
  keys: () => [],
  // A list begins with the smallest.
  finders: ({ createdAt }) => ({ latest: createdAt > 0 ? -createdAt : undefined }),
  search: () => undefined,
}

/** The same round again keeps its name, and goes on at the pace that was asked for last. */
export function beginRound(
  draft: InvitationRound,
  { label, by, ...pace }: Pace & { label: string; by: string },
  now: number,
): void {
  if (draft.createdAt === 0) Object.assign(draft, { label, by, createdAt: now })
  Object.assign(draft, { perDay: undefined }, pace)
}

export function addWithdrawn(draft: InvitationRound, count: number): void {
  if (draft.createdAt > 0) draft.withdrawn += count
}
