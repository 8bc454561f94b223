/**
 * The audit trail: what happened, to whom, by whom, from where. Events are data; what a person reads of them is made
 * elsewhere. No secret, code, token or password ever goes in; addresses of people are named by account id only.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../lib/time.ts'
import { nobodys } from './actor.ts'
import type { AuditFinder, AuditRow } from './chain.ts'

/** Every kind of event there is. The list is closed, so that it can be a metric's label. */
export const EVENTS = [
  'account.invited',
  'account.activated',
  'account.hash-upgraded',
  'account.changed',
  'account.disabled',
  'account.enabled',
  'account.erased',
  'account.exported',
  'sign-in.password',
  'sign-in.second-factor',
  'sign-in.completed',
  'factor.enrolled',
  'factor.closed',
  'factor.renamed',
  'factor.removed',
  'sms.sent',
  'sms.refused',
  'backup-code.made',
  'device.remembered',
  'device.misused',
  'device.forgotten',
  'throttle.engaged',
  'link.requested',
  'link.sent',
  'link.refused',
  'password.reset',
  'password.changed',
  'recovery.requested',
  'recovery.canceled',
  'recovery.issued',
  'recovery.declined',
  'application.removed',
  'client.changed',
  'organization.added',
  'organization.changed',
  'organization.disabled',
  'organization.enabled',
  'organization.merged',
  'admin.verb',
  'admin.refused',
  'session.ended',
  'sign-out.everywhere',
  'request.refused',
  'token.issued',
  'token.refused',
  'token.repeated',
  'token.reuse-detected',
  'token.revoked',
  'logout.notified',
  'key.rotated',
  'delivery.failed',
  'fault',
] as const

export type EventType = (typeof EVENTS)[number]
export type Outcome = 'ok' | 'refused' | 'failed'

/** Where a request came from, as far as we trust what we know of it. */
export interface Source {
  /** Client address; shortened to /24 or /48 after 90 days. */
  ip: string
  /** Ties the event to the request's log lines and to the reference on an error page. */
  correlation: string
}

export interface AuditEvent {
  type: EventType
  outcome: Outcome
  /**
   * Who did it: an account id, or one of the names of actor.ts. Where the event does not say, the record does: whoever
   * sent the request is unknown, and what no request caused is the system's own.
   */
  actor?: string | undefined
  /** Account id of whom it is about. */
  subject?: string
  /** client_id, where an application is involved. */
  client?: string
  source?: Source
  /** Codes and numbers that explain the outcome. */
  details?: Record<string, string | number | boolean>
}

interface Person {
  account: { id: string }
  source: Source
}

interface Attempt {
  /** Absent where nobody has the address that was typed. */
  account: { id: string } | undefined
  source: Source
}

/** What a person did to their own account. */
export function deed(type: EventType, { account, source }: Person, details?: AuditEvent['details']): AuditEvent {
  return { type, outcome: 'ok', actor: account.id, subject: account.id, source, details }
}

/** What was refused at an account. It names no actor: whoever tried need not be the account's owner. */
export function refusal(type: EventType, { account, source }: Attempt, details?: AuditEvent['details']): AuditEvent {
  return { type, outcome: 'refused', subject: account?.id, source, details }
}

export interface AuditRecord extends AuditEvent {
  id: string
  /** Milliseconds since the epoch. */
  at: number
}

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
  /** The last appended first; narrowed to one account. */
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
  /** Recomputes the chain. Returns the id of the first record that does not fit, undefined if all do. */
  verifyAudit(): Promise<string | undefined>
}

/** Records one event. Rejects if it could not be kept: no sign-in without audit. */
export type Audit = (event: AuditEvent) => Promise<void>

export function audit(store: Pick<AuditStore, 'appendAudit'>, now: Clock, onEvent: (event: AuditEvent) => void): Audit {
  return async (event) => {
    await store.appendAudit({ ...event, actor: event.actor ?? nobodys(event), id: randomUUID(), at: now() })
    onEvent(event)
  }
}
