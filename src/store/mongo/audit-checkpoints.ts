/** Checkpoints of the audit trail, and the removing of what they cover. A checkpoint's first place is its id. */
import type { Connection } from 'mongoose'
import type { AuditLink, AuditStore } from '../../audit/audit.ts'
import type { KeptCheckpoint } from '../../audit/checkpoint.ts'
import type { AuditDocument } from './audit-document.ts'
import { duplicateIndex } from './faults.ts'
import { collectionOf, insistText } from './native.ts'

type Checkpoints = Pick<
  AuditStore,
  'followCheckpoints' | 'lastCheckpoint' | 'putCheckpoint' | 'linkAudit' | 'removeAudit'
>

export type CheckpointDocument = Omit<KeptCheckpoint, 'from'> & { _id: number }

export const CHECKPOINTS = 'auditCheckpoints'

export function toCheckpoint({ _id, to, content, seal }: CheckpointDocument): KeptCheckpoint {
  return { from: _id, to, content, seal }
}

function linked({ seq, previous }: AuditLink) {
  return { updateOne: { filter: { _id: seq, previous: { $exists: false } }, update: { $set: { previous } } } }
}

export function checkpoints(connection: Connection): Checkpoints {
  const kept = collectionOf<CheckpointDocument>(connection, CHECKPOINTS)
  const documents = collectionOf<AuditDocument>(connection, 'audit')

  return {
    async followCheckpoints(after, limit) {
      const found = await kept
        .find({ _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      return found.map(toCheckpoint)
    },
    async lastCheckpoint() {
      const last = await kept.findOne({}, { sort: { _id: -1 } })
      return last ? toCheckpoint(last) : undefined
    },
    async putCheckpoint({ from, to, content, seal }, instead) {
      if (instead !== undefined) {
        const where = { _id: from, seal: insistText(instead) }
        return (await kept.replaceOne(where, { to, content, seal })).matchedCount === 1
      }
      try {
        await kept.insertOne({ _id: from, to, content, seal })
        return true
      } catch (fault) {
        if (duplicateIndex(fault) === '_id_') return false
        throw fault
      }
    },
    async linkAudit(links) {
      if (links.length === 0) return
      await documents.bulkWrite(links.map(linked), { ordered: false })
    },
    async removeAudit(leaving) {
      if (leaving.length === 0) return
      // One after the other, so that what is left is always the end of what goes.
      await documents.bulkWrite(
        leaving.flatMap(({ seq, next }) => [...(next ? [linked(next)] : []), { deleteOne: { filter: { _id: seq } } }]),
      )
    },
  }
}
