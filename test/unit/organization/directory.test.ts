/** Organizations as requests see them. */
import { expect, test } from 'vitest'
import { distance, organizationKey } from '../../../src/organization/key.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const KNOWN = {
  a: organization('Bakkerij de Vries', { number: '4711' }),
  b: organization('Bakkerij de Vries BV', { mergedInto: 'a' }),
  c: organization('Old name', { mergedInto: 'b' }),
  d: organization('Slagerij', { status: 'disabled', ending: 1 }),
}

test('ids and names of those that were merged lead to the one that stays, over however many', () => {
  const known = knownOrganizations(KNOWN)
  for (const id of ['a', 'b', 'c']) expect(known.find(id)?.id).toBe('a')
  for (const text of ['bakkerij  DE vries', ' 4711', 'old name']) expect(known.called(text)?.id).toBe('a')
  expect(known.nameOf('c')).toBe('Bakkerij de Vries')
  expect(known.own('c')?.id).toBe('c')
  expect(known.own('Old name')?.id).toBe('c')
  expect([known.find('x'), known.called('x'), known.own('x'), known.nameOf(undefined)]).toEqual(
    Array(4).fill(undefined),
  )
})

test('two that were merged into each other at one moment are one, whichever is asked for', () => {
  const known = knownOrganizations({
    x: organization('X', { mergedInto: 'y' }),
    y: organization('Y', { mergedInto: 'x' }),
    z: organization('Z', { mergedInto: 'y' }),
  })
  expect(['x', 'y', 'z'].map((id) => known.find(id)?.id)).toEqual(['x', 'x', 'x'])
})

test('whom it lets in', async () => {
  const known = knownOrganizations(KNOWN)
  const admitted = ['a', 'b', 'd', 'unknown', undefined].map((organizationId) => known.admits({ organizationId }))
  expect(await Promise.all(admitted)).toEqual([true, true, false, false, true])
})

test('somebody whom an ending took out that is not known here yet is not let in by what is known', async () => {
  const known = { a: organization('Bakkerij') }
  let asked = 0
  const held = knownOrganizations(known, async () => {
    asked += 1
    known.a = organization('Bakkerij', { status: 'disabled', ending: 1 })
    return true
  })
  expect(await held.admits({ organizationId: 'a' })).toBe(true)
  expect(asked).toBe(0)
  expect(await held.admits({ organizationId: 'a', endingBegun: 1 })).toBe(false)
  expect(asked).toBe(1)
  expect(await held.admits({ organizationId: 'a', endingBegun: 1 })).toBe(false)
  expect(asked).toBe(1)
})

test('one that was added elsewhere a moment ago is looked for before nobody is found', async () => {
  const known: Parameters<typeof knownOrganizations>[0] = {}
  const held = knownOrganizations(known, async () => {
    known.new = organization('New')
    return true
  })
  expect(held.called('new')).toBeUndefined()
  expect((await held.getCalled('new'))?.id).toBe('new')
  expect((await held.get('new'))?.id).toBe('new')
})

test('there is news once after a change, and at first', async () => {
  let moved = true
  const held = knownOrganizations({}, async () => moved)
  expect([held.takeNews(), held.takeNews()]).toEqual([true, false])
  await held.follow()
  moved = false
  await held.follow()
  expect([held.takeNews(), held.takeNews()]).toEqual([true, false])
})

test.each([
  ['Bakery de Vries', 'Bakkerij de Vries'],
  ['slagerei', 'Slagerij'],
  ['Notariskantoor', undefined],
  ['', undefined],
])('%j may have been meant as %j', (typed, expected) => {
  expect(knownOrganizations(KNOWN).nearest(typed)).toBe(expected)
})

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['flaw', 'lawn', 2],
])('from %j to %j: %i', (one, other, expected) => {
  expect([distance(one, other), distance(other, one)]).toEqual([expected, expected])
})

test('spellings of one name are one', () => {
  expect(organizationKey('\tBAKKERIJ  DE\u00a0VRIES ')).toBe('bakkerij de vries')
  expect(organizationKey('Straße')).toBe(organizationKey('STRASSE'))
})
