/** Which dates are those of an organization: by its record, or as the configuration names it. */
import { expect, test } from 'vitest'
import { namesOfNobody, periodsOf } from '../../../src/mfa/organization-campaign.ts'
import { organizationKey } from '../../../src/organization/key.ts'
import type { Organization } from '../../../src/organization/organization.ts'
import { knownOrganizations, organization } from '../../support/unit/organizations.ts'

const SOONER = { start: Date.parse('2026-08-01'), deadline: Date.parse('2026-09-01') }
const LATER = { start: Date.parse('2026-11-01'), deadline: Date.parse('2026-12-01') }

function configured(...names: string[]) {
  return new Map(names.map((name) => [organizationKey(name), { name, ...SOONER }]))
}

test.each<[called: string, written: string, same: boolean]>([
  ['Bakkerij De Vries', 'Bakkerij de Vries', true],
  ['Bakkerij de Vries ', 'Bakkerij de Vries', true],
  ['\tBAKKERIJ  DE\u00a0VRIES', 'Bakkerij de Vries', true],
  ['Ｂａｋｋｅｒｉｊ de Vries', 'Bakkerij de Vries', true],
  ['Cafe\u0301 Straße', 'CAFÉ STRASSE', true],
  ['Bakkerij', 'Bakkerij de Vries', false],
  ['Bakkerij-de-Vries', 'Bakkerij de Vries', false],
])('one that is called %j is the one that is written %j: %s', (name, written, same) => {
  const known = knownOrganizations({ one: organization(name) })
  expect(periodsOf(configured(written), known).get('one')).toEqual(same ? { name: written, ...SOONER } : undefined)
  expect(namesOfNobody(configured(written, 'Slagerij'), known)).toEqual([...(same ? [] : [written]), 'Slagerij'])
})

type Row = [what: string, given: Partial<Organization>, written: string[], expected: object | undefined]

test.each<Row>([
  ['by its number', { number: '4711' }, [' 4711 '], SOONER],
  ['its number goes before its name', { number: '4711' }, ['Bakkerij', '4711'], { name: '4711' }],
  ['dates on its record go before the file, also later ones', { campaign: LATER }, ['Bakkerij'], LATER],
  ['on its record alone', { campaign: LATER }, [], LATER],
  ['nowhere', {}, ['Slagerij'], undefined],
])('dates are found: %s', (_what, given, written, expected) => {
  const period = periodsOf(configured(...written), knownOrganizations({ one: organization('Bakkerij', given) })).get(
    'one',
  )
  if (expected) expect(period).toMatchObject(expected)
  else expect(period).toBeUndefined()
})

test('what one was called that was merged into another is still a name of that other', () => {
  const known = knownOrganizations({
    old: organization('Bakkerij De Vries BV', { number: '12', mergedInto: 'one' }),
    one: organization('Bakkerij'),
    two: organization('Slagerij'),
  })
  for (const written of ['bakkerij de vries bv', '12']) {
    const periods = periodsOf(configured(written), known)
    expect(['old', 'one', 'two'].map((id) => periods.get(id)?.start)).toEqual([SOONER.start, SOONER.start, undefined])
    expect(namesOfNobody(configured(written), known)).toEqual([])
  }
})
