/** The last moment that was believed: one document, or none (lib/known-time.ts). */
import type { Connection } from 'mongoose'
import type { KnownTimeStore } from '../../lib/known-time.ts'
import { collectionOf } from './native.ts'

const ID = 'known-time'

export function knownTime(connection: Connection): KnownTimeStore {
  const moments = collectionOf<{ _id: string; at: number }>(connection, 'knownTime')

  return {
    findKnownTime: async () => (await moments.findOne({ _id: ID }))?.at,
    async putKnownTime(at) {
      await moments.updateOne({ _id: ID }, { $set: { at } }, { upsert: true })
    },
  }
}
