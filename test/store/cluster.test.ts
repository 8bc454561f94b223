/** The cluster store, both halves together: the same conformance suite as the embedded one, test for test. */
import { afterAll, beforeAll } from 'vitest'
import { openCluster } from '../../src/store/cluster.ts'
import { NOW } from '../support/samples/records.ts'
import { DATABASES } from '../support/services/servers.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer, redisServer } from '../support/services/services.ts'
import { conformance } from './conformance.ts'
import { dropDatabase, newDatabase, onlooker } from './mongo-opened.ts'

describeWith(['mongo', 'redis'], 'the cluster store', () => {
  let mongo: Service
  let redis: Service
  let database = 0

  beforeAll(async () => {
    ;[mongo, redis] = await Promise.all([mongoServer(), redisServer()])
  })
  afterAll(async () => {
    await mongo.remove()
    await redis.remove()
  })

  conformance('MongoDB and Redis', async () => {
    const uri = newDatabase(mongo)
    database = (database + 1) % DATABASES
    const options = { mongodb: uri, redis: `${redis.uri}/${database}`, now: () => NOW, onWarning: () => undefined }
    let store = await openCluster(options)
    return {
      store,
      async reopen() {
        await store.close()
        store = await openCluster(options)
        return store
      },
      async tamper(id) {
        await (await onlooker(uri)).collection('audit').updateOne({ id }, { $set: { outcome: 'refused' } })
      },
      async destroy() {
        await store.close()
        await dropDatabase(uri)
      },
    }
  })
})
