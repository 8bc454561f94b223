/** When the clock of a machine is believed. */
import { expect, test } from 'vitest'
import { FAR_AFTER, FAR_BEFORE, farFrom, settingsOf } from '../../../src/lib/known-time.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'

const NOW = Date.UTC(2026, 10, 30)

test.each<[string, number | undefined, number, ReturnType<typeof farFrom>]>([
  ['nothing is known', undefined, NOW, undefined],
  ['an hour after', NOW - HOUR, NOW, undefined],
  ['a week after', NOW - FAR_AFTER, NOW, undefined],
  ['more than a week after', NOW - FAR_AFTER - 1, NOW, 'after'],
  ['years after', NOW, NOW + 2000 * DAY, 'after'],
  ['a day before', NOW + FAR_BEFORE, NOW, undefined],
  ['more than a day before', NOW + FAR_BEFORE + 1, NOW, 'before'],
  ['years before', NOW, NOW - 2000 * DAY, 'before'],
])('%s', (_when, known, now, far) => expect(farFrom(known, now)).toBe(far))

/** What each look says, of these steps of both clocks before it. */
function looks(steps: Array<[wall: number, steady: number]>): boolean[] {
  const at = { wall: NOW, steady: 0 }
  const isSet = settingsOf(
    () => at.wall,
    () => at.steady,
  )
  return steps.map(([wall, steady]) => {
    at.wall += wall
    at.steady += steady
    return isSet()
  })
}

const minute: [number, number] = [MINUTE, MINUTE]

test.each<[string, Array<[number, number]>, boolean[]]>([
  ['it runs', [minute, minute], [false, false]],
  ['it was set ahead', [minute, [DAY, MINUTE]], [false, true]],
  ['it was set back', [minute, [-DAY, MINUTE]], [false, true]],
  ['the machine slept, which its other clock does not count', [[8 * HOUR, MINUTE]], [true]],
  ['it is slewed', [[MINUTE + 500, MINUTE], minute], [false, false]],
  ['it is set by less than an hour', [[HOUR + MINUTE - 1, MINUTE], minute], [false, false]],
  [
    'it is set by less, and again, until it is an hour',
    [[31 * MINUTE, MINUTE], [31 * MINUTE, MINUTE], minute],
    [false, true, true],
  ],
  ['a second is put in between', [[MINUTE - SECOND, MINUTE]], [false]],
  ['nobody looked for a day', [[DAY, DAY]], [false]],
  [
    'an hour has passed since',
    [
      [DAY, MINUTE],
      [HOUR - 1, HOUR - 1],
      [1, 1],
    ],
    [true, true, false],
  ],
  [
    'it was set once more meanwhile',
    [
      [DAY, MINUTE],
      [DAY, HOUR - 1],
      [1, 1],
    ],
    [true, true, true],
  ],
])('set within the hour: %s', (_when, steps, expected) => expect(looks(steps)).toEqual(expected))

test('a machine that sleeps each hour, or whose clock is set as often, is believed in the end', () => {
  const asleep = Array.from({ length: 8 }, (): [number, number] => [90 * MINUTE, 30 * MINUTE])
  expect(looks(asleep)).toEqual([true, true, true, true, true, true, false, false])
  // What is set after it ran for an hour holds again.
  expect(looks([...asleep, [HOUR, HOUR], [3 * HOUR, HOUR]]).slice(-2)).toEqual([false, true])
})
