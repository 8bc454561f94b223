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
import { type ExportFormat, FORMS } from './export-form.ts'
import { type AuditFilter, allOfAudit, isWhole } from './page.ts'

export interface ExportSeal {
  make(text: string): string
  /** Whether a key of this installation made it, also one of before. */
  holds(text: string, seal: string): boolean
}

/** Lines, each with its end. */
export type ExportAudit = (filter: AuditFilter, format: ExportFormat) => AsyncGenerator<string>

export interface ExportParts {
  trail: Pick<AuditStore, 'lookAtAudit' | 'followAudit'>
  seal: ExportSeal
  now: Clock
}

const BATCH = 500

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
    for await (const batch of whole ? wholeTrail(trail) : allOfAudit(trail, filter)) {
      const lines = batch.map((row) => form.line(row))
      content = lines.reduce(withLine, content)
      records += batch.length
      hash = batch.at(-1)?.hash ?? hash
      yield lines.join('')
    }
    const end = { whole, filter: told(filter), records, hash, content, at: new Date(now()).toISOString() }
    yield form.end({ ...end, seal: seal.make(JSON.stringify(end)) })
  }
}

/** As far as it goes when it is read. */
async function* wholeTrail(trail: Pick<AuditStore, 'followAudit'>): AsyncGenerator<AuditRow[]> {
  for (let { seq } = BEFORE_ALL; ; ) {
    const batch = await trail.followAudit(seq, BATCH)
    if (batch.length > 0) yield batch
    seq = batch.at(-1)?.seq ?? seq
    if (batch.length < BATCH) return
  }
}

function told(filter: AuditFilter): Record<string, unknown> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}
