/** The glossary in views/locales/README.md holds in the language files: one word for each thing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { flatten } from '../../../src/render/texts.ts'

const FOLDER = join(import.meta.dirname, '../../../views/locales')
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

/** Columns of the table: which word a language never uses, and beside it where that word means something else. */
const NEVER: Record<string, number> = { en: 2, nl: 4 }
const ELSEWHERE = 5

const rows = read('README.md')
  .split('\n')
  .filter((line) => /^\| (?!Thing)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

/** Not within a {placeholder} or a word; `*` is the rest of one. */
function pattern(word: string): RegExp {
  const letters = word.replaceAll('*', '[\\p{L}-]*').replaceAll(' ', '\\s+')
  return new RegExp(`(?<![\\p{L}{_-])${letters}(?![\\p{L}}_-])`, 'iu')
}

describe.each(Object.entries(NEVER))('%s', (locale, column) => {
  const texts = [...flatten(JSON.parse(read(`${locale}.json`)))]

  test('has no other word for the same thing', () => {
    const found = rows.flatMap((row) => {
      const elsewhere = (row[ELSEWHERE] ?? '').split(' ').filter(Boolean)
      const words = (row[column] ?? '').split(', ').filter(Boolean).map(pattern)
      return texts
        .filter(([key]) => !elsewhere.some((prefix) => key.startsWith(prefix)))
        .filter(([, text]) => words.some((word) => word.test(text)))
        .map(([key, text]) => `${row[0]}: ${key}: ${text}`)
    })
    expect(found).toEqual([])
  })
})

test('every exception of the glossary is the beginning of a key', () => {
  expect(rows.length).toBeGreaterThan(25)
  const keys = [...flatten(JSON.parse(read('en.json'))).keys()]
  const named = rows.flatMap((row) => (row[ELSEWHERE] ?? '').split(' ').filter(Boolean))
  expect(named.filter((prefix) => !keys.some((key) => key.startsWith(prefix)))).toEqual([])
})
