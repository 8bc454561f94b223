/** The audit trail: what happened (event.ts), to whom, by whom, from where, kept in the order in which it happened. */
import type { Clock } from '../lib/time.ts'
import { nobodys } from './actor.ts'
import { type AuditFinder, type AuditRow, auditId } from './chain.ts'
import type { KeptCheckpoint } from './checkpoint.ts'
import type { AuditEvent, AuditRecord, Source } from './event.ts'
import { repeats } from './repeats.ts'

export type { AuditEvent, AuditRecord, EventType, Outcome, Source } from './event.ts'
export { deed, EVENTS, refusal } from './event.ts'

export interface AuditQuery {
  /** Account id. */
  subject?: string
  limit: number
}

/** Where a record stands when they are ordered by time: of one moment, by their place in the chain. */
export interface AuditPlace {
  at: number
  seq: number
}

export interface AuditLook {
  by?: { finder: AuditFinder; value: string } | undefined
  /** Only what is older than this place. */
  before?: AuditPlace | undefined
  /** Only what is from this moment on. */
  since?: number | undefined
  limit: number
}

export interface AuditStore {
  /** Appends, chained: each stored record carries a digest over itself and the record before (ASVS 16.4.2). */
  appendAudit(record: AuditRecord): Promise<void>
  /** The last appended first; of one account by time, the newest first. */
  listAudit(query: AuditQuery): Promise<AuditRecord[]>
  /** By time, the newest first, as they are kept. Reads by an index no more than it returns. */
  lookAtAudit(look: AuditLook): Promise<AuditRow[]>
  /** In the order of the chain, those after this place in it. */
  followAudit(after: number, limit: number): Promise<AuditRow[]>
  /**
   * Shortens the client addresses (IPv4 to /24, IPv6 to /48) of records before this moment and forgets their salts, at
   * most `limit` at once; returns how many. The chain still holds.
   */
  shortenAddresses(before: number, limit: number): Promise<number>
  /** The same of every record of which the account is actor or subject. May be done twice. */
  forgetAddresses(accountId: string): Promise<void>
  /**
   * Recomputes the chain, without looking at the seals of checkpoints: for that see verify.ts. Returns the name of the first
   * that does not fit, undefined if all do.
   */
  verifyAudit(): Promise<string | undefined>
  /** Checkpoints that begin after this place, in order. */
  followCheckpoints(after: number, limit: number): Promise<KeptCheckpoint[]>
  lastCheckpoint(): Promise<KeptCheckpoint | undefined>
  /**
   * In the place of the one that begins there and has the seal `instead`; where that is absent, only if none begins there.
   * False if another was quicker.
   */
  putCheckpoint(checkpoint: KeptCheckpoint, instead: string | undefined): Promise<boolean>
  /** Writes the hash of the record before beside these, where none is yet. */
  linkAudit(links: readonly AuditLink[]): Promise<void>
  /**
   * Removes records that a checkpoint covers, in the order of the chain, and `next` before each: so whatever is left of it
   * at any moment can be checked.
   */
  removeAudit(leaving: readonly Leaving[]): Promise<void>
}

/** Beside a record, the hash of the one before it. */
export interface AuditLink {
  seq: number
  previous: string
}

export interface Leaving {
  seq: number
  /** To be written beside the record after it, where that one has none yet. */
  next: AuditLink | undefined
}

/** Records one event. Rejects if it could not be kept: no sign-in without audit. */
export type Audit = (event: AuditEvent) => Promise<void>

export interface Auditing {
  audit: Audit
  /** Writes what was counted (repeats.ts) and is over; all of it where the process ends. */
  writeRepeats(how?: { all: boolean }): Promise<void>
}

/** Hears of what was kept. */
type OnRecord = (record: AuditRecord) => void

/** What repeats is told once: `onEvent` hears of each that happened, `onRecord` of what was kept. */
export function auditing(
  store: Pick<AuditStore, 'appendAudit'>,
  now: Clock,
  { onEvent, onRecord = () => undefined }: { onEvent: (event: AuditEvent) => void; onRecord?: OnRecord | undefined },
): Auditing {
  const told = repeats(now)
  const keep = audit(store, now, onRecord)
  return {
    async audit(event) {
      if (told.tells(event)) {
        try {
          await keep(event)
        } catch (fault) {
          told.missed(event)
          throw fault
        }
      }
      onEvent(event)
    },
    writeRepeats: (how) => told.write(keep, how),
  }
}

/** Keeps each event as it comes. */
export function audit(store: Pick<AuditStore, 'appendAudit'>, now: Clock, onRecord: OnRecord): Audit {
  return async ({ repeats: _repeats, ...event }) => {
    const details = labeled(event.details, event.source)
    const record = { ...event, actor: event.actor ?? nobodys(event), details, id: auditId(), at: now() }
    await store.appendAudit(record)
    onRecord(record)
  }
}

/** What the request is a part of stands in the details, where it is found by (chain.ts). */
function labeled(
  details: AuditRecord['details'],
  { signIn, trace, requestId }: Partial<Source> = {},
): AuditRecord['details'] {
  if (signIn === undefined && trace === undefined && requestId === undefined) return details
  return {
    ...details,
    ...(signIn !== undefined && { signIn }),
    ...(trace !== undefined && { trace }),
    ...(trace === undefined && requestId !== undefined && { requestId }),
  }
}
