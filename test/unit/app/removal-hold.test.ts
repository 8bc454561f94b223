/** Whether old things may be removed, by what the clock of a machine does. */
import { beforeEach, expect, test } from 'vitest'
import { confirmClock, type RemovalHold, removalHold } from '../../../src/app/removal-hold.ts'
import type { AuditRecord } from '../../../src/audit/audit.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { auditRecord, NOW } from '../../support/samples/records.ts'

const YEARS = 2000 * DAY

let at: { wall: number; steady: number }
let known: number | undefined
let records: AuditRecord[]
let told: string[]
let hold: RemovalHold

const durable = {
  findKnownTime: async () => known,
  async putKnownTime(time: number) {
    known = time
  },
  listAudit: async () => records.slice(-1),
}
const now = () => at.wall

/** A process begins: what it sees of the clock begins anew. */
function start(): void {
  const log = {
    warn: (_details: object, text: string) => told.push(text),
    info: (_: object, text: string) => told.push(text),
  }
  hold = removalHold({ durable, now, wall: now, steady: () => at.steady, log: log as never })
}

/** As who removes, and who scrapes, is told. */
async function isHeld(): Promise<boolean> {
  const held = (await hold.believed()) === undefined
  expect(hold.isHeld(known)).toBe(held)
  return held
}

beforeEach(() => {
  at = { wall: NOW, steady: 0 }
  known = undefined
  records = []
  told = []
  start()
})

function pass(time: number): void {
  at.wall += time
  at.steady += time
}

const confirm = (today: string) => {
  const record = async (event: Omit<AuditRecord, 'id' | 'at'>) => void records.push({ ...event, id: '', at: at.wall })
  return confirmClock({ store: { durable }, now, record } as never, { today, operator: 'chris' })
}

test('a clock that runs is believed, from the first moment of an empty store on', async () => {
  for (let hour = 0; hour < 40 * 24; hour += 8) {
    expect(await isHeld()).toBe(false)
    pass(8 * HOUR)
  }
  expect(known).toBe(at.wall - 8 * HOUR)
  expect(told).toEqual([])
})

test('a machine that starts years ahead removes nothing, however often it starts and whatever it writes', async () => {
  await isHeld()
  at.wall += YEARS
  for (let starts = 0; starts < 3; starts += 1) {
    start()
    for (let day = 0; day < 9; day += 1) {
      records.push(auditRecord({ at: at.wall }))
      expect(await isHeld()).toBe(true)
      pass(DAY)
    }
  }
  expect(known).toBe(NOW)
  expect(new Set(told).size).toBe(1)
  // Once a day.
  expect(told).toHaveLength(27)
})

test('a clock that is set ahead and mended removes nothing, and an hour later goes on by itself', async () => {
  await isHeld()
  pass(MINUTE)
  at.wall += YEARS
  expect(await isHeld()).toBe(true)
  at.wall -= YEARS
  pass(MINUTE)
  expect(await isHeld()).toBe(true)
  pass(HOUR)
  expect(await isHeld()).toBe(false)
  expect(told.at(-1)).toBe('old things are removed again')
})

test('one that is set by some days is not believed for an hour, and nothing of it is kept before', async () => {
  await isHeld()
  at.wall += 3 * DAY
  expect([await isHeld(), known]).toEqual([true, NOW])
  pass(HOUR)
  expect([await isHeld(), known]).toEqual([false, at.wall])
})

test('one that begins with an empty battery holds up nothing once it is right', async () => {
  await isHeld()
  at.wall = 0
  start()
  expect([await isHeld(), known]).toEqual([true, NOW])
  expect(told).toEqual([expect.stringContaining('far before what the store knows')])
  at.wall = NOW + DAY
  await isHeld()
  pass(HOUR)
  expect(await isHeld()).toBe(false)
})

test('one that is set by seconds each hour is believed, and what is known goes with it', async () => {
  let held = 0
  for (let hour = 0; hour < 30 * 24; hour += 1) {
    at.wall += 11 * SECOND
    if (await isHeld()) held += 1
    expect(at.wall - (known ?? 0)).toBeLessThan(2 * HOUR)
    pass(HOUR)
  }
  // When they were an hour together.
  expect(held).toBe(2)
})

