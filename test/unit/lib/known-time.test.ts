/** When the clock of a machine is believed. */
import { expect, test } from 'vitest'
import { FAR, isFarAfter, settingsOf } from '../../../src/lib/known-time.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'

const NOW = Date.UTC(2026, 10, 30)

test.each<[string, number | undefined, number, boolean]>([
  ['nothing is known', undefined, NOW, false],
  ['an hour after', NOW - HOUR, NOW, false],
  ['a week after', NOW - FAR, NOW, false],
  ['more than a week after', NOW - FAR - 1, NOW, true],
  ['years after', NOW, NOW + 2000 * DAY, true],
  ['before', NOW, NOW - 2000 * DAY, false],
])('%s', (_when, known, now, far) => expect(isFarAfter(known, now)).toBe(far))

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
