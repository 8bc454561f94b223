/** The second factors that an application counts, where its record says so and where it says nothing. */
import { expect, test } from 'vitest'
import { change, create } from '../../../src/client/changes.ts'
import { ownFields } from '../../../src/client/own-fields.ts'
import { clientKind } from '../../../src/client/record.ts'
import { assuranceAt } from '../../../src/client/registry.ts'
import { SECOND_FACTORS } from '../../../src/person/second-factor.ts'
import { asForm, changedIn } from '../../../src/web/admin/applications/form.ts'
import { CLIENT, DEFINITIONS } from '../../support/unit/applications.ts'

function kept(second_factors: unknown): unknown {
  const checked = DEFINITIONS.client({ ...CLIENT, second_factors }, { scopes: undefined, hasSecret: true, ours: [] })
  return checked.ok ? checked.definition.second_factors : checked.faults
}

test('all of them are kept by saying nothing, so that a release which knows fewer can read the record', () => {
  expect(kept(undefined)).toBeUndefined()
  expect(kept([...SECOND_FACTORS].reverse())).toBeUndefined()
  expect(kept(['backup', 'passkey'])).toEqual(['passkey', 'backup'])
  expect(ownFields({}).second_factors).toEqual(SECOND_FACTORS)
})

test('all that there were before passkeys is all that there are: it was written where nobody had said anything', () => {
  const before = ['totp', 'sms', 'backup', 'temporary']
  expect(kept(before)).toBeUndefined()
  expect(ownFields({ second_factors: before }).second_factors).toEqual(SECOND_FACTORS)
})

test('a shorter list that was said before there were passkeys stays as it is', () => {
  const before = ['totp', 'backup', 'temporary']
  expect(kept(before)).toEqual(before)
  expect(ownFields({ second_factors: before }).second_factors).toEqual(before)
})

test('the form ticks all where nothing is said, and what nobody touched is no change', () => {
  const shown = asForm({})
  expect(SECOND_FACTORS.filter((factor) => shown[`second_factors-${factor}`] === 'yes')).toEqual(SECOND_FACTORS)
  expect(changedIn(shown, {})).not.toHaveProperty('second_factors')
  const { 'second_factors-sms': _, ...fewer } = shown
  expect(changedIn(fewer, {}).second_factors).toEqual(['passkey', 'totp', 'backup', 'temporary'])
})

test.each<[string, unknown, unknown, boolean]>([
  ['more count', ['totp'], ['passkey', 'totp'], false],
  ['all count', ['totp', 'sms'], undefined, false],
  ['fewer count', undefined, ['totp'], true],
  ['others count', ['totp'], ['passkey'], true],
])('access tokens of before end where what was proven may count no more: %s', (_what, from, to, ends) => {
  const draft = clientKind.empty()
  const definition = (second_factors: unknown) => ({
    client_id: 'roster',
    ...(second_factors ? { second_factors } : {}),
  })
  create(draft, { definition: definition(from), owner: { kind: 'store' } }, { actor: 'a', via: 'pages', at: 1 })
  change(draft, { on: 'store', definition: definition(to) }, { actor: 'a', via: 'pages', at: 2 })
  expect(assuranceAt(draft)).toBe(ends ? 2 : undefined)
})
