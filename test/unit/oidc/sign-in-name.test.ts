/** The name of a whole sign-in. */
import { expect, test } from 'vitest'
import { signInName } from '../../../src/oidc/sign-in-name.ts'

const AT = Date.UTC(2026, 10, 29)
const MINUTES = 60_000

test('it is twelve signs, and its last eight are the correlation of the request that began it', () => {
  expect(signInName('ABCD2345', AT)).toMatch(/^[A-Z2-9]{4}ABCD2345$/)
})

test('names sort by time, so that an index of them grows at its end', () => {
  const times = Array.from({ length: 500 }, (_, n) => AT + n * 18 * MINUTES)
  const names = times.map((at, n) => signInName(n % 2 === 0 ? 'ZZZZZZZZ' : '22222222', at))
  expect(names.toSorted()).toEqual(names)
})

test('years later, and for a clock that is wrong, it is still twelve signs', () => {
  for (const at of [0, Date.UTC(2200, 0, 1), 8_640_000_000_000_000])
    expect(signInName('ABCD2345', at)).toMatch(/^[A-Z2-9]{12}$/)
})
