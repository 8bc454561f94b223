/** Addresses that look like another's at a glance (UTR 39 section 4), and those that do not. */
import { expect, test } from 'vitest'
import { emailKey } from '../../../src/person/account.ts'
import { looksOf, mixesScripts, shownDomain } from '../../../src/person/look-alike.ts'

const alike = (one: string, other: string) => looksOf(emailKey(one)) === looksOf(emailKey(other))

test.each([
  ['rn for m', 'sanne@sigrna.example'],
  ['rn for m before the @', 'sarnme@sigma.example', 'sammе@sigma.example'.replace('е', 'e')],
  ['a digit for a letter', 'sanne@s1gma.example'],
  ['an l for an i', 'sanne@slgma.example'],
  ['vv for w', 'w.vos@sigma.example', 'vv.vos@sigma.example'],
  ['a Cyrillic letter', 'sanne@sіgma.example'],
  ['the same in ASCII', 'sanne@xn--sgma-l9d.example'],
  ['an accent in the domain', 'sanne@sigmá.example'],
  ['a dot that some providers pass over', 's.anne@sigma.example'],
  ['a hyphen more', 'sanne@sig-ma.example'],
  ['a nought for an o', 'jo@sigma.example', 'j0@sigma.example'],
])('%s', (_what, one, other = 'sanne@sigma.example') => {
  expect(alike(one, other)).toBe(true)
})

test.each([
  ['another name', 'bram@sigma.example'],
  ['another domain', 'sanne@sigma-pd.example'],
  ['another end', 'sanne@sigma.test'],
  ['a label more', 'sanne@sig.ma.example'],
  ['a number of two', 'sanne2@sigma.example'],
])('%s is no look-alike', (_what, one) => {
  expect(alike(one, 'sanne@sigma.example')).toBe(false)
})

test('a domain of other letters is told as it is shown, and one that mixes scripts is told', () => {
  expect(shownDomain('jan@xn--n1abhe.xn--p1ai')).toBe('пост.рф')
  expect(shownDomain('jan@sigma.example')).toBeUndefined()
  expect(mixesScripts('jan@xn--n1abhe.xn--p1ai')).toBe(false)
  expect(mixesScripts(emailKey('sanne@sіgma.example'))).toBe(true)
})
