/** An audit record as MongoDB keeps it: its place in the chain is its id, and what it does not have is absent. */
import { type Connection, type Model, Schema } from 'mongoose'
import { AUDIT_FINDERS, type AuditRow, actorOf, detailOf, writtenActor } from '../../audit/chain.ts'
import { STRICT } from './schema.ts'

type Always = 'id' | 'at' | 'type' | 'outcome' | 'hash'
type Sometimes = Exclude<keyof AuditRow, Always | 'seq'>

export type AuditDocument = Pick<AuditRow, Always> & { [name in Sometimes]?: string } & {
  _id: number
  /** While the client's address is whole: since when, and whose whereabouts it tells. Found by these, and only then. */
  wholeSince?: number
  wholeOf?: string[]
  /** The reference of the request in which it failed or was refused: the release before this one finds by it. */
  failedIn?: string
  /** The organization in its details. */
  organization?: string
  /** The sign-in in its details. */
  signIn?: string
}

const schema = new Schema<AuditDocument>(
  {
    _id: Number,
    id: String,
    at: Number,
    type: String,
    outcome: String,
    actor: String,
    subject: String,
    client: String,
    correlation: String,
    details: String,
    ip_digest: String,
    ip: String,
    ip_salt: String,
    hash: String,
    previous: String,
    wholeSince: Number,
    wholeOf: { type: [String], default: undefined },
    failedIn: String,
    organization: String,
    signIn: String,
  },
  STRICT,
)
schema.index({ wholeSince: 1 }, { name: 'wholeSince', sparse: true })
schema.index({ wholeOf: 1 }, { name: 'wholeOf', sparse: true })
schema.index({ failedIn: 1 }, { name: 'failedIn', sparse: true })
schema.index({ at: -1, _id: -1 }, { name: 'newest' })
for (const finder of AUDIT_FINDERS) schema.index({ [finder]: 1, at: -1, _id: -1 }, { name: `newestBy_${finder}` })

export function auditModel(connection: Connection): Model<AuditDocument> {
  return connection.model<AuditDocument>('Audit', schema, 'audit')
}

export function toDocument(row: AuditRow): AuditDocument {
  const { id, at, type, outcome, hash, seq, ...rest } = row
  // Found by, so that it is there also where a record was written the short way.
  const given = { ...rest, actor: actorOf(row) }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  return { _id: seq, id, at, type, outcome, hash, ...present, ...finders(row) }
}

type Finders = Pick<AuditDocument, 'wholeSince' | 'wholeOf' | 'failedIn' | 'organization' | 'signIn'>

function finders(row: AuditRow): Finders {
  const { at, outcome, subject, correlation, details, ip_salt } = row
  const organization = detailOf('organization', details)
  const signIn = detailOf('signIn', details)
  const people = new Set([actorOf(row), subject].filter((id) => id !== null))
  return {
    ...(ip_salt !== null && { wholeSince: at }),
    ...(ip_salt !== null && people.size > 0 && { wholeOf: [...people] }),
    ...(outcome !== 'ok' && correlation !== null && { failedIn: correlation }),
    ...(organization !== null && { organization }),
    ...(signIn !== null && { signIn }),
  }
}

export function toRow(kept: AuditDocument): AuditRow {
  return {
    seq: kept._id,
    id: kept.id,
    at: kept.at,
    type: kept.type,
    outcome: kept.outcome,
    actor: writtenActor(kept.id, kept.actor ?? null, kept.subject ?? null),
    subject: kept.subject ?? null,
    client: kept.client ?? null,
    correlation: kept.correlation ?? null,
    details: kept.details ?? null,
    ip_digest: kept.ip_digest ?? null,
    ip: kept.ip ?? null,
    ip_salt: kept.ip_salt ?? null,
    hash: kept.hash,
    previous: kept.previous ?? null,
  }
}
