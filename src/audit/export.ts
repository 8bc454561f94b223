/**
 * The trail as a file: the whole of it in the order of the chain, or what a filter finds, the newest first. The last line
 * says what the file is and how many records it has, and is sealed with a key of this installation: so nothing of the file
 * can be changed, left out or cut off without its being seen here. That an export by a filter has everything that fits
 * cannot be seen in it: its records do not follow each other. export-check.ts reads it.
 */
import { digest } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import type { AuditStore } from './audit.ts'
import { type AuditRow, BEFORE_ALL } from './chain.ts'
import type { KeptCheckpoint } from './checkpoint.ts'
import { type ExportForm, type ExportFormat, FORMS } from './export-form.ts'
import { type AuditFilter, allOfAudit, isWhole } from './page.ts'
import { batches } from './verify.ts'

export interface ExportSeal {
  make(text: string): string
  /** Whether a key of this installation made it, also one of before. */
  holds(text: string, seal: string): boolean
}

/** Lines, each with its end. */
export type ExportAudit = (filter: AuditFilter, format: ExportFormat) => AsyncGenerator<string>

type Trail = Pick<AuditStore, 'lookAtAudit' | 'followAudit' | 'followCheckpoints'>

export interface ExportParts {
  trail: Trail
  seal: ExportSeal
  now: Clock
}

/** What a line adds to the digest of those before it. */
export function withLine(before: string, line: string): string {
  return digest(before + line)
}

export function auditExport({ trail, seal, now }: ExportParts): ExportAudit {
  return async function* (filter, format) {
    const form = FORMS[format]
    const whole = isWhole(filter)
    let content = ''
    let records = 0
    let hash = ''
    if (form.head !== '') {
      content = withLine(content, form.head)
      yield form.head
    }
    for await (const batch of whole ? wholeTrail(trail) : found(trail, filter)) {
      const lines = batch.flatMap((part) => linesOf(part, form))
      content = lines.reduce(withLine, content)
      const rows = batch.flatMap((part) => ('row' in part ? part.row : []))
      records += rows.length
      hash = rows.at(-1)?.hash ?? hash
      yield lines.join('')
    }
    const end = { whole, filter: told(filter), records, hash, content, at: new Date(now()).toISOString() }
    yield form.end({ ...end, seal: seal.make(JSON.stringify(end)) })
  }
}

/** What stands in a file: checkpoints, each before the records of its range. */
type Part = { checkpoint: KeptCheckpoint } | { row: AuditRow }

/** As far as it goes when it is read. */
async function* wholeTrail(trail: Trail): AsyncGenerator<Part[]> {
  for (let behind = BEFORE_ALL.seq; ; ) {
    const [checkpoint] = await trail.followCheckpoints(behind, 1)
    if (!checkpoint) {
      for await (const rows of batches(trail, behind, {})) yield rows.map((row) => ({ row }))
      return
    }
    const rows = (await Array.fromAsync(batches(trail, behind, { until: checkpoint.to }))).flat()
    // What was removed while it was read is read anew.
    const [now] = await trail.followCheckpoints(behind, 1)
    if (now?.seal !== checkpoint.seal) continue
    yield [{ checkpoint }, ...rows.map((row) => ({ row }))]
    behind = checkpoint.to
  }
}

async function* found(trail: Trail, filter: AuditFilter): AsyncGenerator<Part[]> {
  // Nobody can tell what is missing between them.
  for await (const rows of allOfAudit(trail, filter)) yield rows.map((row) => ({ row: { ...row, previous: null } }))
}

function linesOf(part: Part, form: ExportForm): string[] {
  if ('checkpoint' in part) return [form.checkpoint(part.checkpoint)]
  const { row } = part
  return [...(row.previous === null ? [] : [form.previous(row.previous)]), form.line(row)]
}

function told(filter: AuditFilter): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}
