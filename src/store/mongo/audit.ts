/**
 * The audit trail, chained by audit/chain.ts. A record's place is its id: whichever node takes it has chained to the
 * right record, and the others read the end of the chain again.
 *
 * Group commit: what comes in while a write is under way goes together with the next one, and each caller is told when
 * its own record is kept.
 */
import mongoose, { type Connection } from 'mongoose'
import type { AuditRecord, AuditStore } from '../../audit/audit.ts'
import { type AuditRow, auditRow, BEFORE_ALL, CHAIN_START, type ChainEnd, toRecord } from '../../audit/chain.ts'
import { verifyTrail } from '../../audit/verify.ts'
import { shortened } from '../../lib/network.ts'
import { unavailable } from '../unavailable.ts'
import { checkpoints } from './audit-checkpoints.ts'
import { type AuditDocument, auditModel, toDocument, toRow } from './audit-document.ts'
import { duplicateIndex } from './faults.ts'
import { collectionOf } from './native.ts'
import { untilWon } from './races.ts'

interface Waiting {
  record: AuditRecord
  kept: () => void
  failed: (fault: unknown) => void
}

const { MongoBulkWriteError } = mongoose.mongo
const { trusted } = mongoose
/** So many records go together at most, are shortened at once. */
const GROUP = 100
const BITE = 500
/** A request of this node may write a few without another in between. */
const WATCH = 10
/** What has another kind of id is no record: it would be listed and never checked. */
const AFTER = (seq: number) => trusted({ $gt: seq })

export function auditTrail(connection: Connection): AuditStore {
  const model = auditModel(connection)
  const documents = collectionOf<AuditDocument>(connection, 'audit')
  const waiting: Waiting[] = []
  let writing = false
  /** What this node wrote last, as far as it is known to be kept. */
  let mine: ChainEnd | undefined
  /** Before so many of its next writes it looks where the chain ends, because other nodes write too. */
  let watchful = 0

  async function write(): Promise<void> {
    if (writing) return
    writing = true
    for (let group = waiting.splice(0, GROUP); group.length > 0; group = waiting.splice(0, GROUP)) await append(group)
    writing = false
  }

  /** Tells everybody in the group how it went; never rejects. */
  async function append(group: Waiting[]): Promise<void> {
    let rest = group
    try {
      await untilWon(async () => {
        const count = await insert(rest.map(({ record }) => record))
        for (const { kept } of rest.slice(0, count)) kept()
        rest = rest.slice(count)
        return rest.length === 0 || undefined
      })
    } catch (fault) {
      for (const { failed } of rest) failed(fault)
    }
  }

  /** Keeps them in order, until one's place is taken; returns how many that were. */
  async function insert(records: AuditRecord[]): Promise<number> {
    const rows = chain(records, await endOfChain())
    const [first, ...others] = rows.map(toDocument)
    if (!first) return 0
    // After a fault nobody knows what was kept; after a lost race it is another's.
    mine = undefined
    try {
      if (others.length === 0) await documents.insertOne(first)
      else await documents.insertMany([first, ...others], { ordered: true })
    } catch (fault) {
      watchful = WATCH
      return keptBefore(fault)
    }
    mine = rows.at(-1)
    return rows.length
  }

  /** Where others write as well, one look costs less than a write that fails, and a look after it. */
  async function endOfChain(): Promise<ChainEnd> {
    if (mine && watchful === 0) return mine
    const end = await findEnd()
    if (mine) watchful = end.seq === mine.seq && end.hash === mine.hash ? watchful - 1 : WATCH
    return end
  }

  async function findEnd(): Promise<ChainEnd> {
    const given = { _id: { $gt: BEFORE_ALL.seq } }
    const last = await documents.findOne(given, { projection: { hash: 1 }, sort: { _id: -1 } })
    return last ? { seq: last._id, hash: last.hash } : CHAIN_START
  }

  async function follow(after: number, limit: number): Promise<AuditRow[]> {
    const found = await model
      .find({ _id: AFTER(after) })
      .sort({ _id: 1 })
      .limit(limit)
      .lean()
    return found.map(toRow)
  }

  async function shorten(found: AuditDocument[]): Promise<number> {
    const { modifiedCount } = await model.bulkWrite(
      found.map(({ _id, ip = '', wholeSince }) => ({
        updateOne: {
          // Whoever else shortens it meanwhile has shortened it.
          filter: { _id, wholeSince },
          update: { $set: { ip: shortened(ip) }, $unset: { ip_salt: 1, wholeSince: 1, wholeOf: 1 } },
        },
      })),
      { ordered: false },
    )
    return modifiedCount
  }

  const trail: AuditStore = {
    appendAudit: (record) =>
      new Promise((kept, failed) => {
        waiting.push({ record, kept, failed })
        void write()
      }),
    async listAudit({ subject, limit }) {
      const found = await model
        .find({ _id: AFTER(BEFORE_ALL.seq), ...(subject !== undefined && { subject }) })
        .sort({ ...(subject !== undefined && { at: -1 }), _id: -1 })
        .limit(limit)
        .lean()
      return found.map((kept) => toRecord(toRow(kept)))
    },
    async lookAtAudit({ by, before, since, limit }) {
      const older = before && {
        // Within these bounds of the index; of one moment, those before in the chain.
        at: trusted({ $lte: before.at, ...(since !== undefined && { $gte: since }) }),
        $or: [{ at: trusted({ $lt: before.at }) }, { _id: trusted({ $lt: before.seq }) }],
      }
      const from = !before && since !== undefined && { at: trusted({ $gte: since }) }
      const found = await model
        .find({ _id: AFTER(BEFORE_ALL.seq), ...(by && { [by.finder]: by.value }), ...from, ...older })
        .sort({ at: -1, _id: -1 })
        .limit(limit)
        .lean()
      return found.map(toRow)
    },
    followAudit: follow,
    async shortenAddresses(before, limit) {
      let count = 0
      while (count < limit) {
        const found = await model
          .find({ wholeSince: trusted({ $lt: before }) })
          .sort({ wholeSince: 1 })
          .limit(Math.min(BITE, limit - count))
          .lean()
        if (found.length === 0) break
        count += await shorten(found)
      }
      return count
    },
    async forgetAddresses(accountId) {
      for (;;) {
        const found = await model.find({ wholeOf: accountId }).limit(BITE).lean()
        if (found.length === 0) return
        await shorten(found)
      }
    },
    verifyAudit: () => verifyTrail(trail),
    ...checkpoints(connection),
  }
  return trail
}

function chain(records: AuditRecord[], end: ChainEnd): AuditRow[] {
  const rows: AuditRow[] = []
  for (const record of records) rows.push(auditRow(record, rows.at(-1) ?? end))
  return rows
}

/** How many were kept before one whose place was taken. Throws every other fault. */
function keptBefore(fault: unknown): number {
  if (!(fault instanceof MongoBulkWriteError)) {
    // One alone.
    if (duplicateIndex(fault) === '_id_') return 0
    throw fault
  }
  // Kept by too few servers: may be lost, so nobody is told that it was kept.
  if (fault.result.getWriteConcernError()) throw unavailable('not enough servers of MongoDB confirm a write', fault)
  const taken = fault.result.getWriteErrorAt(0)?.index
  if (duplicateIndex(fault) !== '_id_' || taken === undefined) throw fault
  return taken
}
