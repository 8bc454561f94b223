/** The trail as a file: safe for a spreadsheet, and whatever is done to it is seen. */
import { beforeEach, describe, expect, test } from 'vitest'
import { csvLine, csvLines } from '../../../src/audit/csv.ts'
import { auditExport, type ExportSeal } from '../../../src/audit/export.ts'
import { checkExport } from '../../../src/audit/export-check.ts'
import { EXPORT_FORMATS, type ExportFormat } from '../../../src/audit/export-form.ts'
import type { AuditFilter } from '../../../src/audit/page.ts'
import { prune } from '../../../src/audit/prune.ts'
import { hmac } from '../../../src/lib/crypto.ts'
import { aged, pruneParts } from '../../support/samples/pruning.ts'
import { AWKWARD, auditRecord, NOW } from '../../support/samples/records.ts'
import { type MemoryTrail, memoryTrail } from '../../support/unit/memory-trail.ts'

const EVIL = '=HYPERLINK("http://evil.example";"a,b")'
const sealOf = (key: string): ExportSeal => ({
  make: (text) => hmac(Buffer.from(key), text),
  holds: (text, seal) => hmac(Buffer.from(key), text) === seal,
})
const SEAL = sealOf('ours')

let trail: MemoryTrail

beforeEach(async () => {
  trail = memoryTrail()
  const source = { ip: '192.0.2.77', correlation: 'ABCD2345' }
  const odd = [EVIL, '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', "'=1", AWKWARD, 'a\r\nb', '', ' ', '"', 'x\u202ey']
  await trail.appendAudit(auditRecord())
  for (const text of odd) {
    await trail.appendAudit(
      auditRecord({ actor: 'sanne', subject: text, client: text, source, details: { why: text } }),
    )
  }
  await trail.appendAudit(auditRecord({ actor: 'system', details: { tries: 3, known: false, ratio: 0.1 } }))
})

async function file(format: ExportFormat, filter: AuditFilter = {}, seal = SEAL): Promise<string> {
  return (await Array.fromAsync(auditExport({ trail, seal, now: () => NOW })(filter, format))).join('')
}

/** In pieces that end anywhere. */
async function* pieces(text: string, size = 7): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

const check = (text: string, format: ExportFormat, seal = SEAL) => checkExport(pieces(text), format, seal)

async function linesOf(text: string, format: ExportFormat): Promise<string[]> {
  if (format === 'jsonl') return text.match(/[^\n]*\n/g) ?? []
  return (await Array.fromAsync(csvLines(pieces(text)))).map(({ raw }) => raw)
}

