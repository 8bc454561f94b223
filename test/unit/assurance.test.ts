/** The ladder: what was proven has one rung and one name, and nothing is rounded up. */
import { expect, test } from 'vitest'
import { amr, atLeast, LADDER, ladder, type Rung, reached, strictest } from '../../src/mfa/assurance.ts'

const NAMES: Record<Rung, string> = {
  password: 'urn:sigma:acr:password',
  knownDevice: 'urn:sigma:acr:known-device',
  mfa: 'urn:sigma:acr:mfa',
  phishingResistant: 'phr',
}
const REFEDS = 'https://refeds.org/profile/mfa'
const SFA = 'https://refeds.org/profile/sfa'
const names = ladder(NAMES, { [REFEDS]: 'mfa', [SFA]: 'password' })

test('each rung is at least those below it, and only those', () => {
  for (const [height, rung] of LADDER.entries())
    for (const [wantedHeight, wanted] of LADDER.entries()) expect(atLeast(rung, wanted)).toBe(height >= wantedHeight)
})

test.each<[Rung[], Rung]>([
  [[], 'password'],
  [['mfa'], 'mfa'],
  [['mfa', 'password', 'knownDevice'], 'mfa'],
  [['password', 'phishingResistant'], 'phishingResistant'],
])('the strictest of %j is %s', (rungs, expected) => {
  expect(strictest(...rungs)).toBe(expected)
})

test('nothing proven is no rung and no method; a password is one factor and never mfa', () => {
  expect(reached({})).toBeUndefined()
  expect(amr({})).toEqual([])
  expect(reached({ password: 1 })).toBe('password')
  expect(amr({ password: 1 })).toEqual(['pwd'])
})

test.each<[string, Rung, string[], string]>([
  ['nothing is asked: our own name', 'password', [], NAMES.password],
  ['an alias is asked and met: the alias', 'mfa', [REFEDS], REFEDS],
  ['more is asked than reached: the true, lower rung', 'password', [NAMES.mfa, REFEDS, 'phr'], NAMES.password],
  ['two are met: the higher', 'mfa', [SFA, REFEDS], REFEDS],
  ['two names of one rung: the first', 'mfa', [NAMES.mfa, REFEDS], NAMES.mfa],
  ['a name we do not know is not repeated', 'password', ['urn:evil:highest'], NAMES.password],
  ['names of the prototype are not known', 'password', ['__proto__', 'constructor', 'toString'], NAMES.password],
  ['a lower one is asked: its name', 'mfa', [SFA], SFA],
])('%s', (_when, rung, requested, expected) => {
  expect(names.answer(rung, requested)).toBe(expected)
})

test('a name stands for one rung, and every name is published', () => {
  expect(names.rungOf(REFEDS)).toBe('mfa')
  expect(names.rungOf('phr')).toBe('phishingResistant')
  expect(names.rungOf('')).toBeUndefined()
  expect(names.rungOf('PHR')).toBeUndefined()
  expect(new Set(names.supported)).toEqual(new Set([...Object.values(NAMES), REFEDS, SFA]))
})
