/** lib/made-lately.ts: made once for each text, never for another, and no more is held than that. */
import { beforeEach, expect, test } from 'vitest'
import { madeLately } from '../../../src/lib/made-lately.ts'

let made: string[]
let of: (text: string) => string

beforeEach(() => {
  made = []
  of = madeLately((text) => {
    made.push(text)
    return `of ${text}`
  })
})

test('what is asked for again is made once, and each text has its own', () => {
  expect(['a', 'b', 'a', 'b', ''].map(of)).toEqual(['of a', 'of b', 'of a', 'of b', 'of '])
  expect(made).toEqual(['a', 'b', ''])
})

test('one that could not be made is tried again', () => {
  let broken = true
  const fragile = madeLately((text) => {
    if (broken) throw new Error('broken')
    return text
  })
  expect(() => fragile('a')).toThrow('broken')
  broken = false
  expect(fragile('a')).toBe('a')
})

test('of more than two thousand the one that was made first is forgotten', () => {
  for (let n = 0; n <= 2000; n += 1) of(`${n}`)
  of('1')
  expect(made).toHaveLength(2001)
  of('0')
  expect(made).toHaveLength(2002)
})

test('attack: a long text takes up no memory, it is made each time', () => {
  for (const length of [200, 200, 201, 201]) of('x'.repeat(length))
  expect(made.map(({ length }) => length)).toEqual([200, 201, 201])
})
