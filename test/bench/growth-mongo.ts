/**
 * What sign-ins leave in MongoDB: bytes of BSON of the documents, and entries in indexes. `node test/bench/growth-mongo.ts
 * [sign-ins]`. Sizes on disk are WiredTiger's, which compresses, and the server of the tests is not: of those it says nothing.
 */
import mongoose from 'mongoose'
import { MINUTE } from '../../src/lib/time.ts'
import { clusterEnvironment } from '../support/app/cluster-environment.ts'
import { startStores } from '../support/nodes/nodes.ts'
import { relyingParty, world } from '../support/oidc/relying-party.ts'
import { enrolledVisitor } from './growth/visitor.ts'

const [signIns = 50] = process.argv.slice(2).map(Number)

const { mongo, redis } = await startStores()
Object.assign(process.env, { SIGMA_TEST_MONGODB: mongo.uri, SIGMA_TEST_REDIS: redis.uri })
let at = Date.now()
const running = await world({ now: () => at })
const house = await relyingParty(running, 'house')
const who = await enrolledVisitor(running.app, house, {
  now: () => at,
  pass: (milliseconds) => {
    at += milliseconds
  },
})
const environment = await clusterEnvironment(running.app.folder)
const client = await mongoose.mongo.MongoClient.connect(environment?.SIGMA_MONGODB_URL ?? '')
const before = await weighed()
for (let n = 0; n < signIns; n += 1) {
  at += 2 * MINUTE
  const { refresh_token } = await who.signIn()
  await house.refresh(refresh_token)
  await who.signOut()
}
const after = await weighed()
console.log(`${signIns} sign-ins with password and code, a refresh and a sign-out each`)
console.table(
  [...after].flatMap(([collection, is]) => {
    const was = before.get(collection) ?? { documents: 0, bytes: 0, entries: 0 }
    const more = {
      documents: is.documents - was.documents,
      bytes: is.bytes - was.bytes,
      entries: is.entries - was.entries,
    }
    if (more.documents === 0 && more.bytes === 0) return []
    const each = (value: number) => Math.round((value / signIns) * 10) / 10
    return [
      {
        collection,
        'documents each': each(more.documents),
        'bytes each': each(more.bytes),
        'bytes a document': Math.round(more.bytes / (more.documents || 1)),
        'index entries each': each(more.entries),
        indexes: is.indexes,
      },
    ]
  }),
)
await client.close()
await running.stop()
await Promise.all([mongo.remove(), redis.remove()])

interface Weighed {
  documents: number
  bytes: number
  /** In all indexes; one that is sparse has none of what lacks its field. */
  entries: number
  indexes: number
}

async function weighed(): Promise<Map<string, Weighed>> {
  const found = new Map<string, Weighed>()
  const database = client.db()
  for (const { name } of await database.listCollections().toArray()) {
    const collection = database.collection(name)
    const indexes = await collection.indexes()
    const all: Weighed = { documents: 0, bytes: 0, entries: 0, indexes: indexes.length }
    for await (const document of collection.find()) {
      all.documents += 1
      all.bytes += mongoose.mongo.BSON.calculateObjectSize(document)
      for (const { key, sparse } of indexes) {
        const [first = '_id'] = Object.keys(key)
        const value = document[first]
        if (sparse && value === undefined) continue
        all.entries += Array.isArray(value) ? value.length : 1
      }
    }
    found.set(name, all)
  }
  return found
}
