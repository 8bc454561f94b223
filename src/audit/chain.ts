/**
 * The audit trail (audit/audit.ts) as a chain, for every store: a record's hash covers its content and the hash before
 * it, so editing, inserting or dropping a record shows. (Cutting off the end does not: keep the newest hash elsewhere
 * to see that.)
 *
 * The client's address must be shortened after 90 days without breaking the chain, so the hash covers a salted digest
 * of it. While the salt is there the address is checked against that digest; whoever shortens the address removes the
 * salt, and without it the digest does not tell which address it was.
 *
 * A record is written the short way since it has a short id: where somebody did something to their own account, which most
 * of a trail is made of, they are named once. Records of before stay as they were written, and fit for ever.
 */

import { digest, fresh } from '../lib/crypto.ts'
import type { AuditRecord, EventType, Outcome } from './event.ts'

/** What the hash covers, in this order. */
export const HASHED = [
  'seq',
  'id',
  'at',
  'type',
  'outcome',
  'actor',
  'subject',
  'client',
  'correlation',
  'details',
  'ip_digest',
] as const

/** What records are found by, each with an index: first whatever finds the fewest. */
export const AUDIT_FINDERS = ['correlation', 'signIn', 'subject', 'actor', 'organization', 'client', 'type'] as const
export type AuditFinder = (typeof AUDIT_FINDERS)[number]

export const SHORT_ID = 16
/** Characters of the digest of an address that are kept, 132 bits: nobody finds another address and salt to them. */
const ADDRESS_DIGEST = 22
/** Bytes: enough that nobody tries them all. */
const SALT = 16
/** Stands for no actor in a short record, where nothing stands for the subject. No account has this id. */
const NOBODY = ''

/** One record as it is kept. A type, not an interface: only then may it stand for a statement's parameters. */
export type AuditContent = {
  seq: number
  id: string
  at: number
  type: EventType
  outcome: Outcome
  actor: string | null
  subject: string | null
  client: string | null
  correlation: string | null
  /** JSON. */
  details: string | null
  ip_digest: string | null
  ip: string | null
  ip_salt: string | null
}

export type AuditRow = AuditContent & {
  hash: string
  /** The hash of the record before it, where that one may be removed (checkpoint.ts); otherwise absent. */
  previous: string | null
}

/** The record to append after this one. */
export function auditRow(record: AuditRecord, last: ChainEnd): AuditRow {
  const content = toContent(record, last.seq + 1)
  return { ...content, hash: chained(last.hash, content), previous: null }
}

/** What the next record is chained to. */
export type ChainEnd = Pick<AuditRow, 'seq' | 'hash'>

/** What the first record is chained to. */
export const CHAIN_START: ChainEnd = { seq: 0, hash: '' }

/** Where checking the chain begins: below any number we give, for a forged record may have been put before the first. */
export const BEFORE_ALL: ChainEnd = { seq: Number.MIN_SAFE_INTEGER, hash: '' }

/** Whether this record is the one that was appended after the one with this hash. */
export function follows(previous: string, row: AuditRow): boolean {
  return row.hash === chained(previous, row) && addressFits(row)
}

export function toRecord(row: AuditContent): AuditRecord {
  const { id, at, type, outcome, ip, correlation } = row
  const record: AuditRecord = { id, at, type, outcome }
  const actor = actorOf(row)
  if (actor !== null) record.actor = actor
  if (row.subject !== null) record.subject = row.subject
  if (row.client !== null) record.client = row.client
  if (ip !== null && correlation !== null) record.source = { ip, correlation }
  if (row.details !== null) record.details = JSON.parse(row.details) as AuditRecord['details']
  return record
}

/** What is found by, and stands in the details: the organization that a record is about, the sign-in that it belongs to. */
export type DetailFinder = 'organization' | 'signIn'

export function detailOf(name: DetailFinder, details: string | null): string | null {
  if (!details?.includes(`"${name}"`)) return null
  const { [name]: value } = JSON.parse(details) as Record<string, unknown>
  return typeof value === 'string' ? value : null
}

function chained(previous: string, content: AuditContent): string {
  return digest(previous + JSON.stringify(HASHED.map((column) => content[column])))
}

function addressFits({ ip, ip_salt, ip_digest }: AuditContent): boolean {
  if (ip_salt === null) return true
  const whole = digest(ip_salt + ip)
  return ip_digest === whole || ip_digest === whole.slice(0, ADDRESS_DIGEST)
}

/** A new id: 96 bits. */
export function auditId(): string {
  return fresh(12).toString('base64url')
}

function isShort(id: string): boolean {
  return id.length === SHORT_ID
}

/** Who did it, however the record was written. */
export function actorOf({ id, actor, subject }: Pick<AuditContent, 'id' | 'actor' | 'subject'>): string | null {
  if (!isShort(id)) return actor
  return actor === NOBODY ? null : (actor ?? subject)
}

/** What the column holds: nothing where a short record's actor is its subject. */
export function writtenActor(id: string, actor: string | null, subject: string | null): string | null {
  if (!isShort(id)) return actor
  return actor === subject ? null : (actor ?? NOBODY)
}

function toContent(record: AuditRecord, seq: number): AuditContent {
  const { id, at, type, outcome, source, details } = record
  const ip = text(source?.ip)
  const salt = ip === null ? null : fresh(SALT).toString('base64url')
  const subject = text(record.subject)
  return {
    seq,
    id: id.toWellFormed(),
    at,
    type,
    outcome,
    actor: writtenActor(id, text(record.actor), subject),
    subject,
    client: text(record.client),
    correlation: text(source?.correlation),
    details: details ? JSON.stringify(details) : null,
    ip_digest: salt === null ? null : digest(salt + ip).slice(0, ADDRESS_DIGEST),
    ip,
    ip_salt: salt,
  }
}

/** As a store will give it back: half a surrogate pair, kept as U+FFFD, would look like an edited record. */
function text(value: string | undefined): string | null {
  return value?.toWellFormed() ?? null
}
