/** The durable half on MongoDB as two nodes. */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { twoStoreConformance } from './conformance/two-stores.ts'
import { newDatabase, openedMongo } from './mongo-opened.ts'

describeWith(['mongo'], 'the durable half', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  describe('two stores on one MongoDB', () => {
    twoStoreConformance(async () => {
      const uri = newDatabase(server)
      const [{ durable: one }, { durable: other }] = [await openedMongo(uri), await openedMongo(uri)]
      return { one, other }
    })
  })
})
