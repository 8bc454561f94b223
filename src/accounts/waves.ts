/** When the mails of a round leave: evenly over an hour, in waves of a day each, in working hours where that is asked for. */
import { DAY, HOUR, MINUTE } from '../lib/time.ts'
import { WORKING_HOURS, type WorkingHours } from '../lib/working-hours.ts'
import type { Pace } from '../person/invitation-round.ts'

/** Mails of one day, the first of which leaves then. */
export interface Wave {
  at: number
  count: number
}

const STEP = 15 * MINUTE
/** Steps of which a day's work, or the time between two of them, is longer: an end of it is never passed over. */
const LEAP = 16
/** Of one round. What takes longer than a year was typed by mistake. */
const MOST_WAVES = 400

export interface Beginning {
  from: number
  isWorking: WorkingHours
}

/** The first moment from `at` on that is in working hours. In every zone those begin with a quarter of an hour. */
export function nextWorking(at: number, isWorking: WorkingHours): number {
  return isWorking(at) ? at : nextChange(at, isWorking)
}

/** What makes a round of so many too slow to be meant; undefined if it is not. */
export function tooSlow(count: number, { perHour, perDay, workingHours }: Pace): 'perDay' | 'perHour' | undefined {
  const inDay = perHour * (workingHours ? WORKING_HOURS : DAY / HOUR)
  if (perDay !== undefined && perDay < inDay) return count > perDay * MOST_WAVES ? 'perDay' : undefined
  return count > inDay * MOST_WAVES ? 'perHour' : undefined
}

export function wavesOf(count: number, pace: Pace, { from, isWorking }: Beginning): Wave[] {
  const { perHour, perDay = Number.POSITIVE_INFINITY, workingHours } = pace
  const waves: Wave[] = []
  let at = workingHours ? nextWorking(from, isWorking) : from
  for (let left = count; left > 0; ) {
    const end = workingHours ? nextChange(at, isWorking) : at + DAY
    // The first leaves at once. One that would leave after the end is one of the next day.
    const room = Math.floor(((end - 1 - at) * perHour) / HOUR) + 1
    const many = Math.min(left, perDay, room)
    waves.push({ at, count: many })
    left -= many
    at = workingHours ? nextWorking(end, isWorking) : end
  }
  return waves
}

/** When each of so many leaves. */
export function departures(count: number, pace: Pace, beginning: Beginning): number[] {
  return wavesOf(count, pace, beginning).flatMap(({ at, count: many }) =>
    Array.from({ length: many }, (_, index) => at + Math.floor((index * HOUR) / pace.perHour)),
  )
}

/** When work begins or ends: a question about the clock on a wall is dear, so few are asked. */
function nextChange(at: number, isWorking: WorkingHours): number {
  const before = isWorking(at)
  let from = Math.floor(at / STEP)
  let to = from + LEAP
  while (isWorking(to * STEP) === before) [from, to] = [to, to + LEAP]
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (isWorking(middle * STEP) === before) from = middle
    else to = middle
  }
  return to * STEP
}
