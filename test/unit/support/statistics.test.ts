/** The test that timing tests rest on must itself see a difference, and see none where there is none. */
import { expect, test } from 'vitest'
import { mannWhitney, quantile, tellsApart } from '../../support/runner/statistics.ts'

/** Reproducible noise between 0 and 1 (Park and Miller). */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function sample(size: number, seed: number, shift: number): number[] {
  const next = noise(seed)
  return Array.from({ length: size }, () => next() + next() + next() + shift)
}

test('agrees with a worked example', () => {
  // scipy.stats.mannwhitneyu([19, 22, 16, 29, 24], [20, 11, 17, 12], method='asymptotic'): U = 17, p = 0.1113
  const { u, p } = mannWhitney([19, 22, 16, 29, 24], [20, 11, 17, 12])
  expect(u).toBe(17)
  expect(p).toBeCloseTo(0.1113, 3)
})

test('equal values share their ranks, and tell nothing apart', () => {
  expect(mannWhitney([1, 1, 1], [1, 1, 1]).p).toBe(1)
})

test('sees a shift of half a standard deviation in 200 against 200, and none where there is none', () => {
  expect(mannWhitney(sample(200, 7, 0), sample(200, 11, 0.25)).p).toBeLessThan(0.001)
  const ps = Array.from({ length: 100 }, (_, run) => mannWhitney(sample(200, run + 1, 0), sample(200, run + 5001, 0)).p)
  expect(ps.filter((p) => p < 0.01).length).toBeLessThan(5)
})

test('a tenth of the time of a hash is told apart, two equal samples are not', () => {
  const hash = (seed: number, more = 0) => sample(200, seed, 0).map((value) => 40 + 4 * value + more)
  const equal = Array.from({ length: 100 }, (_, run) => tellsApart(hash(run + 1), hash(run + 5001)))
  expect(equal.filter(Boolean).length).toBeLessThan(5)
  expect(Array.from({ length: 100 }, (_, run) => tellsApart(hash(run + 1), hash(run + 5001, 4)))).not.toContain(false)
})

test('medians far apart are told apart whatever the ranks say', () => {
  // One of two values each, with almost as many of one as of the other: the middle falls on this side or on that.
  const split = (low: number) => Array.from({ length: 200 }, (_, index) => (index < low ? 10 : 11) + index / 1e6)
  expect(tellsApart(split(99), split(101))).toBe(false)
  const wide = (low: number) => Array.from({ length: 20 }, (_, index) => (index < low ? 10 : 40))
  expect([mannWhitney(wide(7), wide(13)).p > 0.01, tellsApart(wide(7), wide(13))]).toEqual([true, true])
})

test('quartiles', () => {
  expect([0.25, 0.5, 0.75].map((share) => quantile([5, 1, 4, 2, 3], share))).toEqual([2, 3, 4])
})
