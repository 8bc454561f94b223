import { expect, test } from 'vitest'
import { delays } from '../../../src/lib/throttle.ts'

test('four tries are free, the fifth waits 30 s, and the wait doubles to one hour', () => {
  expect(delays(5).map((ms) => ms / 1000)).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600])
})
