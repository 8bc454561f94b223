/**
 * Groups of people who are alike for the campaign: one organization, the same roles, as far with two-step verification. What
 * the campaign asks is decided once for each, and how many there are is counted, so that nobody is read for a forecast.
 */
import type { Parcel } from '../delivery/queue.ts'
import { isOnOld } from './old-factor.ts'
import type { Draft, PersonRecord } from './person.ts'

/**
 * `on`: it is on. `old`: the same, by a factor that was brought from elsewhere and is not replaced yet. `missing`: there is
 * none. `invited`: there is none, and the person has never been here.
 */
export const TWO_STEP = ['on', 'old', 'missing', 'invited'] as const
export type TwoStep = (typeof TWO_STEP)[number]

export interface Group {
  twoStep: TwoStep
  organizationId: string | undefined
  roles: string[]
}

/** Undefined for whoever cannot sign in anyway, and for those whom the doctor makes. */
export function groupOf({ account, authenticators, trialUntil }: PersonRecord): Group | undefined {
  if (!account || account.status === 'disabled' || trialUntil !== undefined) return undefined
  const { organizationId, roles, enrolledAt, status } = account
  const without = status === 'invited' ? 'invited' : 'missing'
  const having = isOnOld(authenticators) ? 'old' : 'on'
  return { twoStep: enrolledAt === undefined ? without : having, organizationId, roles: roles.toSorted() }
}

/** No id of an organization is this. */
const NONE = '-'

export function groupValue({ twoStep, organizationId = NONE, roles }: Group): string {
  return `${twoStep} ${organizationId} ${JSON.stringify(roles)}`
}

/** What `groupValue` was made of. */
export function parseGroup(value: string): Group {
  const [twoStep = '', organizationId = ''] = value.split(' ', 2)
  const roles = JSON.parse(value.slice(twoStep.length + organizationId.length + 2)) as string[]
  return { twoStep: twoStep as TwoStep, organizationId: organizationId === NONE ? undefined : organizationId, roles }
}

/** Groups of those who have a passkey, by the RP id that it answers for: no name of a host has a space in it. */
export function passkeyGroupsOf(person: PersonRecord): string[] | undefined {
  const group = groupOf(person)
  return (
    group && person.authenticators.flatMap(({ passkey }) => (passkey ? `${passkey.rpId} ${groupValue(group)}` : []))
  )
}

/** What a value of `passkeyGroupsOf` was made of, if it is of this RP id. */
export function parsePasskeyGroup(value: string, rpId: string): Group | undefined {
  return value.startsWith(`${rpId} `) ? parseGroup(value.slice(rpId.length + 1)) : undefined
}

const DIGITS = 15

/** Those of a group who have still to do something, by when they were reminded last: never comes first. */
export function reminderValue(group: Group, remindedAt = 0): string {
  return `${groupValue(group)} ${String(remindedAt).padStart(DIGITS, '0')}`
}

export function reminderOf(person: PersonRecord): string | undefined {
  const group = groupOf(person)
  return group && isToDo(group.twoStep) ? reminderValue(group, person.account?.remindedAt) : undefined
}

/** What somebody has still to do who can sign in. */
export type ToDo = Extract<TwoStep, 'missing' | 'old'>

export function isToDo(twoStep: TwoStep): twoStep is ToDo {
  return twoStep === 'missing' || twoStep === 'old'
}

/** Once for each moment `before`: false if they were reminded since, or have nothing left to do. */
export function remind(person: Draft, { before, at }: { before: number; at: number }, mail: Parcel): boolean {
  const { account } = person
  const twoStep = groupOf(person)?.twoStep
  if (!account || !twoStep || !isToDo(twoStep) || (account.remindedAt ?? 0) >= before) return false
  account.remindedAt = at
  person.parcels.push(mail)
  return true
}
