/** record/copy.ts: a copy shares nothing, and what is the same is written the same. */
import { expect, test } from 'vitest'
import { copyOf, isSame } from '../../../src/record/copy.ts'

const BEAR = { label: 'Bear', price: 0, sold: undefined, colors: ['red'], notes: [{ text: 'soft', by: { id: 'a' } }] }

test('a copy is the same and shares nothing', () => {
  const copy = copyOf(BEAR)
  expect(copy).toStrictEqual(BEAR)
  expect(copy.colors).not.toBe(BEAR.colors)
  expect(copy.notes[0]?.by).not.toBe(BEAR.notes[0]?.by)
  expect([copyOf(null), copyOf(undefined), copyOf('text'), copyOf([])]).toEqual([null, undefined, 'text', []])
})

test.each<[string, unknown, unknown]>([
  ['a text', 'a', 'b'],
  ['a number and its text', 1, '1'],
  ['nothing and no object', null, {}],
  ['a list and an object', [], {}],
  ['an object and a list', {}, []],
  ['a longer list', ['a'], ['a', 'b']],
  ['a shorter list', ['a', 'b'], ['a']],
  ['another order', ['a', 'b'], ['b', 'a']],
  ['one field more', { a: 1 }, { a: 1, b: 2 }],
  ['one field less', { a: 1, b: 2 }, { a: 1 }],
  ['a field deep inside', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
])('%s is different', (_what, one, other) => {
  expect(isSame(one, other)).toBe(false)
})

test('what is undefined is as good as absent, and the order of fields is none', () => {
  expect(isSame(BEAR, copyOf(BEAR))).toBe(true)
  expect(isSame({ a: 1, b: undefined }, { a: 1 })).toBe(true)
  expect(isSame({ a: 1 }, { b: undefined, a: 1 })).toBe(true)
  expect(isSame({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true)
})
