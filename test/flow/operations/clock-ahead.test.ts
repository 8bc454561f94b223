/** A machine whose clock is far ahead removes nothing for good. On the file, and on MongoDB and Redis. */
import { expect, onTestFinished, test } from 'vitest'
import { confirmClock } from '../../../src/app/removal-hold.ts'
import { DAY, HOUR, SKEW } from '../../../src/lib/time.ts'
import { type AppOptions, type RunningApp, startApp } from '../../support/app/app.ts'
import { scraped } from '../../support/monitoring/exposition.ts'
import { aged } from '../../support/samples/pruning.ts'
import { auditRecord, NOW } from '../../support/samples/records.ts'

let time: number

/** Since a year, with a server that believes its clock. */
async function started(options: AppOptions = {}): Promise<RunningApp> {
  time = NOW - 365 * DAY
  const app = await startApp({ now: () => time, ...options })
  onTestFinished(() => app.stop())
  time = NOW
  await app.core.store.durable.putKnownTime(NOW)
  return app
}

/** Records of before, as they are kept. */
async function old({ core }: RunningApp): Promise<unknown[]> {
  const rows = await core.store.durable.followAudit(0, 1000)
  return rows.filter(({ subject }) => /^s\d+$/.test(subject ?? '')).map((row) => ({ ...row, previous: null }))
}

async function fill({ core }: RunningApp, days: number): Promise<void> {
  for (const record of [...aged(20, days), auditRecord({ at: NOW })]) await core.store.durable.appendAudit(record)
}

async function isToldHeld(app: RunningApp): Promise<number | undefined> {
  await app.core.counters.refresh()
  return (await scraped(app)).samples.find(({ name }) => name === 'sigma_removal_held')?.value
}

test('a clock that is years ahead removes no record and shortens no address, until it is mended or confirmed', async () => {
  const app = await started()
  await fill(app, 80)
  await app.tidy()
  const before = await old(app)
  time += 2000 * DAY
  await app.tidy()
  expect(await old(app)).toEqual(before)
  expect(await isToldHeld(app)).toBe(1)
  expect(app.logged.join('')).toContain('nothing old is removed: the clock of this machine is far after')

  time = NOW
  expect(await isToldHeld(app)).toBe(0)
  await app.tidy()
  expect(await old(app)).toEqual(before)

  // Nobody was there for two months.
  time += 60 * DAY
  await app.tidy()
  expect(await old(app)).toEqual(before)
  await confirmClock(app.core, { today: new Date(time).toISOString().slice(0, 10), operator: 'chris' })
  await app.tidy()
  expect((await old(app)).length).toBe(8)
  expect(await isToldHeld(app)).toBe(0)
})

test('a clock that was set within the hour is told as well', async () => {
  let set = 0
  const app = await started({ wall: () => Date.now() + set })
  await app.tidy()
  expect(await isToldHeld(app)).toBe(0)
  set = 2 * HOUR
  expect(await isToldHeld(app)).toBe(1)
})

test('a node whose clock is not that of the stores removes nothing', async ({ skip }) => {
  const wrong = await started({ wall: () => Date.now() + SKEW + 1000 })
  if (!wrong.core.store.leases) return skip('there is one clock only')
  await fill(wrong, 100)
  const before = await old(wrong)
  await wrong.tidy()
  expect(await old(wrong)).toEqual(before)
  return undefined
})
