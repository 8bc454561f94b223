/** What follows for people of an organization, in bites that another goes on with. */
import { expect, test } from 'vitest'
import { admittedPeople } from '../../../src/accounts/admitted.ts'
import { memberships } from '../../../src/accounts/membership.ts'
import type { Parcel } from '../../../src/delivery/queue.ts'
import type { Organization } from '../../../src/organization/organization.ts'
import { personKind } from '../../../src/person/kind.ts'
import { transfer } from '../../../src/person/membership.ts'
import { account } from '../../support/samples/records.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

/** So many people of `o`, and one of another. */
async function crowd(size: number, known: Record<string, Organization>) {
  const people = memoryRecords(personKind)
  const ended: string[] = []
  const faults: string[] = []
  const put = (id: string, organizationId: string | undefined) =>
    people.change(id, (draft) => {
      draft.account = account({ id, emailKey: id, organizationId, status: 'active', epoch: 0 })
    })
  for (let n = 0; n < size; n += 1) await put(`p${n}`, 'o')
  await put('other', 'other')
  await put('nobodys', undefined)
  const organizations = knownOrganizations(known)
  const parts = {
    people,
    organizations,
    atOnce: 10,
    async endSessions(id: string) {
      if (faults.includes(id)) throw new Error('the store is away')
      ended.push(id)
    },
  }
  const epochs = async () => {
    const found = await people.list({ by: 'organization', limit: 10_000 })
    return new Map(found.map(({ id, record }) => [id, record.account?.epoch]))
  }
  return { people, ended, faults, epochs, organizations, works: memberships(parts) }
}

const DISABLED = organization('Bakkerij', { status: 'disabled', ending: 1 })

test('of a disabled one everybody is taken out once, in bites, and nobody else', async () => {
  const { works, ended, epochs } = await crowd(123, { o: DISABLED, other: organization('Other') })
  expect(await works.settle()).toBe(true)
  expect(ended).toHaveLength(100)
  expect(await works.settle()).toBe(true)
  expect(new Set(ended).size).toBe(123)
  expect(ended).toHaveLength(123)
  expect(await works.settle()).toBe(false)
  expect(ended).toHaveLength(123)
  expect((await epochs()).get('other')).toBe(0)
  expect((await epochs()).get('p7')).toBe(1)
})

test('where one stopped another goes on: whose sessions were not ended yet has them ended, without a second epoch', async () => {
  const { works, ended, faults, epochs } = await crowd(3, { o: DISABLED })
  faults.push('p1')
  await expect(works.settle()).rejects.toThrow('away')
  expect(ended.toSorted()).toEqual(['p0', 'p2'])
  // What was signed in opens nothing already.
  expect((await epochs()).get('p1')).toBe(1)
  faults.length = 0
  await works.finish('o')
  expect(ended.toSorted()).toEqual(['p0', 'p1', 'p2'])
  expect([...(await epochs()).values()].filter((epoch) => epoch === 1)).toHaveLength(3)
})

test('people of one that was merged belong to the other, signed in as they were; at a disabled one they have to leave', async () => {
  const pointer = organization('Old', { mergedInto: 'o2' })
  for (const [head, out] of [
    [organization('New', { ending: 4 }), 0],
    [organization('New', { ending: 4, status: 'disabled' }), 30],
  ] as const) {
    const { works, people, ended } = await crowd(30, { o: pointer, o2: head })
    while (await works.settle());
    expect(ended).toHaveLength(out)
    const { account: moved } = (await people.find('p5')) ?? {}
    expect(moved).toMatchObject({ organizationId: 'o2', endingDone: 4 })
    expect((await people.find('other'))?.account?.organizationId).toBe('other')
  }
})

test('people of a disabled organization are as disabled as if they were themselves, to whoever only looks', async () => {
  const { people, organizations } = await crowd(1, { o: DISABLED, other: organization('Other') })
  const admitted = admittedPeople(people, organizations)
  const status = async (id: string) => (await admitted.find(id))?.account?.status
  expect([await status('p0'), await status('other'), await status('nobodys')]).toEqual(['disabled', 'active', 'active'])
  expect((await admitted.findBy('email:p0'))?.record.account?.status).toBe('disabled')
  expect([await admitted.find('x'), await admitted.findBy('x')]).toEqual([undefined, undefined])
  expect(await admitted.change('p0', (draft) => draft.account?.status)).toBe('active')
})

test('whoever is moved has nothing left that was signed in, also what is written back by a request under way', () => {
  const person = { ...personKind.empty(), account: account({ organizationId: 'a', epoch: 4 }), parcels: [] as Parcel[] }
  expect(transfer(person, { organizationId: 'b', ending: 2 }, [])).toBe(true)
  expect(person.account).toMatchObject({ organizationId: 'b', endingBegun: 2, endingDone: 2, epoch: 5 })
  expect(transfer(person, { organizationId: 'b', ending: 2 }, [])).toBe(false)
  expect(person.account.epoch).toBe(5)
  expect(transfer(person, undefined, [])).toBe(true)
  expect(person.account.organizationId).toBeUndefined()
  expect(transfer({ ...personKind.empty(), parcels: [] }, undefined, [])).toBe(false)
})
