/** What may happen to an organization. */
import { expect, test } from 'vitest'
import { organizationKind } from '../../../src/organization/kind.ts'
import {
  addOrganization,
  changeOrganization,
  disableOrganization,
  emptyOrganization,
  enableOrganization,
  mergeOrganization,
  type Organization,
} from '../../../src/organization/organization.ts'
import { organization } from '../../support/unit/organizations.ts'

const NOW = 1000

test('one that is added has what was said, and the moment', () => {
  const draft = emptyOrganization()
  addOrganization(draft, { name: 'Bakkerij', number: '12', domains: ['a.nl'], contacts: [] }, NOW)
  expect(draft).toEqual({
    ...organization('Bakkerij', { number: '12', domains: ['a.nl'] }),
    version: 1,
    createdAt: NOW,
    changedAt: NOW,
  })
  expect(() => addOrganization(draft, { name: 'Other', domains: [], contacts: [] }, NOW)).toThrow()
})

test('a change tells which fields it changed, and what is the same is none', () => {
  const draft = organization('Bakkerij', { number: '12', domains: ['a.nl'], campaign: { start: 1, deadline: 2 } })
  const changes = { name: 'Bakkerij BV', number: undefined, domains: ['a.nl'], campaign: { start: 1, deadline: 3 } }
  expect(changeOrganization(draft, changes, NOW)).toEqual({ ok: true, fields: ['name', 'number', 'campaign'] })
  expect(draft).toMatchObject({ name: 'Bakkerij BV', campaign: { start: 1, deadline: 3 }, changedAt: NOW })
  expect(draft.number).toBeUndefined()
  expect(changeOrganization(draft, { name: 'Bakkerij BV' }, NOW + 1)).toEqual({ ok: true, fields: [] })
  expect(draft.changedAt).toBe(NOW)
})

test('each time that it is disabled is an ending of its own, and it is enabled after that one only', () => {
  const draft = organization('Bakkerij')
  expect(disableOrganization(draft, NOW)).toEqual({ ok: true, ending: 1 })
  expect(disableOrganization(draft, NOW)).toEqual({ ok: false, reason: 'disabled' })
  expect(enableOrganization(draft, 0, NOW)).toEqual({ ok: false, reason: 'active' })
  expect(enableOrganization(draft, 1, NOW)).toEqual({ ok: true })
  expect(enableOrganization(draft, 1, NOW)).toEqual({ ok: false, reason: 'active' })
  expect(disableOrganization(draft, NOW)).toEqual({ ok: true, ending: 2 })
})

const rules: Array<[name: string, rule: (draft: Organization) => object]> = [
  ['change', (draft) => changeOrganization(draft, { name: 'x' }, NOW)],
  ['disable', (draft) => disableOrganization(draft, NOW)],
  ['enable', (draft) => enableOrganization(draft, 0, NOW)],
  ['merge', (draft) => mergeOrganization(draft, 'other', NOW)],
]

test.each(rules)('%s: not one that is not there, nor one that was merged', (_name, rule) => {
  const merged = organization('Bakkerij', { mergedInto: 'one' })
  for (const [draft, reason] of [
    [emptyOrganization(), 'unknown'],
    [merged, 'merged'],
  ] as const) {
    const before = structuredClone(draft)
    expect(rule(draft)).toEqual({ ok: false, reason })
    expect(draft).toEqual(before)
  }
})

test('nobody is let in by a merger: a disabled one is enabled first', () => {
  expect(mergeOrganization(organization('Bakkerij', { status: 'disabled' }), 'other', NOW)).toEqual({
    ok: false,
    reason: 'disabled',
  })
})

test('it is found by its name and number in any spelling, and by each domain; one that is not there by nothing', () => {
  const one = organization('Bakkerij  De Vries', { number: 'A 7', domains: ['a.nl', 'b.nl'] })
  expect(organizationKind.keys(one)).toEqual(['called:bakkerij de vries', 'called:a 7', 'domain:a.nl', 'domain:b.nl'])
  expect(organizationKind.keys(organization('12', { number: '12' }))).toEqual(['called:12'])
  expect(organizationKind.keys(emptyOrganization())).toEqual([])
  expect(organizationKind.finders(emptyOrganization())).toEqual({ changedAt: undefined, status: undefined })
})

test('every change is a version, and nothing is done over one that was not looked at', () => {
  const draft = organization('Bakkerij', { version: 3 })
  const late = { ok: false, reason: 'changed-meanwhile' }
  expect(changeOrganization(draft, { name: 'x', read: 2 }, NOW)).toEqual(late)
  expect(disableOrganization(draft, NOW, { read: 2 })).toEqual(late)
  expect(mergeOrganization(draft, 'other', NOW, { read: 2 })).toEqual(late)
  expect(draft).toEqual(organization('Bakkerij', { version: 3 }))
  expect(changeOrganization(draft, { name: 'Bakkerij', read: 3 }, NOW)).toEqual({ ok: true, fields: [] })
  changeOrganization(draft, { name: 'x', read: 3 }, NOW)
  disableOrganization(draft, NOW, { read: 4 })
  enableOrganization(draft, 1, NOW)
  mergeOrganization(draft, 'other', NOW, { read: 6 })
  expect(draft).toMatchObject({ version: 7, mergedInto: 'other' })
})
