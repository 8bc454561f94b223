/**
 * Comma-separated values (RFC 4180) that a spreadsheet takes for text: a value that it would compute, because of how it
 * begins, gets an apostrophe in front. What begins with an apostrophe gets one too, so that the way back is certain.
 * Nothing at all and an empty text are told apart: only the text has quotes.
 */

export type Cell = string | null

/**
 * Formula injection: `=`, `+`, `-`, `@`, a tab and a line end begin what is computed, and the wide forms of these signs where
 * a spreadsheet is set up for East Asia.
 */
const COMPUTED = /^[=+\-@\t\r\n'＝＋－＠]/
const QUOTED = /^$|[",;'\r\n\t]|^\s|\s$/
export const LINE_END = '\r\n'

/** Any of `QUOTED` may separate: whichever it is, a value that has it is in quotes. */
export function csvLine(cells: Cell[], separator = ','): string {
  return `${cells.map(written).join(separator)}${LINE_END}`
}

function written(cell: Cell): string {
  if (cell === null) return ''
  const text = COMPUTED.test(cell) ? `'${cell}` : cell
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export interface CsvLine {
  cells: Cell[]
  /** As it stands in the file. */
  raw: string
}

/** The lines of a file, from the pieces in which it is read. What follows the last end of a line is a line too. */
export async function* csvLines(pieces: AsyncIterable<string>): AsyncGenerator<CsvLine> {
  let raw = ''
  let quotes = 0
  for await (const piece of pieces) {
    for (const sign of piece) {
      raw += sign
      if (sign === '"') quotes += 1
      // Within quotes, of which there is an odd number so far, it belongs to a value.
      if (sign !== '\n' || quotes % 2 === 1) continue
      yield { cells: cellsOf(raw), raw }
      raw = ''
      quotes = 0
    }
  }
  if (raw !== '') yield { cells: cellsOf(raw), raw }
}

const VALUE = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/gy

function cellsOf(raw: string): Cell[] {
  const line = raw.replace(/\r?\n$/, '')
  const cells: Cell[] = []
  VALUE.lastIndex = 0
  for (let match = VALUE.exec(line); match; match = VALUE.exec(line)) {
    const [, quoted, bare = '', end] = match
    cells.push(quoted === undefined ? (bare === '' ? null : read(bare)) : read(quoted.replaceAll('""', '"')))
    if (end === '') return cells
  }
  // Not the form that is written here.
  return []
}

function read(text: string): string {
  return text.startsWith("'") ? text.slice(1) : text
}
