/**
 * Somebody whom the doctor makes to sign in as, for a minute: no password, no address that mail could go to, no organization
 * and no role, and found by nobody who looks for people. Whatever became of the trial, they are gone by `trialUntil`.
 */
import type { Account } from './account.ts'
import type { Authenticator } from './authenticator.ts'
import type { Draft, PersonRecord } from './person.ts'

export interface Trial {
  id: string
  /** Stands for a second factor; nobody knows its secret. */
  app: Authenticator
  until: number
  now: number
}

const BEGINNING = 'doctor-'

/** No other account has such an id: those are made at random as a whole. */
export function trialId(random: string): string {
  return `${BEGINNING}${random}`
}

export function isTrial(accountId: string): boolean {
  return accountId.startsWith(BEGINNING)
}

/** RFC 2606 section 2: no mail goes there, and nobody has it. */
const NOWHERE = 'doctor.invalid'

/** False if there is somebody of that id. */
export function beginTrial(draft: Draft, { id, app, until, now }: Trial): boolean {
  if (draft.account || draft.erasedAt !== undefined) return false
  draft.trialUntil = until
  draft.authenticators = [app]
  draft.account = accountOf(id, now)
  return true
}

function accountOf(id: string, now: number): Account {
  const email = `${id}@${NOWHERE}`
  return {
    id,
    email,
    emailKey: email.toLowerCase(),
    name: 'Doctor',
    givenName: undefined,
    familyName: undefined,
    locale: 'en',
    organizationId: undefined,
    roles: [],
    status: 'active',
    passwordHash: undefined,
    passwordChangedAt: undefined,
    epoch: 0,
    enrolledAt: now,
    noticeEmail: undefined,
    previousEmail: undefined,
    emailChangedAt: undefined,
    createdAt: now,
  }
}

/** Nothing is left of them. False for anybody else, of whom nothing is touched. */
export function endTrial(draft: PersonRecord): boolean {
  if (draft.trialUntil === undefined) return false
  const lists = Object.entries(draft).filter(([name, part]) => Array.isArray(part) && name !== 'parcels')
  for (const [name] of lists) Object.assign(draft, { [name]: [] })
  delete draft.account
  delete draft.backup
  delete draft.trialUntil
  return true
}
