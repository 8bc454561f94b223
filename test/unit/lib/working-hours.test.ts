/** What is mailed in working hours is mailed by the clock of those who read it. */
import { expect, test } from 'vitest'
import { workingHours } from '../../../src/lib/working-hours.ts'

test.each<[string, string, string, boolean]>([
  ['a Monday before nine, in winter', 'Europe/Amsterdam', '2026-11-30T07:59:59Z', false],
  ['nine', 'Europe/Amsterdam', '2026-11-30T08:00:00Z', true],
  ['the last second', 'Europe/Amsterdam', '2026-11-30T15:59:59Z', true],
  ['five', 'Europe/Amsterdam', '2026-11-30T16:00:00Z', false],
  ['nine in summer is an hour earlier', 'Europe/Amsterdam', '2026-07-01T07:00:00Z', true],
  ['five in summer', 'Europe/Amsterdam', '2026-07-01T15:00:00Z', false],
  ['a Friday', 'Europe/Amsterdam', '2026-12-04T12:00:00Z', true],
  ['a Saturday', 'Europe/Amsterdam', '2026-12-05T12:00:00Z', false],
  ['a Sunday', 'Europe/Amsterdam', '2026-12-06T12:00:00Z', false],
  ['a Sunday here that is Monday there', 'Pacific/Auckland', '2026-11-29T22:00:00Z', true],
  ['midnight', 'Europe/Amsterdam', '2026-11-30T23:00:00Z', false],
])('%s', (_when, timeZone, at, expected) => expect(workingHours(timeZone)(Date.parse(at))).toBe(expected))
