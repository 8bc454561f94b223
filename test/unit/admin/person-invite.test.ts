/** What an administrator may type for a person (SECURITY N-02, N-03, K-05): it ends up in mails, pages and tokens. */
import { expect, test } from 'vitest'
import { VERBS } from '../../../src/admin/verbs.ts'

const input = VERBS.find(({ name }) => name === 'person:invite')?.input
const GOOD = { email: 'sanne@sigma.example', name: 'Sanne de Vries' }

function accepted(changes: Record<string, unknown>): boolean {
  if (!input) throw new Error('there is no person:invite')
  return input.safeParse({ ...GOOD, ...changes }).success
}

test.each([
  'Sanne de Vries',
  'Zoë Đặng-Ñuñez',
  "Mehmet D'Öz",
  '山田太郎',
  'محمد علی',
  'می\u200cخواهم',
  'Anna 🌷',
  'x'.repeat(80),
])('N-03: %s is a name', (name) => {
  expect(accepted({ name })).toBe(true)
})

test.each([
  ['nothing', ''],
  ['81 letters', 'x'.repeat(81)],
  ['10 kB', 'x'.repeat(10_000)],
  ['a line end', 'Sanne\r\nBcc: all@sigma.example'],
  ['NUL', 'Sanne\0'],
  ['an escape', 'Sanne\u001b[31m'],
  ['a line separator', 'Sanne\u2028x'],
  ['a right-to-left override', 'Sanne \u202eseirV'],
  ['an isolate', '\u2067Sanne'],
  ['an Arabic letter mark', 'Sanne\u061c'],
  ['a zero width space', 'San\u200bne'],
  ['a soft hyphen', 'San\u00adne'],
  ['a byte order mark', '\ufeffSanne'],
])('N-03: a name with %s is refused', (_what, name) => {
  expect(accepted({ name })).toBe(false)
  expect(accepted({ organization: name })).toBe(false)
})

test('K-05: only what is an address is one (see lib/email-address.test.ts)', () => {
  for (const email of ['', 'sanne', 'sanne@sigma.example\r\nBcc: x@y.example', 'Sanne <a@b.example>'])
    expect(accepted({ email }), email).toBe(false)
  for (const email of ['r&d@sigma.example', 'jan@пост.рф']) expect(accepted({ email }), email).toBe(true)
})

test.each(['__proto__', 'constructor', ' toString ', 'prototype'])('%j is the name of no organization', (name) => {
  expect(accepted({ organization: name })).toBe(false)
  expect(accepted({ organization: `${name} BV` })).toBe(true)
})

test.each([['admin'], ['__proto__'], ['Owner']])('%s is no role', (role) => {
  expect(accepted({ role: [role] })).toBe(false)
})
