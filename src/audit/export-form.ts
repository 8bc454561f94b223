/**
 * The two forms of an exported trail, there and back: JSON lines, and values for a spreadsheet. Both hold everything that
 * a record's hash covers, so that the chain can be checked in the file alone.
 */

import type { AuditRow } from './chain.ts'
import type { KeptCheckpoint } from './checkpoint.ts'
import { type Cell, csvLine, csvLines } from './csv.ts'

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** In this order in a line. */
const COLUMNS = [
  ...(['seq', 'at', 'type', 'outcome', 'actor', 'subject', 'client', 'correlation', 'ip', 'details'] as const),
  ...(['id', 'ip_digest', 'ip_salt', 'hash'] as const),
] as const satisfies Array<keyof AuditRow>

/** What the last line says of the file. */
export type ExportEnd = Record<string, unknown>

export interface ExportForm {
  type: string
  /** Before the first record. */
  head: string
  line(row: AuditRow): string
  /** In the place of old records that were removed, before those of its range that stay. */
  checkpoint(kept: KeptCheckpoint): string
  /** The hash of the record before the next one, where that went. */
  previous(hash: string): string
  end(end: ExportEnd): string
  read(pieces: AsyncIterable<string>): AsyncGenerator<ExportLine>
}

/** A line as it is read: `raw` is what stands there. */
export type ExportLine = { raw: string } & ({ kind: 'head' | 'unreadable' } | Line)

type Line =
  | { kind: 'record'; row: AuditRow }
  | { kind: 'checkpoint'; kept: KeptCheckpoint }
  | { kind: 'previous'; hash: string }
  | { kind: 'end'; end: ExportEnd }

export const FORMS: Record<ExportFormat, ExportForm> = {
  jsonl: {
    type: 'application/jsonl',
    head: '',
    line: (row) => `${harmless(JSON.stringify(toObject(row)))}\n`,
    checkpoint: (checkpoint) => `${harmless(JSON.stringify({ checkpoint }))}\n`,
    previous: (hash) => `${harmless(JSON.stringify({ previous: hash }))}\n`,
    end: (end) => `${harmless(JSON.stringify({ end }))}\n`,
    async *read(pieces) {
      for await (const raw of linesOf(pieces)) yield { raw, ...jsonLine(raw) }
    },
  },
  csv: {
    type: 'text/csv',
    head: csvLine([...COLUMNS]),
    line: (row) => csvLine(toCells(toObject(row))),
    checkpoint: (kept) => csvNote('checkpoint', harmless(JSON.stringify(kept))),
    previous: (hash) => csvNote('previous', hash),
    end: (end) => csvNote('end', harmless(JSON.stringify(end))),
    async *read(pieces) {
      for await (const { cells, raw } of csvLines(pieces)) yield { raw, ...csvRecord(cells) }
    },
  },
}

/** A line that is no record: as wide as one. */
function csvNote(name: string, text: string): string {
  return csvLine([name, text, ...COLUMNS.slice(2).map(() => null)])
}

type Kept = Record<string, unknown>

/** What there is, for people to read: a moment as a date, details as an object. */
function toObject(row: AuditRow): Kept {
  const given = { ...row, at: new Date(row.at).toISOString(), details: row.details && parsed(row.details) }
  return Object.fromEntries(COLUMNS.map((name) => [name, given[name]]).filter(([, value]) => value !== null))
}

/** Throws on what is no record. */
function toRow(given: Kept): AuditRow {
  const { seq, at, details } = given
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : null)
  const row = {
    ...Object.fromEntries(COLUMNS.map((name) => [name, text(name)])),
    seq: Number(seq),
    at: Date.parse(String(at)),
    details: details === undefined || typeof details === 'string' ? (details ?? null) : JSON.stringify(details),
    previous: null,
  }
  if (!Number.isFinite(row.seq) || !Number.isFinite(row.at)) throw new SyntaxError('no record')
  return row as AuditRow
}

function toCells(kept: Kept): Cell[] {
  return COLUMNS.map((name) => {
    const value = kept[name]
    if (value === undefined) return null
    return typeof value === 'object' ? harmless(JSON.stringify(value)) : String(value)
  })
}

/** Throws on what is none. */
function toCheckpoint(given: unknown): KeptCheckpoint {
  const { from, to, content, seal } = given as KeptCheckpoint
  if (typeof content !== 'string' || typeof seal !== 'string') throw new SyntaxError('no checkpoint')
  return { from: Number(from), to: Number(to), content, seal }
}

function jsonLine(raw: string): Line | { kind: 'unreadable' } {
  try {
    const given = JSON.parse(raw) as Kept
    if (typeof given.previous === 'string') return { kind: 'previous', hash: given.previous }
    if (typeof given.checkpoint === 'object') return { kind: 'checkpoint', kept: toCheckpoint(given.checkpoint) }
    if (typeof given.end === 'object' && given.end !== null) return { kind: 'end', end: { ...given.end } }
    return { kind: 'record', row: toRow(given) }
  } catch {
    return { kind: 'unreadable' }
  }
}

function csvRecord(cells: Cell[]): Line | { kind: 'head' | 'unreadable' } {
  try {
    if (cells.join() === COLUMNS.join()) return { kind: 'head' }
    if (cells.length !== COLUMNS.length) return { kind: 'unreadable' }
    if (cells[0] === 'previous') return { kind: 'previous', hash: cells[1] ?? '' }
    if (cells[0] === 'checkpoint') return { kind: 'checkpoint', kept: toCheckpoint(JSON.parse(cells[1] ?? '')) }
    if (cells[0] === 'end') return { kind: 'end', end: JSON.parse(cells[1] ?? '') as Kept }
    const given: Kept = Object.fromEntries(COLUMNS.map((name, index) => [name, cells[index] ?? undefined]))
    if (typeof given.details === 'string') given.details = parsed(given.details)
    return { kind: 'record', row: toRow(given) }
  } catch {
    return { kind: 'unreadable' }
  }
}

/** What is no JSON stays as it is: somebody wrote it there, and the chain tells. */
function parsed(details: string): unknown {
  try {
    return JSON.parse(details) as unknown
  } catch {
    return details
  }
}

async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield `${line}\n`
  }
  if (rest !== '') yield rest
}

/**
 * The same JSON without what a terminal obeys or turns text around by, and without a semicolon: where that separates
 * values, as in a Dutch spreadsheet, whatever comes after it would be computed.
 */
function harmless(json: string): string {
  return json.replace(/[;\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}
