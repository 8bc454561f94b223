/**
 * Each record of the audit trail as a line of the log too, where `log.audit` asks for it: for whoever gathers the logs of many
 * systems in one place. The trail stays what counts. A line is written when its record is kept; nothing in it is shortened
 * after 90 days, as client addresses in the trail are.
 */
import { askedLines, type Log } from '../lib/log.ts'
import type { AuditRecord } from './event.ts'

export function auditLines(log: Log): (record: AuditRecord) => void {
  const write = askedLines(log)
  return ({ id, at, type, outcome, actor, subject, client, source, details: kept = {} }) => {
    const { signIn, trace, requestId, ...details } = kept
    const { ip, correlation } = source ?? {}
    const when = new Date(at).toISOString()
    const who = { actor, subject, client, ip: ip || undefined }
    write({ id, at: when, type, outcome, ...who, correlation, signIn, trace, requestId, details }, 'audit')
  }
}
