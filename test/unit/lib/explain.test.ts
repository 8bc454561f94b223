/** What ends a start or a command is told in a sentence where an operator can mend it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { AppError } from '../../../src/lib/errors.ts'
import { explain } from '../../../src/lib/explain.ts'

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-explain-'))
afterAll(() => rmSync(folder, { recursive: true }))

const text = join(folder, 'text.db')
writeFileSync(text, 'no database at all, and long enough to be read as one: '.repeat(20))

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (fault) {
    return fault
  }
  return undefined
}

test.each<[string, unknown, RegExp]>([
  ['a fault with a sentence of its own', new AppError('x', 'the sentence'), /^the sentence$/],
  [
    'a key that is missing',
    new AppError('unknown-key', 'no key with id "a"'),
    /^no key with id "a"\. SIGMA_KEYS must hold/,
  ],
  ['a file that is not there', thrownBy(() => readFileSync(join(folder, 'none'))), /none: there is no such file$/],
  ['a folder in the place of a file', thrownBy(() => readFileSync(folder)), /: is a folder, and has to be a file$/],
  [
    'a database that is a text',
    thrownBy(() => new DatabaseSync(text).exec('PRAGMA user_version = 1')),
    /^The database is damaged, or is none: /,
  ],
])('%s', (_what, fault, said) => {
  expect(fault).toBeInstanceOf(Error)
  expect(explain(fault)).toMatch(said)
  expect(explain(fault)).not.toMatch(/^\s+at /m)
})

test('a mistake of ours is told with where it was made', () => {
  expect(explain(new TypeError('ours'))).toMatch(/^TypeError: ours\n\s+at /)
})
