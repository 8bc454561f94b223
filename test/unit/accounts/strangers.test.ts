/** What a node remembers of the addresses that strangers come from. */
import { beforeEach, expect, test } from 'vitest'
import { type Strangers, strangers } from '../../../src/accounts/strangers.ts'
import { MINUTE } from '../../../src/lib/time.ts'

let time = 0
let seen: Strangers

beforeEach(() => {
  time = 1_000_000
  seen = strangers(() => time)
})

test('an address that failed is last for a quarter of an hour, any other first', () => {
  expect(seen.rank('a')).toBe('first')
  seen.failed('a')
  expect([seen.rank('a'), seen.rank('b')]).toEqual(['last', 'first'])
  time += 15 * MINUTE - 1
  expect(seen.rank('a')).toBe('last')
  time += 1
  expect(seen.rank('a')).toBe('first')
})

test('an address that must wait does so until then, and what else is known of it stays', () => {
  seen.failed('a')
  seen.mustWait('a', time + 10)
  seen.failed('a')
  expect([seen.waitsUntil('a'), seen.waitsUntil('b'), seen.rank('a')]).toEqual([time + 10, undefined, 'last'])
  time += 10
  expect(seen.waitsUntil('a')).toBeUndefined()
})

test('of a flood from more addresses than can be remembered, those are forgotten that were seen first', () => {
  for (let n = 0; n < 10_000; n += 1) seen.failed(`${n}`)
  seen.failed('0')
  seen.failed('one more')
  expect(['0', '1', '2', 'one more'].map(seen.rank)).toEqual(['last', 'first', 'last', 'last'])
})
