import { expect, test } from 'vitest'
import { ration } from '../../../src/lib/ration.ts'

test('each key has its share, all together have theirs, and the next window begins anew', () => {
  let now = 1000
  const take = ration({ each: 2, all: 5, window: 100 }, () => now)
  const round = () => ['a', 'a', 'a', 'b', 'b', 'c', 'd'].map(take)
  expect(round()).toEqual([true, true, false, true, true, true, false])
  now += 99
  expect(round()).not.toContain(true)
  now += 1
  expect(round()).toEqual([true, true, false, true, true, true, false])
})

test('a clock that is put back stops nobody for long', () => {
  let now = 1_000_000
  const take = ration({ each: 1, all: 1, window: 100 }, () => now)
  expect([take('a'), take('a')]).toEqual([true, false])
  now = 5
  expect(take('a')).toBe(true)
})
