/** What ends for a person when their organization is disabled, once for each time. */
import { expect, test } from 'vitest'
import { personKind } from '../../../src/person/kind.ts'
import {
  beginEnding,
  finishEnding,
  membershipOf,
  membershipValue,
  moveTo,
  parseMembership,
} from '../../../src/person/membership.ts'
import { type Draft, emptyPersonRecord } from '../../../src/person/person.ts'
import { device, temporaryCode } from '../../support/samples/factors.ts'
import { AWKWARD, account, link, NOW } from '../../support/samples/records.ts'

function member(given: Parameters<typeof account>[0] = {}): Draft {
  const own = account({ organizationId: 'o', status: 'active', epoch: 4, ...given })
  const accountId = own.id
  return {
    ...emptyPersonRecord(),
    account: own,
    links: [link(accountId, { usedAt: undefined })],
    devices: [device({ accountId })],
    temporaryCodes: [temporaryCode({ accountId })],
    parcels: [],
  }
}

test('whatever was signed in opens nothing any more, and once is enough', () => {
  const person = member()
  expect(beginEnding(person, 'o', 1)).toBe(true)
  expect(person).toMatchObject({ account: { epoch: 5, status: 'active' }, devices: [], temporaryCodes: [] })
  expect(person.links.map(({ usedAt }) => usedAt)).toEqual([NOW])
  // Whoever does it after another has died over it.
  expect(beginEnding(person, 'o', 1)).toBe(true)
  expect(person.account?.epoch).toBe(5)
  finishEnding(person, 'o', 1)
  expect(beginEnding(person, 'o', 1)).toBe(false)
  expect(beginEnding(person, 'o', 2)).toBe(true)
  expect(person.account?.epoch).toBe(6)
})

test('somebody who was never in can still be activated once it is enabled again', () => {
  const person = member({ status: 'invited' })
  beginEnding(person, 'o', 1)
  expect(person.links.map(({ usedAt }) => usedAt)).toEqual([undefined])
})

test('an ending of another organization is none of theirs', () => {
  const person = member()
  expect(beginEnding(person, 'other', 1)).toBe(false)
  finishEnding(person, 'other', 1)
  expect(person.account).toMatchObject({ epoch: 4 })
  expect(person.account?.endingDone).toBeUndefined()
  expect(beginEnding({ ...emptyPersonRecord(), parcels: [] }, 'o', 1)).toBe(false)
})

test('whoever moves stays signed in, and has the endings that the other says', () => {
  const person = member()
  expect(moveTo(person, 'other', { organizationId: 'p', ending: 3 })).toBe(false)
  expect(moveTo(person, 'o', { organizationId: 'p', ending: 3 })).toBe(true)
  expect(person.account).toMatchObject({ organizationId: 'p', epoch: 4, endingBegun: 3, endingDone: 3 })
  expect(person.devices).toHaveLength(1)
})

test('people are found by their organization, those first who have most to end', () => {
  const values = [0, 1, 9, 10, 11].map((ending) => membershipValue('o', ending))
  expect(values.toSorted()).toEqual(values)
  expect(personKind.finders(member({ endingDone: 2 })).organization).toBe(membershipValue('o', 2))
  expect(personKind.finders(member({ organizationId: undefined })).organization).toBeUndefined()
  expect(membershipOf(emptyPersonRecord())).toBeUndefined()
  expect(parseMembership(membershipValue(AWKWARD, 7))).toEqual({ organizationId: AWKWARD, ending: 7 })
})
