/** Whatever is done to a trail of which old records were removed is seen. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type AuditRow, auditRow } from '../../../src/audit/chain.ts'
import { type Checkpoint, type KeptCheckpoint, sealed, withKept } from '../../../src/audit/checkpoint.ts'
import { EVENTS } from '../../../src/audit/event.ts'
import { prune } from '../../../src/audit/prune.ts'
import { cutoffs } from '../../../src/audit/retention.ts'
import { verifyTrail } from '../../../src/audit/verify.ts'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import { aged, pruneParts, RETENTION, SEAL, sealOf } from '../../support/samples/pruning.ts'
import { auditRecord, NOW } from '../../support/samples/records.ts'
import { type MemoryTrail, memoryTrail } from '../../support/unit/memory-trail.ts'

let trail: MemoryTrail
/** As it was before anything was removed. */
let before: AuditRow[]

beforeEach(async () => {
  trail = memoryTrail()
  for (const record of aged(100, 100)) await trail.appendAudit(record)
  for (let n = 0; n < 5; n += 1) await trail.appendAudit(auditRecord({ at: NOW + n }))
  before = structuredClone(trail.rows)
  await prune(pruneParts(trail))
})

const verified = () => verifyTrail(trail, { seal: SEAL })
const at = (seq: number) => trail.rows.findIndex((row) => row.seq === seq)
const row = (seq: number) => trail.rows[at(seq)] as AuditRow
const kept = (index: number) => trail.checkpoints[index] as KeptCheckpoint
const content = (index: number) => JSON.parse(kept(index).content) as Checkpoint

function reseal(index: number, given: Partial<Checkpoint>, seal = sealOf('theirs')): void {
  trail.checkpoints[index] = sealed({ ...content(index), ...given }, seal)
}

test('untouched it verifies', async () => {
  expect(await verified()).toBeUndefined()
  expect(trail.rows).toHaveLength(45)
})

// Places 1, 4, 6, 9, … stay; 2, 3, 5, 7, … went. Ranges are 1 to 40, 41 to 80, 81 to 100; 101 to 105 are behind them.
const FORGERIES: Array<[string, () => unknown, found: string | RegExp]> = [
  ['a record that stays is removed', () => trail.rows.splice(at(44), 1), /./],
  ['the last of a range is removed', () => trail.rows.splice(at(39), 1), /./],
  ['the first of all is removed', () => trail.rows.splice(at(1), 1), /./],
  ['one behind the ranges is removed', () => trail.rows.splice(at(103), 1), /./],
  ['the first behind the ranges is removed', () => trail.rows.splice(at(101), 1), /./],
  ['a record is changed', () => Object.assign(row(44), { subject: 'other' }), /./],
  ['a record is changed and its hash made anew', () => rehash(44, { subject: 'other' }), /checkpoint 41/],
  ['and linked to another hash as well', () => rehash(44, { subject: 'other', previous: 'x' }), /checkpoint 41/],
  ['the hash before one is changed', () => Object.assign(row(44), { previous: 'x' }), /./],
  ['the hash before one is taken away', () => Object.assign(row(44), { previous: null }), /./],
  ['a hash is put before one that needs none', () => Object.assign(row(103), { previous: 'x' }), /./],
  ['records are renumbered', () => Object.assign(row(44), { seq: 43 }), /./],
  ['two change places', () => swap(44, 46), /./],
  ['a record is put into a range', () => put(43), /./],
  ['one that went is put back', () => put(43, before[42]), /./],
  ['all of a range are put back', () => before.slice(40, 80).map((old) => at(old.seq) < 0 && put(old.seq, old)), /./],
  ['a record is put before the first', () => put(0), /./],
  ['a record is put between two', () => put(44.5), /./],
  ['a checkpoint is removed', () => trail.checkpoints.splice(1, 1), /./],
  ['the first checkpoint is removed', () => trail.checkpoints.splice(0, 1), /./],
  ['the last checkpoint is removed', () => trail.checkpoints.pop(), /./],
  ['all checkpoints are removed', () => trail.checkpoints.splice(0), /./],
  ['a checkpoint and what it covers are removed', () => cutOut(1), /checkpoint 81/],
  [
    'a checkpoint is changed',
    () => Object.assign(kept(1), { content: kept(1).content.replace('41', '42') }),
    'checkpoint 41',
  ],
  ['a checkpoint says to cover more', () => Object.assign(kept(2), { to: 101 }), 'checkpoint 81'],
  ['two checkpoints are swapped', () => swapCheckpoints(), /checkpoint/],
  ['a checkpoint is sealed by somebody else', () => reseal(1, {}), 'checkpoint 41'],
  ['a checkpoint by somebody else says that less stays', () => reseal(1, { kept: '', stays: 0 }), 'checkpoint 41'],
  ['a checkpoint by somebody else says that it goes on', () => reseal(1, { removing: true }), 'checkpoint 41'],
  ['a checkpoint more covers the newest, by somebody else', () => coverNewest(), 'checkpoint 101'],
  ['what is kept is no JSON', () => Object.assign(kept(1), { content: '{' }), 'checkpoint 41'],
]

