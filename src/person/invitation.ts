/**
 * An invitation that is one of many: which round it belongs to, when its mail is due and when it left. A mail leaves in the
 * write that says so, so however many nodes see to it, and whatever is asked again, each leaves once.
 */
import type { Parcel } from '../delivery/queue.ts'
import { DAY } from '../lib/time.ts'
import type { Account } from './account.ts'
import { type Link, replaceLink } from './link.ts'
import type { Draft, PersonRecord } from './person.ts'

export interface Invitation {
  /** Id of the round. */
  round: string
  /** When the mail with the link is to leave, while it has not. */
  dueAt?: number
  /** When the last one left. */
  sentAt?: number
}

/** `came`: the account was activated. `ended`: it was disabled without that. */
export const INVITATION_STATES = ['due', 'sent', 'came', 'ended'] as const
export type InvitationState = (typeof INVITATION_STATES)[number]

/** Nobody is sent another for the asking of a whole round before that. */
const REST = DAY

export function invitationState({ account, invitation }: PersonRecord): InvitationState | undefined {
  if (!account || !invitation) return undefined
  if (account.status === 'active' || account.passwordChangedAt !== undefined) return 'came'
  if (account.status === 'disabled') return 'ended'
  return invitation.dueAt === undefined ? 'sent' : 'due'
}

/** The finder of how many of a round are how far. */
export function roundValue(round: string, state: InvitationState): string {
  return `${round} ${state}`
}

/** The finder of who of a round has not come: by name. */
export function absentValue(person: PersonRecord): string | undefined {
  const { account, invitation } = person
  if (!account || !invitation || account.status !== 'invited') return undefined
  return `${invitation.round}\n${account.name.normalize('NFKC').toLowerCase()}\n${account.id}`
}

/** Everybody of a round who has not come is found between these. */
export function absentRange(round: string): { from: string; to: string } {
  return { from: `${round}\n`, to: `${round}\v` }
}

/** The finder of whose mail waits: by round, and when it is to leave. */
export function dueValue(person: PersonRecord): string | undefined {
  return isDue(person) ? dueAtValue(person.invitation.round, person.invitation.dueAt) : undefined
}

/** Everybody of a round whose mail is due by then is found between these. */
export function dueRange(round: string, until: number): { from: string; to: string } {
  return { from: dueAtValue(round, 0), to: dueAtValue(round, until) }
}

/** Whoever comes after everybody of this round is of another one. */
export function afterDue(round: string): string {
  return `${round}\v`
}

function dueAtValue(round: string, at: number): string {
  return `${round}\n${String(at).padStart(15, '0')}`
}

/** False if the id was erased: it is never given to anyone again. */
export function insertInvited(person: Draft, account: Account, invitation: Invitation): boolean {
  if (person.erasedAt !== undefined) return false
  if (person.account) throw new Error('the account is there')
  Object.assign(person, { account, invitation })
  return true
}

/** A moment that has to be waited for: the mail leaves then instead. False if there is none to leave. */
export function putOff(person: PersonRecord, dueAt: number): boolean {
  if (!isDue(person)) return false
  person.invitation = { ...person.invitation, dueAt }
  return true
}

/** Sends what is due to the address for which it was written. False if it is not due any more, or for another. */
export function sendDue(person: Draft, { email }: Pick<Account, 'email'>, link: Link, parcels: Parcel[]): boolean {
  const { account } = person
  if (!isDue(person) || account?.email !== email || person.invitation.dueAt > link.createdAt) return false
  sendLink(person, link, parcels)
  return true
}

/** Whatever it is sent for. */
export function sendLink(person: Draft, link: Link, parcels: Parcel[]): void {
  replaceLink(person, link, parcels)
  noteSent(person, link.createdAt)
}

/** A link left, for whatever reason: none is due any more. */
export function noteSent(person: PersonRecord, at: number): void {
  if (person.invitation) person.invitation = { round: person.invitation.round, sentAt: at }
}

/** Whether another mail may be asked for with those of the others of its round. */
export function mayBeSentAgain(person: PersonRecord, now: number): boolean {
  const { sentAt = 0 } = person.invitation ?? {}
  return invitationState(person) === 'sent' && sentAt + REST <= now
}

export function sendAgain(person: PersonRecord, dueAt: number, now: number): boolean {
  if (!person.invitation || !mayBeSentAgain(person, now)) return false
  person.invitation = { ...person.invitation, dueAt }
  return true
}

function isDue(person: PersonRecord): person is PersonRecord & { invitation: { round: string; dueAt: number } } {
  return invitationState(person) === 'due'
}
