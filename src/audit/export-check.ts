/** Whether an exported trail (export.ts) is what was exported: by its own chain where it is whole, and by its seal. */
import { type AuditRow, CHAIN_START, type ChainEnd, follows } from './chain.ts'
import { type Checkpoint, type KeptCheckpoint, opened } from './checkpoint.ts'
import { type ExportSeal, withLine } from './export.ts'
import { type ExportEnd, type ExportFormat, type ExportLine, FORMS } from './export-form.ts'
import { walkOf } from './verify.ts'

export type ExportChecked =
  | { ok: true; whole: boolean; records: number; at: string; hash: string }
  /** `line` is counted from 1. `records`: how many there were before, in order as far as that can be told. */
  | { ok: false; reason: ExportFault; line: number; record?: string | undefined; records: number }

export type ExportFault =
  /** No line that a file of ours has. */
  | 'unreadable'
  /** It says to be whole, and this record does not follow the one before. */
  | 'broken'
  /** The last line is missing, or is not the last. */
  | 'cut-off'
  /** The last line is of another content. */
  | 'changed'
  /** The chain holds, if there is one, but no key of this installation sealed it: what is missing at its end does not show. */
  | 'not-ours'

interface Doubt {
  line: number
  record: string
}

export async function checkExport(
  pieces: AsyncIterable<string>,
  format: ExportFormat,
  seal: Pick<ExportSeal, 'holds'>,
): Promise<ExportChecked> {
  let [line, records, content, hash] = [0, 0, '', CHAIN_START.hash]
  const chain = chainOf()
  /** The first record that does not follow the one before; in an export by a filter that says nothing. */
  let doubt: Doubt | undefined
  let end: ExportEnd | undefined

  function refuse(reason: ExportFault, at = line, record?: string): ExportChecked {
    return { ok: false, reason, line: at, record, records }
  }

  for await (const read of FORMS[format].read(pieces)) {
    line += 1
    if (end) return refuse('cut-off')
    if (!isExpected(read, line, format)) return refuse('unreadable')
    if (read.kind === 'end') {
      end = read.end
      continue
    }
    content = withLine(content, read.raw)
    const name = chain.takes(read)
    if (name !== undefined) doubt ??= { line, record: name }
    if (read.kind !== 'record') continue
    hash = read.row.hash
    records += 1
  }

  if (!end) return refuse('cut-off')
  const unfinished = chain.ends()
  if (unfinished !== undefined) doubt ??= { line, record: unfinished }
  const { seal: made, ...told } = end
  if (told.whole === true && doubt) return refuse('broken', doubt.line, doubt.record)
  if (told.records !== records || told.content !== content || told.hash !== (records > 0 ? hash : ''))
    return refuse('changed')
  if (!seal.holds(JSON.stringify(told), String(made))) return refuse('not-ours')
  return { ok: true, whole: told.whole === true, records, at: String(told.at), hash }
}

/** The chain as it goes on from line to line, over what was removed. Whatever it is given, it says what does not fit. */
function chainOf() {
  let last: ChainEnd = CHAIN_START
  let range: { checkpoint: Checkpoint; walk: ReturnType<typeof walkOf> } | undefined
  let previous: string | null = null

  /** The range is over: whether all of it was there. */
  function ends(): string | undefined {
    if (!range) return undefined
    const { checkpoint, walk } = range
    range = undefined
    last = { seq: checkpoint.to, hash: checkpoint.after }
    return walk.isWhole() ? undefined : `checkpoint ${checkpoint.from}`
  }

  function begins(kept: KeptCheckpoint): string | undefined {
    const unfinished = ends()
    const checkpoint = opened(kept)
    if (!checkpoint || checkpoint.from !== last.seq + 1 || checkpoint.before !== last.hash)
      return unfinished ?? `checkpoint ${kept.from}`
    range = { checkpoint, walk: walkOf(checkpoint) }
    return unfinished
  }

  function record(given: AuditRow): string | undefined {
    const row = { ...given, previous }
    previous = null
    if (range && row.seq <= range.checkpoint.to) return range.walk.takes(row) ? undefined : row.id
    const unfinished = ends()
    const fits = follows(last.hash, row) && (row.previous === null || row.previous === last.hash)
    last = row
    return unfinished ?? (fits ? undefined : row.id)
  }

  return {
    takes(line: ExportLine): string | undefined {
      if (line.kind === 'checkpoint') return begins(line.kept)
      if (line.kind === 'previous') previous = line.hash
      return line.kind === 'record' ? record(line.row) : undefined
    },
    ends,
  }
}

/** The head of a spreadsheet stands in its first line, and nowhere else. */
function isExpected({ kind }: ExportLine, line: number, format: ExportFormat): boolean {
  if (kind === 'unreadable') return false
  return (kind === 'head') === (format === 'csv' && line === 1)
}