function rehash(seq: number, given: Partial<AuditRow>): void {
  const changed = { ...row(seq), ...given }
  const { id, at: when, type, outcome, subject } = changed
  const made = auditRow(
    { id, at: when, type, outcome, subject: subject ?? '' },
    { seq: seq - 1, hash: changed.previous ?? '' },
  )
  trail.rows[at(seq)] = { ...made, previous: changed.previous }
}

function put(seq: number, given?: AuditRow): void {
  const forged = given ?? { ...row(44), id: 'forged', seq }
  trail.rows.push(structuredClone(forged))
  trail.rows.sort((a, b) => a.seq - b.seq)
}

function swap(one: number, other: number): void {
  const [first, second] = [row(one), row(other)]
  Object.assign(first, { seq: other })
  Object.assign(second, { seq: one })
  trail.rows.sort((a, b) => a.seq - b.seq)
}

function swapCheckpoints(): void {
  const [one, other] = [kept(0), kept(1)]
  trail.checkpoints[0] = { ...other, from: one.from, to: one.to }
  trail.checkpoints[1] = { ...one, from: other.from, to: other.to }
}

function cutOut(index: number): void {
  const { from, to } = kept(index)
  trail.checkpoints.splice(index, 1)
  trail.rows = trail.rows.filter(({ seq }) => seq < from || seq > to)
  const { followAudit: _all, ...rest } = trail
  trail = { ...rest, followAudit: async (after, limit) => trail.rows.filter(({ seq }) => seq > after).slice(0, limit) }
}

function coverNewest(): void {
  const { after } = content(2)
  const covers = { from: 101, to: 105, before: after, after: row(105).hash, kept: '', stays: 0 }
  trail.checkpoints.push(sealed({ ...covers, oldest: {}, removed: {}, removing: false, at: NOW }, sealOf('theirs')))
  trail.rows.splice(at(101))
}

describe('a forgery is found', () => {
  test.each(FORGERIES)('%s', async (_what, forge, found) => {
    forge()
    expect(await verified()).toMatch(found)
  })
})

test.each([42, 43, 45])(
  'under a checkpoint of when the removal began, put back later, nobody puts a record: at %d',
  async (seq) => {
    const begun = sealed({ ...content(1), removing: true }, SEAL)
    trail.checkpoints[1] = begun
    const behind = { seq: seq - 1, hash: before[seq - 2]?.hash ?? '' }
    put(seq, auditRow(auditRecord({ at: NOW - 99 * DAY, type: 'token.issued', subject: 'framed' }), behind))
    expect(await verifyTrail(trail, { seal: SEAL, now: NOW + 2 * HOUR })).toMatch(/./)
    expect((await prune(pruneParts(trail, { at: NOW + DAY }))).broken).toEqual(['checkpoint 41'])
  },
)

