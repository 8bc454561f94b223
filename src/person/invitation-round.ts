/** A round of invitations: what was sent by one file, how fast its mails leave, and who said so. */
import { HOUR, MINUTE } from '../lib/time.ts'
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
  /** What left in the last hour, a minute each. */
  departed?: Departed[]
  /** Milliseconds; 0 of one that is not there. */
  createdAt: number
}

export interface Departed {
  /** The last moment of them. */
  at: number
  count: number
}

/** How often mails leave. */
export const SENDING = MINUTE
/** A round that is late catches up by so many in each go. */
const CATCHING_UP = 1

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

/** How many may leave now, so that no hour has more than was asked; also where several nodes send. */
export function roomOf({ perHour, departed = [] }: InvitationRound, now: number): number {
  const since = (moment: number) => departed.filter(({ at }) => at > moment).reduce((sum, { count }) => sum + count, 0)
  const inOneGo = Math.ceil((perHour * SENDING) / HOUR) + CATCHING_UP
  // Of another node in the same minute; goes are not to the millisecond.
  return Math.max(0, Math.min(perHour - since(now - HOUR), inOneGo - since(now - SENDING / 2)))
}

/** How many of so many may leave: they count as left from now on. */
export function takeRoom(draft: InvitationRound, wanted: number, now: number): number {
  const count = Math.min(wanted, roomOf(draft, now))
  if (count === 0) return 0
  const recent = (draft.departed ?? []).filter(({ at }) => at > now - HOUR)
  const last = recent.at(-1)
  // The later moment counts for both, so that none is forgotten too early.
  if (last && Math.floor(last.at / SENDING) === Math.floor(now / SENDING))
    Object.assign(last, { at: now, count: last.count + count })
  else recent.push({ at: now, count })
  draft.departed = recent
  return count
}

/** Of mails that did not leave after all: another node had sent them. */
export function giveRoomBack(draft: InvitationRound, count: number): void {
  const last = draft.departed?.at(-1)
  if (last) last.count = Math.max(0, last.count - count)
}
