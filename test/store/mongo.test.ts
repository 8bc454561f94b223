/** The durable half on MongoDB: the conformance suite, alone and as two nodes. */
import { afterAll, beforeAll, describe } from 'vitest'
import { openMongoStore } from '../../src/store/mongo/open.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Service } from '../support/service-process.ts'
import { describeWith, mongoServer } from '../support/services.ts'
import { twoStoreConformance } from './conformance/two-stores.ts'
import { conformance } from './conformance.ts'
import { dropDatabase, joined, newDatabase, onlooker, openedMongo } from './mongo-opened.ts'

describeWith(['mongo'], 'the durable half', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  conformance('on MongoDB', async () => {
    const uri = newDatabase(server)
    const embedded = openSqliteStore(':memory:')
    let mongo = await openMongoStore(uri)
    return {
      store: joined(mongo, embedded),
      async reopen() {
        await mongo.close()
        mongo = await openMongoStore(uri)
        return joined(mongo, embedded)
      },
      async tamper(id) {
        await (await onlooker(uri)).collection('audit').updateOne({ id }, { $set: { outcome: 'refused' } })
      },
      async destroy() {
        await mongo.close()
        await embedded.close()
        await dropDatabase(uri)
      },
    }
  })

  describe('two stores on one MongoDB', () => {
    twoStoreConformance(async () => {
      const uri = newDatabase(server)
      const [{ durable: one }, { durable: other }] = [await openedMongo(uri), await openedMongo(uri)]
      return { one, other }
    })
  })
})