test('a removal that died verifies whenever it is looked at, and is finished', async () => {
  const stay = trail.rows
  const going = before.filter(({ seq }) => seq > 60 && seq <= 80 && stay.every((row) => row.seq !== seq))
  for (const old of going) put(old.seq, old)
  trail.checkpoints[1] = sealed({ ...content(1), removing: true }, SEAL)
  expect(await verifyTrail(trail, { seal: SEAL, now: NOW + 2 * HOUR })).toBeUndefined()
  expect(await prune(pruneParts(trail, { at: NOW + 2 * HOUR }))).toMatchObject({ removed: going.length, broken: [] })
})

test('a checkpoint of before does not bring back what went since', async () => {
  const old = structuredClone(trail.checkpoints)
  await prune(pruneParts(trail, { at: NOW + 350 * DAY }))
  expect(await verified()).toBeUndefined()
  trail.checkpoints.splice(0, old.length, ...old)
  expect(await verified()).toBe('checkpoint 1')
})

test('what does not verify is not removed, and told by name', async () => {
  const forged = row(44)
  Object.assign(forged, { subject: 'other' })
  const later = await prune(pruneParts(trail, { at: NOW + 350 * DAY }))
  expect(later.broken).toEqual(['checkpoint 41'])
  expect(trail.rows).toContain(forged)
  // The ranges beside it are pruned all the same.
  expect(trail.rows.filter(({ seq, type }) => seq <= 40 && type === 'sign-in.completed')).toEqual([])
})

test('a record behind the checkpoints that does not verify keeps all behind it', async () => {
  trail = memoryTrail()
  for (const record of aged(100, 100)) await trail.appendAudit(record)
  await trail.appendAudit(auditRecord())
  Object.assign(row(50), { subject: 'other' })
  const { broken } = await prune(pruneParts(trail))
  expect(broken).toEqual([row(50).id])
  expect(trail.checkpoints.map(({ from }) => from)).toEqual([1])
  expect(trail.rows.filter(({ seq }) => seq > 40)).toHaveLength(61)
})

test('somebody else’s checkpoint that was begun has nothing removed for them', async () => {
  const stay = trail.rows.filter(({ seq, type }) => seq <= 40 && type !== 'account.changed')
  const removed = { ...content(0).removed, 'account.changed': { count: 8, until: NOW } }
  reseal(0, { removing: true, removed, kept: stay.reduce(withKept, ''), stays: stay.length })
  const length = trail.rows.length
  expect(await prune(pruneParts(trail))).toEqual({ removed: 0, broken: ['checkpoint 1'] })
  expect(trail.rows).toHaveLength(length)
})

test('a forged checkpoint is not gone on from', async () => {
  reseal(2, {})
  for (const record of aged(10, 95)) await trail.appendAudit(record)
  await trail.appendAudit(auditRecord())
  const { broken } = await prune(pruneParts(trail, { at: NOW + 100 * DAY }))
  expect(broken).toContain('checkpoint 81')
  expect(trail.checkpoints).toHaveLength(3)
})

test('a record from a clock that was ahead keeps none of the others', async () => {
  trail = memoryTrail()
  const [first, ...others] = aged(20, 100)
  if (!first) throw new Error('there are twenty')
  await trail.appendAudit({ ...first, at: NOW + 1000 * DAY })
  for (const record of others) await trail.appendAudit(record)
  await trail.appendAudit(auditRecord())
  expect((await prune(pruneParts(trail))).removed).toBe(12)
  expect(await verified()).toBeUndefined()
})

test('with everything kept for ever nothing goes', async () => {
  const all = Object.fromEntries(Object.keys(RETENTION).map((group) => [group, 'forever'])) as typeof RETENTION
  const length = trail.rows.length
  expect(await prune(pruneParts(trail, { cutoffs: cutoffs(all, NOW + 9999 * DAY) }))).toEqual({
    removed: 0,
    broken: [],
  })
  expect(trail.rows).toHaveLength(length)
})

test('every type is kept for as long as its group, by whole days', () => {
  const found = cutoffs(RETENTION, NOW)
  expect(Object.keys(found).toSorted()).toEqual([...EVENTS].toSorted())
  expect(found['token.issued']).toBe(Math.floor(NOW / DAY - 90) * DAY)
  expect(found['token.reuse-detected']).toBe(found['sign-in.completed'])
  expect(found['client.changed']).toBe(Number.NEGATIVE_INFINITY)
})
