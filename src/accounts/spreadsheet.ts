/**
 * A table that was saved from a spreadsheet as CSV, as such programs save it: any of three separators, with or without a
 * mark of the encoding, in Windows-1252 by older ones. What the cells mean is not known here.
 */
import { CsvError, parse } from 'csv-parse/sync'
import type { Outcome } from '../lib/outcome.ts'

export interface Row {
  /** Of the file, counted from 1; the last one of several. */
  line: number
  cells: string[]
}

export interface Table {
  headings: string[]
  rows: Row[]
  separator: string
  /** It is no UTF-8, so it was taken for Windows-1252. */
  guessed: boolean
}

export const TABLE_FAULTS = ['empty', 'no-csv', 'encoding', 'quotes', 'too-many-lines', 'too-many-columns'] as const
export type TableFault = (typeof TABLE_FAULTS)[number]

export const MOST_ROWS = 10_000
/** Those with nothing in them, too: reading a quarter of a million takes half a minute, in which nobody signs in. */
const MOST_READ = 2 * MOST_ROWS
/** What each of them holds is looked at in every row. */
const MOST_COLUMNS = 200
/** Signs of one row: a quote that nobody closed would take the rest of the file for one cell. */
const LONGEST_ROW = 10_000
const SEPARATORS = [';', ',', '\t']

/** What programs for spreadsheets save unless they are asked otherwise: ZIP (.xlsx, .ods) and OLE (.xls). */
const WORKBOOKS = [Buffer.from('PK\x03\x04', 'latin1'), Buffer.from('d0cf11e0', 'hex')]

export function readTable(bytes: Buffer): Outcome<{ table: Table }, TableFault> {
  if (WORKBOOKS.some((beginning) => bytes.subarray(0, beginning.length).equals(beginning)))
    return { ok: false, reason: 'no-csv' }
  const { text, guessed } = decoded(bytes)
  if (text === undefined || text.includes('\0')) return { ok: false, reason: 'encoding' }
  // A line that tells Excel of the separator, and is no part of the table. No other than these: what is refused goes out as
  // a file again, and a spreadsheet would compute what it finds behind a separator that it was not told of.
  const [said = '', told] = /^sep=([;,\t])\r?\n/i.exec(text) ?? []
  const body = text.slice(said.length)
  const separator = told ?? separatorOf(body)
  const read = rowsOf(body, separator)
  if (!read.ok) return read
  const [first, ...rest] = read.rows.filter(({ cells }) => cells.some((cell) => cell !== ''))
  if (!first || rest.length === 0) return { ok: false, reason: 'empty' }
  if (rest.length > MOST_ROWS) return { ok: false, reason: 'too-many-lines' }
  if (first.cells.length > MOST_COLUMNS) return { ok: false, reason: 'too-many-columns' }
  const before = said === '' ? 0 : 1
  const rows = rest.map(({ line, cells }) => ({ line: line + before, cells }))
  return { ok: true, table: { headings: first.cells, rows, separator, guessed } }
}

/** Undefined of what is UTF-16 without being text. Bytes that are no UTF-8 are Windows-1252, in which all are something. */
function decoded(bytes: Buffer): { text: string | undefined; guessed: boolean } {
  const [first, second] = bytes
  const wide =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined
  // Takes the mark away by itself.
  const attempt = (encoding: string) => {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {
      return undefined
    }
  }
  const told = attempt(wide ?? 'utf-8')
  if (told !== undefined || wide !== undefined) return { text: told, guessed: false }
  return { text: attempt('windows-1252'), guessed: true }
}

/** The one that is there most in the headings, outside of quotes: a name may have a comma in it. */
function separatorOf(text: string): string {
  const [headings = ''] = text.replace(/"[^"]*"/g, '').split(/\r?\n/, 1)
  const counts = SEPARATORS.map((separator) => headings.split(separator).length)
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ';'
}

function rowsOf(text: string, separator: string): Outcome<{ rows: Row[] }, 'quotes' | 'too-many-lines'> {
  try {
    const options = {
      delimiter: separator,
      info: true,
      relax_column_count: true,
      // `Jan "de Bakker" Jansen` is a name, and no fault.
      relax_quotes: true,
      max_record_size: LONGEST_ROW,
      skip_empty_lines: true,
      to: MOST_READ,
    }
    const read = withoutStacks(() => parse(text, options)) as unknown as Array<{
      record: string[]
      info: { lines: number }
    }>
    if (read.length === MOST_READ) return { ok: false, reason: 'too-many-lines' }
    return { ok: true, rows: read.map(({ record, info }) => ({ line: info.lines, cells: record.map(tidied) })) }
  } catch (fault) {
    if (!(fault instanceof CsvError)) throw fault
    return { ok: false, reason: 'quotes' }
  }
}

/** For each row of another length the reader makes a fault that nobody sees; where it was made is five sixths of the time. */
function withoutStacks<T>(read: () => T): T {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return read()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The apostrophe that our own files put before what a spreadsheet would compute (audit/csv.ts) goes. */
function tidied(cell: string): string {
  return cell.replace(/^'(?=[=+\-@\t\r\n'＝＋－＠])/, '').trim()
}
