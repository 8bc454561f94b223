/** Whether an exported trail (export.ts) is what was exported: by its own chain where it is whole, and by its seal. */
import { CHAIN_START, follows } from './chain.ts'
import { type ExportSeal, withLine } from './export.ts'
import { type ExportEnd, type ExportFormat, type ExportLine, FORMS } from './export-form.ts'

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
    if (read.kind !== 'record') continue
    if (!follows(hash, read.row)) doubt ??= { line, record: read.row.id }
    hash = read.row.hash
    records += 1
  }

  if (!end) return refuse('cut-off')
  const { seal: made, ...told } = end
  if (told.whole === true && doubt) return refuse('broken', doubt.line, doubt.record)
  if (told.records !== records || told.content !== content || told.hash !== (records > 0 ? hash : ''))
    return refuse('changed')
  if (!seal.holds(JSON.stringify(told), String(made))) return refuse('not-ours')
  return { ok: true, whole: told.whole === true, records, at: String(told.at), hash }
}

/** The head of a spreadsheet stands in its first line, and nowhere else. */
function isExpected({ kind }: ExportLine, line: number, format: ExportFormat): boolean {
  if (kind === 'unreadable') return false
  return (kind === 'head') === (format === 'csv' && line === 1)
}
