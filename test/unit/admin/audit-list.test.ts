/** audit:list at the command line: as many records as are asked for, told while they are read. */
import { expect, test } from 'vitest'
import { listWholeAudit } from '../../../src/admin/trail.ts'
import type { AdminContext } from '../../../src/admin/verb.ts'
import { toRecord } from '../../../src/audit/chain.ts'
import { auditText, isAuditStream } from '../../../src/command-line/audit-list.ts'
import { readable } from '../../../src/command-line/printing.ts'
import { auditRecord, NOW } from '../../support/samples/records.ts'
import { memoryTrail } from '../../support/unit/memory-trail.ts'

const actor = { id: undefined, roles: [], via: 'command-line', operator: 'root', source: undefined } as const

async function trailOf(count: number) {
  const trail = memoryTrail()
  for (let index = 0; index < count; index += 1)
    await trail.appendAudit(
      auditRecord({ id: `r${index}`, at: NOW + index, client: index % 2 ? 'portal' : 'roster\u202e' }),
    )
  return trail
}

/** What is printed, in the parts that it comes in. */
async function printed(trail: ReturnType<typeof memoryTrail>, given: object): Promise<string[]> {
  const { run } = await listWholeAudit.prepare({ trail } as unknown as AdminContext, given)
  const answer = await run({ ...actor, roles: [] })
  if (!isAuditStream(answer)) throw new Error('no stream')
  const parts: string[] = []
  for await (const part of auditText(answer)) parts.push(part)
  return parts
}

test('10,000 and more: each once, the newest first, a record a line', async () => {
  const trail = await trailOf(2500)
  const lines = (await printed(trail, { limit: 'all', format: 'jsonl' })).join('').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(Array.from({ length: 2500 }, (_, at) => `r${2499 - at}`))
  expect(JSON.parse(lines[0] ?? '').at).toBe(new Date(NOW + 2499).toISOString())
})

test.each([0, 1, 3, 2100])('one object, as it would be in one piece: %s records', async (count) => {
  const trail = await trailOf(count)
  const records = trail.rows.toReversed().map(toRecord)
  const text = (await printed(trail, { limit: '5000' })).join('')
  expect(text).toBe(`${JSON.stringify({ records, stopped: false }, readable, 2)}\n`.replaceAll('\u202e', '\\u202e'))
})

test('so many and no more, and where to go on', async () => {
  const trail = await trailOf(2500)
  const first = JSON.parse((await printed(trail, { limit: '1500' })).join(''))
  expect(first.records).toHaveLength(1500)
  const rest = JSON.parse((await printed(trail, { limit: 'all', after: first.next })).join(''))
  expect(rest.records.map(({ id }: { id: string }) => id)).toEqual(
    Array.from({ length: 1000 }, (_, at) => `r${999 - at}`),
  )
  expect(rest.next).toBeUndefined()
})

test('where few of many fit, it goes on until all were looked at', async () => {
  const trail = await trailOf(6000)
  await trail.appendAudit(auditRecord({ id: 'old', at: NOW - 1, subject: 'sanne', client: 'portal', type: 'fault' }))
  const found = JSON.parse((await printed(trail, { kind: 'fault', application: 'portal', limit: 'all' })).join(''))
  expect(found).toMatchObject({ records: [{ id: 'old' }], stopped: false })
})

test('no more is read than was taken', async () => {
  const trail = await trailOf(3000)
  const { run } = await listWholeAudit.prepare({ trail } as unknown as AdminContext, { limit: 'all', format: 'jsonl' })
  const answer = await run({ ...actor, roles: [] })
  if (!isAuditStream(answer)) throw new Error('no stream')
  for await (const part of auditText(answer)) {
    expect(part).toContain('r2999')
    break
  }
  expect(trail.looks).toHaveLength(1)
})

test.each(['0', '-1', '1.5', 'every', ''])('%s is no number of records', (limit) => {
  expect(listWholeAudit.input.safeParse({ limit }).success).toBe(false)
})
