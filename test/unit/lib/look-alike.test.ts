/** A name that people would take for that of an application of the house (SECURITY, names on the page of consent). */
import { expect, test } from 'vitest'
import { looksLike, mixedWord, skeleton } from '../../../src/lib/look-alike.ts'

test.each([
  ['the same', 'Sigma Portal'],
  ['case', 'SIGMA portal'],
  ['spaces', 'Sigma  Portal '],
  ['no spaces', 'SigmaPortal'],
  ['punctuation', 'Sigma-Portal.'],
  ['an accent', 'Sígma Portal'],
  ['a sign nobody sees', 'Sig\u200bma Portal'],
  ['a soft hyphen', 'Sigma Por\u00adtal'],
  ['full-width letters', 'Ｓｉｇｍａ Portal'],
  ['mathematical letters', '𝐒𝐢𝐠𝐦𝐚 Portal'],
  ['letters in circles', 'Ⓢⓘⓖⓜⓐ Portal'],
  ['Cyrillic for one letter', 'Sigmа Portal'],
  ['Greek for one letter', 'Sigma Pοrtal'],
  ['a capital I for a small l', 'Sigma PortaI'],
  ['a digit for a letter', 'S1gma P0rtal'],
  ['a bar for a letter', 'Sigma Porta|'],
  ['two letters for one', 'Sigrna Portal'],
  ['a small dotless i', 'Sıgma Portal'],
])('%s: looks like Sigma Portal', (_what, name) => expect(looksLike(name, 'Sigma Portal')).toBe(true))

test.each(['Sigma Portals', 'Sigma', 'Portal', 'Roster', 'Sigma Port', '', '—'])('%s does not', (name) =>
  expect(looksLike(name, 'Sigma Portal')).toBe(false),
)

test('a word all in another script looks like the Latin one, and is of one script', () => {
  expect(looksLike('ѕсоре', 'scope')).toBe(true)
  expect(mixedWord('ѕсоре')).toBeUndefined()
})

test('names of nothing but signs look like nothing', () => {
  expect(skeleton('—…')).toBe('')
  expect(looksLike('—', '…')).toBe(false)
})

test.each([
  ['Sigmа Portal', 'Sigmа'],
  ['Pοrtal', 'Pοrtal'],
  ['Die Բank', 'Բank'],
])('%s mixes scripts in a word', (name, word) => expect(mixedWord(name)).toBe(word))

test.each(['Roosters & Meer', 'Портал', 'Портал Sigma', 'Café 24', '給与ポータル', 'Sigma給与', 'Δ Portal', ''])(
  '%s does not',
  (name) => expect(mixedWord(name)).toBeUndefined(),
)
