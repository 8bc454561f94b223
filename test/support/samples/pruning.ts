/** Trails of which old records are due, and what is needed to remove them. */
import type { AuditRecord } from '../../../src/audit/audit.ts'
import type { CheckpointSeal } from '../../../src/audit/checkpoint.ts'
import type { EventType } from '../../../src/audit/event.ts'
import type { PruneParts } from '../../../src/audit/prune.ts'
import { cutoffs, type Retention } from '../../../src/audit/retention.ts'
import { hmac } from '../../../src/lib/crypto.ts'
import { DAY } from '../../../src/lib/time.ts'
import { auditRecord, NOW } from './records.ts'

export const RETENTION: Retention = {
  signIns: 400 * DAY,
  tokens: 90 * DAY,
  refusals: 90 * DAY,
  accounts: 'forever',
  administration: 'forever',
}

export function sealOf(key: string): CheckpointSeal {
  return {
    make: (content) => hmac(Buffer.from(key), content),
    holds: (content, seal) => hmac(Buffer.from(key), content) === seal,
  }
}
export const SEAL = sealOf('ours')

/** One of these every `step`, in turn, from so long before NOW. */
const TYPES: EventType[] = ['sign-in.completed', 'token.issued', 'token.issued', 'account.changed', 'request.refused']

export function aged(count: number, days: number, step = DAY / 100): AuditRecord[] {
  return Array.from({ length: count }, (_, n) =>
    auditRecord({
      at: NOW - days * DAY + n * step,
      type: TYPES[n % TYPES.length] ?? 'fault',
      subject: `s${n}`,
      source: { ip: '192.0.2.7', correlation: 'c' },
    }),
  )
}

export function pruneParts(trail: PruneParts['trail'], given: Partial<PruneParts> & { at?: number } = {}): PruneParts {
  const { at = NOW, ...rest } = given
  return { trail, seal: SEAL, cutoffs: cutoffs(RETENTION, at), now: at, range: 40, ...rest }
}