describe.each(EXPORT_FORMATS)('as %s', (format) => {
  const first = format === 'csv' ? 1 : 0

  test('everything, in the order of the chain, and unbroken', async () => {
    const text = await file(format)
    expect(await check(text, format)).toEqual({
      ok: true,
      whole: true,
      records: trail.rows.length,
      at: new Date(NOW).toISOString(),
      hash: trail.rows.at(-1)?.hash,
    })
    expect(await linesOf(text, format)).toHaveLength(trail.rows.length + first + 1)
  })

  test('an empty trail', async () => {
    trail = memoryTrail()
    expect(await check(await file(format), format)).toMatchObject({ ok: true, whole: true, records: 0 })
  })

  test('more than is read at once', async () => {
    for (let index = 0; index < 1100; index += 1) await trail.appendAudit(auditRecord({ subject: `s${index}` }))
    expect(await check(await file(format), format)).toMatchObject({ ok: true, whole: true, records: 1115 })
  })

  test('what a filter finds, and that it is not all', async () => {
    const text = await file(format, { actor: 'sanne' })
    expect(await check(text, format)).toMatchObject({ ok: true, whole: false, records: 13 })
    expect(text).not.toContain('"tries"')
  })

  test('addresses that were shortened leave the chain as it is', async () => {
    for (const row of trail.rows) Object.assign(row, row.ip && { ip: '192.0.2.0/24', ip_salt: null })
    expect(await check(await file(format), format)).toMatchObject({ ok: true, whole: true })
  })

  test('old records were removed: what stays is whole by its checkpoints, and whatever is done to it is seen', async () => {
    trail = memoryTrail()
    for (const record of aged(100, 100)) await trail.appendAudit(record)
    await trail.appendAudit(auditRecord())
    await prune(pruneParts(trail))
    const text = await file(format)
    expect(await check(text, format)).toMatchObject({ ok: true, whole: true, records: 41 })
    expect(await check(await file(format, { subject: 's3' }), format)).toMatchObject({ ok: true, records: 1 })
    const lines = await linesOf(text, format)
    const seen = await Promise.all(
      lines.slice(first, -1).map((_line, n) => check(lines.toSpliced(first + n, 1).join(''), format)),
    )
    expect(seen.filter(({ ok }) => ok)).toEqual([])
    // All but the very last record, of which the last line tells.
    expect(new Set(seen.slice(0, -1).map((one) => 'reason' in one && one.reason))).toEqual(new Set(['broken']))
  })

  type Change = (lines: string[]) => string[]
  const CHANGES: Array<[string, Change, whole: string, part: string]> = [
    [
      'a line is changed',
      (lines) => lines.with(first + 2, lines[first + 2]?.replace('sanne', 'hanna') ?? ''),
      'broken',
      'changed',
    ],
    [
      'an address is changed',
      (lines) => lines.map((one) => one.replace('192.0.2.77', '192.0.2.78')),
      'broken',
      'changed',
    ],
    ['a line is removed', (lines) => lines.toSpliced(first + 2, 1), 'broken', 'changed'],
    ['the first is removed', (lines) => lines.toSpliced(first, 1), 'broken', 'changed'],
    ['two are swapped', swapped, 'broken', 'changed'],
    ['one comes twice', (lines) => lines.toSpliced(first + 2, 0, lines[first + 2] ?? ''), 'broken', 'changed'],
    ['the last record is removed', (lines) => lines.toSpliced(-2, 1), 'changed', 'changed'],
    ['the last line is cut off', (lines) => lines.slice(0, -1), 'cut-off', 'cut-off'],
    ['half of it is cut off', (lines) => lines.slice(0, first + 5), 'cut-off', 'cut-off'],
    [
      'the end of the last line is cut off',
      (lines) => lines.with(-1, lines.at(-1)?.slice(0, -9) ?? ''),
      'unreadable',
      'unreadable',
    ],
    ['something is added', (lines) => [...lines, lines[first] ?? ''], 'cut-off', 'cut-off'],
    ['something else is in it', (lines) => lines.toSpliced(first + 2, 0, 'hello\n'), 'unreadable', 'unreadable'],
    ['an empty file', () => [], 'cut-off', 'cut-off'],
  ]
  function swapped(lines: string[]): string[] {
    return lines.with(first + 2, lines[first + 3] ?? '').with(first + 3, lines[first + 2] ?? '')
  }

  test.each(CHANGES)('%s: it is seen', async (_what, change, whole, part) => {
    const altered = async (filter: AuditFilter) =>
      check(change(await linesOf(await file(format, filter), format)).join(''), format)
    expect(await altered({})).toMatchObject({ ok: false, reason: whole })
    expect(await altered({ actor: 'sanne' })).toMatchObject({ ok: false, reason: part })
  })

  test('the record that does not follow is named, with its line', async () => {
    const lines = await linesOf(await file(format), format)
    expect(await check(lines.toSpliced(first + 2, 1).join(''), format)).toMatchObject({
      reason: 'broken',
      line: first + 3,
      record: trail.rows[3]?.id,
    })
  })

  test('the end is cut off and a new last line put there by somebody without our key: it is seen', async () => {
    trail.rows.length = 5
    const forged = await file(format, {}, sealOf('theirs'))
    expect(await check(forged, format)).toMatchObject({ ok: false, reason: 'not-ours' })
    expect(await check(forged, format, sealOf('theirs'))).toMatchObject({ ok: true, records: 5 })
  })

  test('a part that says to be the whole: it is seen', async () => {
    const text = await file(format, { actor: 'sanne' })
    const says = format === 'csv' ? '""whole"":' : '"whole":'
    expect(await check(text.replace(`${says}false`, `${says}true`), format)).toMatchObject({ reason: 'broken' })
    expect(await check((await file(format)).replace(`${says}true`, `${says}false`), format)).toMatchObject({
      reason: 'not-ours',
    })
  })

  test('nothing in it that a terminal obeys', async () => {
    const text = await file(format)
    const details = (await linesOf(text, format)).map(
      (line) => line.split(format === 'csv' ? '{' : '"details"')[1] ?? '',
    )
    expect(details.join('')).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]/u)
  })
})

describe('a spreadsheet computes nothing', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＠SUM(A1)', EVIL])(
    '%j is text',
    (value) => {
      expect(csvLine([value, 'b'])).toMatch(/^"?'/)
    },
  )

  test('no cell of an export begins with what is computed, with a comma between values or with a semicolon', async () => {
    const text = await file('csv')
    for (const { cells } of await Array.fromAsync(csvLines(pieces(text)))) expect(cells).toHaveLength(14)
    expect(text).not.toMatch(/(^|[\n,])(?:"?[=+\-@\t]|"\r)/)
    const details = (await linesOf(text, 'csv')).map((line) => line.split('{')[1] ?? '')
    expect(details.join('')).not.toContain(';')
  })

  test.each<[(string | null)[]]>([
    [[null, '', ' ', 'a', 'a b']],
    [['"', '""', 'a"b', ',', 'a,b', "'", "''", "'=1", '=1', '-']],
    [['a\nb', 'a\r\nb', '\r', '\n', AWKWARD]],
    [[EVIL]],
  ])('%j comes back as it was', async (cells) => {
    const text = csvLine(cells)
    for (const size of [1, 3, 1000]) {
      const [line, ...more] = await Array.fromAsync(csvLines(pieces(text, size)))
      expect(line?.cells).toEqual(cells)
      expect(line?.raw).toBe(text)
      expect(more).toEqual([])
    }
  })

  test('a line has an end as RFC 4180 wants it', () => expect(csvLine(['a', 'b'])).toBe('a,b\r\n'))
})
