/** When the mails of a round leave: evenly over an hour, in waves of a day each, in working hours where that is asked for. */
import { DAY, HOUR, MINUTE } from '../lib/time.ts'
import type { WorkingHours } from '../lib/working-hours.ts'
import type { Pace } from '../person/invitation-round.ts'

/** Mails of one day, the first of which leaves then. */
export interface Wave {
  at: number
  count: number
}

const STEP = 15 * MINUTE

export interface Beginning {
  from: number
  isWorking: WorkingHours
}

/** The first moment from `at` on that is in working hours. In every zone those begin with a quarter of an hour. */
export function nextWorking(at: number, isWorking: WorkingHours): number {
  let moment = at
  while (!isWorking(moment)) moment = nextStep(moment)
  return moment
}

export function wavesOf(count: number, pace: Pace, { from, isWorking }: Beginning): Wave[] {
  const { perHour, perDay = Number.POSITIVE_INFINITY, workingHours } = pace
  const waves: Wave[] = []
  let at = workingHours ? nextWorking(from, isWorking) : from
  for (let left = count; left > 0; ) {
    const end = workingHours ? endOfWork(at, isWorking) : at + DAY
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

function endOfWork(at: number, isWorking: WorkingHours): number {
  let moment = at
  while (isWorking(moment)) moment = nextStep(moment)
  return moment
}

function nextStep(at: number): number {
  return (Math.floor(at / STEP) + 1) * STEP
}
