/** The trail by a filter, a page at a time: what is shown, in which order, and how much is read for it. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { AuditPlace, AuditRecord } from '../../../src/audit/audit.ts'
import { type AuditFilter, allOfAudit, isWhole, pageOfAudit } from '../../../src/audit/page.ts'
import { auditRecord, NOW } from '../../support/samples/records.ts'
import { type MemoryTrail, memoryTrail } from '../../support/unit/memory-trail.ts'

let trail: MemoryTrail

beforeEach(() => {
  trail = memoryTrail()
})

async function put(count: number, given: (index: number) => Partial<AuditRecord>): Promise<void> {
  for (let index = 0; index < count; index += 1)
    await trail.appendAudit(auditRecord({ id: `r${trail.rows.length}`, at: NOW + index, ...given(index) }))
}

/** Every page's ids. */
async function pages(filter: AuditFilter, limit: number): Promise<string[][]> {
  const all: string[][] = []
  for (let after: AuditPlace | undefined; ; ) {
    const { rows, next } = await pageOfAudit(trail, filter, { limit, after })
    all.push(rows.map(({ id }) => id))
    if (!next) return all
    after = next
  }
}

const SANNE: Partial<AuditRecord> = { subject: 'sanne', actor: 'hanna', client: 'portal', type: 'account.disabled' }
const OTHER: Partial<AuditRecord> = { subject: 'bram', actor: 'system', client: 'roster', type: 'session.ended' }

describe('a table of filters', () => {
  test.each<[string, AuditFilter, number[]]>([
    ['nothing', {}, [5, 4, 3, 2, 1, 0]],
    ['a person', { subject: 'sanne' }, [4, 2, 0]],
    ['an actor', { actor: 'system' }, [5, 3, 1]],
    ['an application', { client: 'portal' }, [4, 2, 0]],
    ['a kind', { type: 'session.ended' }, [5, 3, 1]],
    ['a request', { correlation: 'c-3' }, [3]],
    ['a sign-in', { signIn: 's-1' }, [3, 2]],
    ['a sign-in and a person', { signIn: 's-1', subject: 'sanne' }, [2]],
    ['an organization', { organization: 'o-2' }, [2]],
    ['a person and a kind', { subject: 'sanne', type: 'account.disabled' }, [4, 2, 0]],
    ['what does not go together', { subject: 'sanne', type: 'session.ended' }, []],
    ['an organization of another application', { organization: 'o-2', client: 'roster' }, []],
    ['from then on', { since: NOW + 4 }, [5, 4]],
    ['before then', { until: NOW + 2 }, [1, 0]],
    ['a period', { since: NOW + 1, until: NOW + 4 }, [3, 2, 1]],
    ['a person in a period', { subject: 'sanne', since: NOW + 1, until: NOW + 4 }, [2]],
    ['all of it', { ...row(2), organization: 'o-2', since: NOW, until: NOW + 9 }, [2]],
    ['nobody', { actor: 'nobody' }, []],
  ])('%s', async (_what, filter, expected) => {
    await put(6, (index) => ({
      ...(index % 2 ? OTHER : SANNE),
      source: { ip: '192.0.2.1', correlation: `c-${index}` },
      details: { organization: `o-${index}`, signIn: `s-${Math.floor(index / 2)}` },
    }))
    for (const limit of [1, 2, 50]) expect((await pages(filter, limit)).flat()).toEqual(expected.map((at) => `r${at}`))
  })

  function row(index: number): AuditFilter {
    return { subject: 'sanne', actor: 'hanna', client: 'portal', type: 'account.disabled', correlation: `c-${index}` }
  }
})

test('page two of many that happened at the same moment goes on where page one ended', async () => {
  await put(130, () => ({ at: NOW, subject: 'sanne' }))
  const told = await pages({ subject: 'sanne' }, 50)
  expect(told.map(({ length }) => length)).toEqual([50, 50, 30])
  expect(told.flat()).toEqual(Array.from({ length: 130 }, (_, index) => `r${129 - index}`))
})

test('the last page that is just full has none after it', async () => {
  await put(4, () => ({}))
  expect(await pages({}, 2)).toEqual([
    ['r3', 'r2'],
    ['r1', 'r0'],
  ])
})

test('what is found by one thing is read once, and no more of it than is shown and one', async () => {
  await put(300, () => ({ client: 'portal' }))
  await pageOfAudit(trail, { client: 'portal', since: NOW }, { limit: 50 })
  expect(trail.looks).toEqual([
    { by: { finder: 'client', value: 'portal' }, before: undefined, since: NOW, limit: 51, found: 51 },
  ])
})

test('of two that narrow, the one that finds fewer is looked up', async () => {
  await put(9, () => SANNE)
  await pageOfAudit(trail, { type: 'account.disabled', subject: 'sanne' }, { limit: 50 })
  expect(trail.looks.map(({ by }) => by?.finder)).toEqual(['subject'])
})

test('what is rare among what is found is looked for so long and no longer, and the next page goes on there', async () => {
  await put(12_000, (index) => ({ subject: 'sanne', type: index === 3 ? 'key.rotated' : 'token.issued' }))
  const filter: AuditFilter = { subject: 'sanne', type: 'key.rotated' }
  const first = await pageOfAudit(trail, filter, { limit: 50 })
  expect(first).toMatchObject({ rows: [], stopped: true })
  expect(trail.looks).toHaveLength(10)
  expect((await pages(filter, 50)).map(({ length }) => length)).toEqual([0, 0, 1])
})

test('all that fits, however many there are', async () => {
  await put(1201, (index) => ({ subject: 'sanne', client: index % 2 ? 'portal' : 'roster' }))
  const told = (await Array.fromAsync(allOfAudit(trail, { subject: 'sanne', client: 'portal' }))).flat()
  expect(told).toHaveLength(600)
  expect(told.every(({ client }) => client === 'portal')).toBe(true)
})

test('a filter of nothing leaves nothing out', () => {
  expect([isWhole({}), isWhole({ subject: undefined }), isWhole({ since: 0 })]).toEqual([true, true, false])
})