test('a machine that sleeps for an hour in each two is believed between, and never far from what is known', async () => {
  for (let hour = 0; hour < 30 * 24; hour += 2) {
    at.wall += HOUR
    for (let minute = 0; minute < 60; minute += 5) {
      await isHeld()
      pass(5 * MINUTE)
    }
    expect(at.wall - (known ?? 0)).toBeLessThan(DAY)
  }
})

test('a first start by a clock of years ahead holds removal once it is mended, until an operator says which day it is', async () => {
  at.wall += YEARS
  start()
  await isHeld()
  at.wall = NOW
  start()
  for (let day = 0; day < 3; day += 1) {
    pass(DAY)
    expect([await isHeld(), known]).toEqual([true, NOW + YEARS])
  }
  // Told each day, and what to do.
  expect(told).toHaveLength(3)
  expect(told.at(-1)).toMatch(/far before what the store knows; .* clock:confirm/)
  await confirm(new Date(at.wall).toISOString().slice(0, 10))
  expect(records.at(-1)?.details).toMatchObject({ known: new Date(NOW + YEARS).toISOString() })
  expect([await isHeld(), known]).toEqual([false, at.wall])
  at.wall += YEARS / 2
  start()
  expect(await isHeld()).toBe(true)
})

test('a clock that is set while the store is asked changes nothing of the moment that is believed', async () => {
  await isHeld()
  const find = durable.findKnownTime
  durable.findKnownTime = async () => {
    at.wall = NOW + YEARS
    return known
  }
  expect(await hold.believed()).toBe(NOW)
  durable.findKnownTime = find
  expect(await isHeld()).toBe(true)
})

test('of a store of a release before the newest record says what is known', async () => {
  records = [auditRecord({ at: NOW - 8 * DAY })]
  expect([await isHeld(), known]).toEqual([true, NOW - 8 * DAY])
  // What is written meanwhile says nothing.
  records.push(auditRecord({ at: NOW }))
  expect(await isHeld()).toBe(true)
})

test('of a store whose newest record a wrong clock wrote nothing goes until an operator has said which day it is', async () => {
  records = [auditRecord({ at: NOW + YEARS })]
  expect([await isHeld(), known]).toEqual([true, NOW + YEARS])
  await confirm(new Date(at.wall).toISOString().slice(0, 10))
  expect([await isHeld(), known]).toEqual([false, NOW])
})

test('a store that was off for two months goes on when an operator has said which day it is, and that is in the trail', async () => {
  await isHeld()
  pass(60 * DAY)
  start()
  expect(await isHeld()).toBe(true)
  const today = new Date(at.wall).toISOString().slice(0, 10)
  await expect(confirm(today)).resolves.toEqual({
    clock: new Date(at.wall).toISOString(),
    known: new Date(NOW).toISOString(),
  })
  expect(await isHeld()).toBe(false)
  expect(records).toMatchObject([
    {
      type: 'admin.verb',
      actor: 'operator:chris',
      details: { verb: 'clock:confirm', known: new Date(NOW).toISOString() },
    },
  ])
})

test.each<[string, (day: (after: number) => string) => string, boolean]>([
  ['today', (day) => day(0), true],
  ['what is tomorrow elsewhere', (day) => day(1), true],
  ['what is yesterday elsewhere', (day) => day(-1), true],
  ['another day', (day) => day(2), false],
  ['the day before yesterday', (day) => day(-2), false],
  ['the year before', (day) => day(-365), false],
  ['no day', () => '2026-13-01', false],
  ['a word', () => 'today', false],
  ['nothing', () => '', false],
])('an operator who says %s', async (_what, of, taken) => {
  await isHeld()
  at.wall += YEARS
  const outcome = confirm(of((after) => new Date(at.wall + after * DAY).toISOString().slice(0, 10)))
  if (!taken) await expect(outcome).rejects.toMatchObject({ code: 'invalid-input' })
  else await outcome
  expect(known).toBe(taken ? at.wall : NOW)
})
