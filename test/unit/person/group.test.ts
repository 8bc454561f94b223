/** Which group somebody is counted in, and what is told of it. */
import { expect, test } from 'vitest'
import type { Account } from '../../../src/person/account.ts'
import { type Group, groupOf, groupValue, parseGroup, reminderOf, reminderValue } from '../../../src/person/group.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { authenticator, passkey } from '../../support/samples/factors.ts'
import { AWKWARD, account, NOW } from '../../support/samples/records.ts'

function person(changes: Partial<Account>, more: Partial<PersonRecord> = {}): PersonRecord {
  return { ...emptyPersonRecord(), account: account({ organizationId: 'one', roles: [], ...changes }), ...more }
}

const enrolled = { status: 'active', enrolledAt: NOW } as const
const old = authenticator({ id: 'old', imported: true })
const brought = { authenticators: [old, authenticator({ kind: 'sms' })] }

test.each<[string, PersonRecord, Group['twoStep'] | undefined]>([
  ['two-step verification is on', person(enrolled, { authenticators: [authenticator()] }), 'on'],
  ['it is on, and the help desk took the factor away', person(enrolled), 'on'],
  ['by a passkey and nothing else', person(enrolled, { authenticators: [passkey()] }), 'on'],
  ['by an app that was brought along, and a number beside it', person(enrolled, brought), 'old'],
  ['by an app that was brought along, and a passkey', person(enrolled, { authenticators: [old, passkey()] }), 'on'],
  ['there is none', person({ status: 'active' }), 'missing'],
  ['there is none, and the person was never here', person({ status: 'invited' }), 'invited'],
  ['the account is disabled', person({ ...enrolled, status: 'disabled' }), undefined],
  ['the doctor made it', person(enrolled, { trialUntil: NOW }), undefined],
  ['nobody is there', emptyPersonRecord(), undefined],
])('%s', (_when, given, expected) => expect(groupOf(given)?.twoStep).toBe(expected))

test.each<[string, Group]>([
  ['of no organization', { twoStep: 'on', organizationId: undefined, roles: [] }],
  ['with roles', { twoStep: 'old', organizationId: '0b7a', roles: ['auditor', 'owner'] }],
  ['with a role of any spelling', { twoStep: 'missing', organizationId: '0b7a', roles: [AWKWARD, 'a "b" ]'] }],
])('what a value says is what it was made of: %s', (_of, group) => expect(parseGroup(groupValue(group))).toEqual(group))

test('people with the same roles are alike, in whatever order they got them', () => {
  const [one, other] = [
    ['a', 'b'],
    ['b', 'a'],
  ].map((roles) => groupOf(person({ roles })))
  expect(one).toEqual(other)
})

test('whoever has something to do is found by when they were reminded last, and nobody else is', () => {
  const missing = { status: 'active', remindedAt: NOW } as const
  const group = groupOf(person(missing))
  expect(reminderOf(person(missing))).toBe(group && reminderValue(group, NOW))
  expect(reminderOf(person(enrolled, brought))).toMatch(/^old one \[\] 0{15}$/)
  expect([person(enrolled), person({ status: 'invited' })].map(reminderOf)).toEqual([undefined, undefined])
  // As texts they come in the order of time.
  const at = [0, 1, NOW, NOW + 1, 10 * NOW].map((moment) => group && reminderValue(group, moment))
  expect(at.toSorted()).toEqual(at)
})
