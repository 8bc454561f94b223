/** Forms are flat strings, whatever is sent (SECURITY WEB-03, K-01, K-02). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseForm } from '../../../src/web/form.ts'

test('what a browser sends is read as it was typed', () => {
  expect({ ...parseForm('email=sanne%40sigma.example&password=+a%2Bb+%C3%A9%F0%9F%98%80&empty=') }).toEqual({
    email: 'sanne@sigma.example',
    password: ' a+b é😀',
    empty: '',
  })
})

test.each([
  ['password[$ne]=x', 'password[$ne]', 'x'],
  ['password[]=x', 'password[]', 'x'],
  ['a.b=x', 'a.b', 'x'],
  ['__proto__=x', '__proto__', 'x'],
  ['constructor=x', 'constructor', 'x'],
  ['toString=x', 'toString', 'x'],
  ['=x', '', 'x'],
])('%s is a field with an odd name', (text, name, value) => {
  const fields = parseForm(text)
  expect(Object.entries(fields)).toEqual([[name, value]])
  expect(fields.password).toBeUndefined()
})

test('fields of the prototype are not there', () => {
  const fields = parseForm('a=1')
  expect(Object.getPrototypeOf(fields)).toBeNull()
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) expect(fields[name]).toBeUndefined()
})

test.each([
  ['a field twice', 'a=1&a=2'],
  ['a field twice, spelled in two ways', 'a=1&%61=2'],
  ['the prototype twice', '__proto__=1&__proto__=2'],
  ['NUL in a value', 'a=%00'],
  ['NUL in a name', 'a%00=1'],
  ['a million fields', 'a&'.repeat(2 ** 20)],
  ['51 fields', Array.from({ length: 51 }, (_, index) => `f${index}=`).join('&')],
])('%s is refused', (_what, text) => {
  expect(() => parseForm(text)).toThrow(expect.objectContaining({ code: 'bad-request', status: 400 }))
})

test('50 fields are read', () => {
  expect(Object.keys(parseForm(Array.from({ length: 50 }, (_, index) => `f${index}=`).join('&')))).toHaveLength(50)
})

test('any text is read into strings or refused with 400', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webQueryParameters()), (text) => {
      try {
        expect(Object.values(parseForm(text)).every((value) => typeof value === 'string')).toBe(true)
      } catch (fault) {
        expect(fault).toMatchObject({ code: 'bad-request', status: 400 })
      }
    }),
    { numRuns: 1000 },
  )
})
