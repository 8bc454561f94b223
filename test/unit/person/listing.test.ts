/** Lists of people: where somebody stands in them, and what finds a part of one. */
import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import { personKind } from '../../../src/person/kind.ts'
import {
  allOf,
  type Between,
  EVERYBODY,
  following,
  invitedBeyond,
  invitedUpTo,
  type ListFinder,
  NEVER_SIGNED_IN,
  NO_ORGANIZATION,
  placeOf,
  signedInBefore,
  signedInSince,
} from '../../../src/person/listing.ts'
import { emptyPersonRecord, type PersonRecord } from '../../../src/person/person.ts'
import { account, link, NOW } from '../../support/samples/records.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'

const people = memoryRecords(personKind)

async function put(name: string, given: Partial<Account> = {}, more: Partial<PersonRecord> = {}): Promise<void> {
  const kept = account({ id: name, name, roles: [], ...given })
  await people.change(name, (draft) => void Object.assign(draft, emptyPersonRecord(), { account: kept, ...more }))
}

async function found(by: ListFinder, between: Between): Promise<string[]> {
  return (await people.list({ by, ...between, limit: 100 })).map(({ id }) => id)
}

const app = { id: 'app', accountId: '', kind: 'totp', label: '', sealed: '', lastStep: 0, createdAt: 0 } as const
const linkUntil = (expiresAt: number, usedAt?: number) => link('x', { purpose: 'activation', expiresAt, usedAt })

await put('bram', { status: 'active', organizationId: 'a', lastSignInAt: NOW - 100 * DAY })
await put(
  'Anna',
  { status: 'active', organizationId: 'a', lastSignInAt: NOW, enrolledAt: NOW },
  {
    authenticators: [{ ...app, numberKey: undefined, lastUsedAt: undefined }],
  },
)
await put('Ömer', { status: 'disabled', organizationId: undefined, enrolledAt: NOW })
await put('carla', { status: 'invited', organizationId: 'ab' }, { links: [linkUntil(NOW + 1)] })
await put('Dirk', { status: 'invited', organizationId: 'a', roles: ['owner'] }, { links: [linkUntil(NOW)] })
await put('pim', { status: 'invited', organizationId: undefined }, { links: [linkUntil(NOW + DAY, NOW - 1)] })
await put('doctor-1', { status: 'active' }, { trialUntil: NOW + DAY })

describe('a list', () => {
  test.each<[string, ListFinder, Between, string[]]>([
    ['of all', 'listed', EVERYBODY, ['Anna', 'bram', 'carla', 'Dirk', 'Ömer', 'pim']],
    ['of a status', 'inStatus', allOf('invited'), ['carla', 'Dirk', 'pim']],
    ['of an organization', 'ofOrganization', allOf('a'), ['Anna', 'bram', 'Dirk']],
    ['of another, whose id begins like it', 'ofOrganization', allOf('ab'), ['carla']],
    ['of no organization', 'ofOrganization', allOf(NO_ORGANIZATION), ['Ömer', 'pim']],
    ['of whoever has a role', 'staff', EVERYBODY, ['Dirk']],
    ['with two-step verification', 'inTwoStep', allOf('on'), ['Anna']],
    ['without', 'inTwoStep', allOf('off'), ['bram', 'carla', 'Dirk', 'pim']],
    ['with, and nothing left to prove it by', 'inTwoStep', allOf('lost'), ['Ömer']],
    ['of whom no sign-in is known', 'signedInOn', NEVER_SIGNED_IN, ['carla', 'Dirk', 'Ömer', 'pim']],
    ['of whom the last was long ago', 'signedInOn', signedInBefore(NOW - 90 * DAY), ['bram']],
    ['of whom it was that day', 'signedInOn', signedInBefore(NOW - 100 * DAY), []],
    ['of whom it was lately', 'signedInOn', signedInSince(NOW - 90 * DAY), ['Anna']],
    ['of invitations that can be used', 'invitedUntil', invitedBeyond(NOW), ['carla']],
    ['of those that cannot', 'invitedUntil', invitedUpTo(NOW), ['pim', 'Dirk']],
  ])('%s', async (_of, by, between, expected) => {
    expect(await found(by, between)).toEqual(expected)
  })

  test('goes on behind somebody of it, and behind nobody else', async () => {
    const from = following(`a\n${placeOf({ id: 'Anna', name: 'Anna' })}`)
    expect(await found('ofOrganization', { ...allOf('a'), from })).toEqual(['bram', 'Dirk'])
  })
})

test('two of one name are in a certain order, and none is passed over by going on', async () => {
  const places = ['1', '11', '1|', '2'].map((id) => placeOf({ id, name: 'Jan' }))
  expect(places.toSorted()).toEqual(places)
  expect(places.filter((place) => place >= following(places[0] ?? ''))).toEqual(places.slice(1))
})

test('a sign-in on the same day moves nobody in any list', () => {
  const sanne = account()
  const at = (lastSignInAt: number) =>
    personKind.finders({ ...emptyPersonRecord(), account: { ...sanne, lastSignInAt } })
  const morning = Math.floor(NOW / DAY) * DAY
  expect(at(morning + DAY - 1)).toEqual(at(morning))
  expect(at(morning + DAY)).not.toEqual(at(morning))
})
