/** What audit:list says at the command line, however much it is: a batch at a time, each when the one before was taken. */
import type { AuditListed, AuditStream } from '../admin/trail.ts'
import { printable, readable } from './printing.ts'

/** What people go by who know other products, beside our own names of the filters. */
export const AUDIT_ALIASES: Record<string, string> = {
  reference: '--correlation',
  kind: '--type',
  application: '--client',
}

export function isAuditStream(answer: unknown): answer is AuditStream {
  return typeof answer === 'object' && answer !== null && 'batches' in answer
}

/** The text, in parts. */
export async function* auditText({ format, batches }: AuditStream): AsyncGenerator<string> {
  if (format === 'jsonl') {
    for await (const { records } of batches)
      for (const record of records) yield printable(`${JSON.stringify(record, readable)}\n`)
    return
  }
  // One object, as it would be in one piece.
  let last: AuditListed | undefined
  let between = '\n'
  yield '{\n  "records": ['
  for await (const batch of batches) {
    for (const record of batch.records) {
      yield printable(between + indented(JSON.stringify(record, readable, 2)))
      between = ',\n'
    }
    last = batch
  }
  const more = JSON.stringify({ next: last?.next, stopped: last?.stopped }, undefined, 2)
  yield `${between === '\n' ? '' : '\n  '}],${more.slice(1)}\n`
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ')
}
