import { expect, test } from 'vitest'
import { openCount } from '../../../src/lib/open-count.ts'

const LIFE = 1000

function counting(most = 10, keys?: number) {
  let at = 1_000_000
  const rule = { most }
  const count = openCount({ most: () => rule.most, life: LIFE }, () => at, keys)
  const fill = (key: string) => {
    let begun = 0
    for (; count.hasRoom(key); begun += 1) count.begun(key)
    return begun
  }
  const pass = (milliseconds: number) => {
    at += milliseconds
  }
  return { ...count, rule, fill, pass }
}

test('so many are open at once, for each key', () => {
  const { fill, hasRoom } = counting()
  expect(fill('a')).toBe(10)
  expect(hasRoom('b')).toBe(true)
})

test('one that ends makes room, and nobody owes us any', () => {
  const { fill, ended, begun } = counting()
  for (let times = 0; times < 5; times += 1) ended('a', 1)
  expect(fill('a')).toBe(10)
  ended('a', 1)
  expect(fill('a')).toBe(1)
  for (let times = 0; times < 1000; times += 1) {
    begun('b')
    ended('b', 1)
  }
  expect(fill('b')).toBe(10)
})

test('however it is begun, no more than twice as many are there', () => {
  const { fill, pass } = counting()
  const open: number[] = []
  for (let tick = 0; tick < 30; tick += 1) {
    open.push(fill('a'))
    // The last life of them.
    expect(open.slice(-10).reduce((sum, begun) => sum + begun, 0)).toBeLessThanOrEqual(20)
    pass(LIFE / 10)
  }
  expect(open.slice(1)).toEqual(open.slice(1).map(() => 1))
})

test('what is left open is over after its life', () => {
  const { fill, pass } = counting()
  fill('a')
  pass(LIFE / 2)
  expect(fill('a')).toBe(5)
  pass(LIFE)
  expect(fill('a')).toBe(10)
})

test('what ends gives back only what has not drained by itself', () => {
  const { fill, pass, ended, begun } = counting()
  fill('a')
  pass(LIFE / 2)
  // Five are left of ten that are half as old as they get: each is taken up and begun again, and lives anew.
  for (let times = 0; times < 10; times += 1) {
    ended('a', 0.5)
    begun('a')
  }
  expect(fill('a')).toBe(0)
  pass(LIFE / 10)
  expect(fill('a')).toBe(1)
})

test('whatever was begun past the bound, there is room again when it is over', () => {
  const { pass, begun, hasRoom, rule } = counting()
  for (let times = 0; times < 1000; times += 1) begun('a')
  pass(LIFE)
  expect(hasRoom('a')).toBe(false)
  pass(LIFE / 10)
  expect(hasRoom('a')).toBe(true)
  rule.most = 1000
  for (let times = 0; times < 2000; times += 1) begun('b')
  rule.most = 10
  pass(LIFE + LIFE / 10)
  expect(hasRoom('b')).toBe(true)
})

test('a clock that is put back drains nothing, and a limit that is changed counts at once', () => {
  const { fill, pass, rule, hasRoom } = counting()
  fill('a')
  pass(-5000)
  expect(hasRoom('a')).toBe(false)
  rule.most = 20
  expect(fill('a')).toBe(10)
})

test('of more keys than are remembered those are forgotten that did nothing for longest', () => {
  const { fill, begun, ended, hasRoom } = counting(2, 2)
  fill('a')
  fill('b')
  ended('a', 1)
  begun('a')
  begun('c')
  expect([hasRoom('a'), hasRoom('b')]).toEqual([false, true])
})
