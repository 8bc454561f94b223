/** When the mails of a round leave. */
import { describe, expect, test } from 'vitest'
import { departures, nextWorking, tooSlow, type Wave, wavesOf } from '../../../src/accounts/waves.ts'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { workingHours } from '../../../src/lib/working-hours.ts'
import type { Pace } from '../../../src/person/invitation-round.ts'

const isWorking = workingHours('Europe/Amsterdam')
const at = (text: string) => Date.parse(`${text}:00Z`)
const told = (waves: Wave[]) => waves.map((wave) => `${new Date(wave.at).toISOString().slice(5, 16)} ${wave.count}`)

// In winter nine in Amsterdam is eight here. 27 November is a Friday.
test.each<[string, number, Pace, string, string[]]>([
  ['at once, where nothing is asked', 3, { perHour: 500, workingHours: false }, '2026-11-29T03:00', ['11-29T03:00 3']],
  ['from nine on the next working day', 3, { perHour: 500, workingHours: true }, '2026-11-27T16:00', ['11-30T08:00 3']],
  [
    'what does not fit in a day, the day after',
    1000,
    { perHour: 100, workingHours: true },
    '2026-11-30T08:00',
    ['11-30T08:00 800', '12-01T08:00 200'],
  ],
  [
    'no more a day than was asked',
    500,
    { perHour: 500, perDay: 200, workingHours: true },
    '2026-11-27T10:20',
    ['11-27T10:20 200', '11-30T08:00 200', '12-01T08:00 100'],
  ],
  [
    'a day is a day, where nights count',
    30,
    { perHour: 1, perDay: 20, workingHours: false },
    '2026-11-28T23:00',
    ['11-28T23:00 20', '11-29T23:00 10'],
  ],
  [
    'the last quarter of a week',
    9,
    { perHour: 12, workingHours: true },
    '2026-11-27T15:50',
    ['11-27T15:50 2', '11-30T08:00 7'],
  ],
  [
    'across the end of summer time',
    9,
    { perHour: 1, workingHours: true },
    '2026-10-23T07:00',
    ['10-23T07:00 8', '10-26T08:00 1'],
  ],
  ['nobody', 0, { perHour: 500, workingHours: true }, '2026-11-29T03:00', []],
])('%s', (_what, count, pace, from, expected) =>
  expect(told(wavesOf(count, pace, { from: at(from), isWorking }))).toEqual(expected),
)

describe('each mail', () => {
  test.each<[string, Pace]>([
    ['by working hours', { perHour: 7, workingHours: true }],
    ['with a most a day', { perHour: 97, perDay: 150, workingHours: true }],
    ['by night as well', { perHour: 61, perDay: 400, workingHours: false }],
  ])('%s has a moment, and no hour has more than was asked', (_how, pace) => {
    const moments = departures(700, pace, { from: at('2026-10-22T12:07'), isWorking })
    expect([moments.length, moments.toSorted((one, other) => one - other)]).toEqual([700, moments])
    if (pace.workingHours) expect(moments.every(isWorking)).toBe(true)
    const most = Math.max(...moments.map((begin) => moments.filter((one) => one >= begin && one < begin + HOUR).length))
    expect(most).toBeLessThanOrEqual(pace.perHour)
  })
})

test('a moment in working hours is the next one itself', () => {
  expect(nextWorking(at('2026-11-30T08:00') + MINUTE, isWorking)).toBe(at('2026-11-30T08:00') + MINUTE)
})

test.each<[string, number, Pace, string | undefined]>([
  ['a year of working days', 400 * 8, { perHour: 1, workingHours: true }, undefined],
  ['more than that', 400 * 8 + 1, { perHour: 1, workingHours: true }, 'perHour'],
  ['which is less where nights count', 400 * 8 + 1, { perHour: 1, workingHours: false }, undefined],
  ['by the most a day', 401, { perHour: 500, perDay: 1, workingHours: true }, 'perDay'],
  [
    'by the most an hour, though the most in a day is low too',
    9000,
    { perHour: 1, perDay: 8, workingHours: true },
    'perHour',
  ],
])('what is too slow to be meant: %s', (_what, count, pace, field) => expect(tooSlow(count, pace)).toBe(field))

test('a year and more of waves asks the clock on the wall a few times a day', () => {
  let asked = 0
  const counted = (moment: number) => {
    asked += 1
    return isWorking(moment)
  }
  wavesOf(400, { perHour: 1, perDay: 1, workingHours: true }, { from: at('2026-11-30T08:00'), isWorking: counted })
  expect(asked).toBeLessThan(400 * 25)
})
