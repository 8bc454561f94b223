/**
 * Where a person stands in lists: by name, in each list in which they are. The place is in the value that a list is found
 * by, so a page of any of them, wherever it begins, is one look at one index.
 */
import { DAY } from '../lib/time.ts'
import type { Account } from './account.ts'
import { isOnOld } from './old-factor.ts'
import type { PersonRecord } from './person.ts'

/** `old`: on, by a factor that was brought from elsewhere. `lost`: it is on, and nothing is left to prove it by. */
export const TWO_STEP_STATES = ['on', 'old', 'off', 'lost'] as const
export type TwoStepState = (typeof TWO_STEP_STATES)[number]

export type ListFinder =
  /** Everybody. */
  | 'listed'
  | 'inStatus'
  /** Id of their organization. */
  | 'ofOrganization'
  /** Whoever has a role. */
  | 'staff'
  | 'inTwoStep'
  /** The day of their last sign-in, of those of whom none is known the first. */
  | 'signedInOn'
  /** Until when somebody who was invited can use the link that they have. */
  | 'invitedUntil'

/** Where those are who belong to no organization: no id of one is this. */
export const NO_ORGANIZATION = '-'

/** In no name, and before every sign of one. */
const BETWEEN = '\n'
const AFTER_ALL = '\u{10ffff}'
/** Before every sign that an id may have. */
const NEXT = '\u0001'
const LONGEST = 80

/** Nobody is in a list whom the doctor made. */
export function placesOf(person: PersonRecord): { [finder in ListFinder]: string | undefined } {
  const { account, trialUntil } = person
  if (!account || trialUntil !== undefined) return NOWHERE
  const place = placeOf(account)
  const at = (list: string) => `${list}${BETWEEN}${place}`
  return {
    listed: place,
    inStatus: at(account.status),
    ofOrganization: at(account.organizationId ?? NO_ORGANIZATION),
    staff: account.roles.length > 0 ? place : undefined,
    inTwoStep: at(twoStepOf(person)),
    signedInOn: at(dayOf(account.lastSignInAt)),
    invitedUntil: account.status === 'invited' ? at(momentOf(activationUntil(person))) : undefined,
  }
}

const NOWHERE = {
  listed: undefined,
  inStatus: undefined,
  ofOrganization: undefined,
  staff: undefined,
  inTwoStep: undefined,
  signedInOn: undefined,
  invitedUntil: undefined,
}

/** By name as people look for it, whatever case and accents it has; of one name in a certain order. */
export function placeOf({ id, name }: Pick<Account, 'id' | 'name'>): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\p{Cc}/gu, ' ')
    .trim()
  return `${plain.slice(0, LONGEST)}${BETWEEN}${id}`
}

export function twoStepOf({ account, authenticators }: PersonRecord): TwoStepState {
  if (account?.enrolledAt === undefined) return 'off'
  if (authenticators.length === 0) return 'lost'
  return isOnOld(authenticators) ? 'old' : 'on'
}

/** Until when the link that activates the account can be used; 0 if there is none. */
export function activationUntil({ links }: PersonRecord): number {
  const open = links.filter(({ purpose, usedAt }) => purpose === 'activation' && usedAt === undefined)
  return Math.max(0, ...open.map(({ expiresAt }) => expiresAt))
}

export interface Between {
  from: string
  to: string
}

/** Everything of a list, or what comes after a place in it. */
export function allOf(list: string): Between {
  return { from: `${list}${BETWEEN}`, to: `${list}${BETWEEN}${AFTER_ALL}` }
}

export const EVERYBODY: Between = { from: '', to: AFTER_ALL }
export const NEVER_SIGNED_IN = allOf(dayOf(undefined))

/** Those who have signed in, the last time before that day; and those who have since. */
export function signedInBefore(at: number): Between {
  return { from: allOf(dayOf(DAY)).from, to: dayOf(at) }
}

export function signedInSince(at: number): Between {
  return { from: dayOf(at), to: AFTER_ALL }
}

/** Those whose link can still be used, and those whose link cannot. */
export function invitedBeyond(now: number): Between {
  return { from: allOf(momentOf(now + 1)).from, to: AFTER_ALL }
}

export function invitedUpTo(now: number): Between {
  return { from: '', to: allOf(momentOf(now)).to }
}

/** What comes after this value. */
export function following(value: string): string {
  return `${value}${NEXT}`
}

function dayOf(at: number | undefined): string {
  return String(at === undefined ? 0 : Math.max(1, Math.floor(at / DAY))).padStart(6, '0')
}

function momentOf(at: number): string {
  return String(at).padStart(15, '0')
}
