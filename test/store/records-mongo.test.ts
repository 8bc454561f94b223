/** Records on MongoDB, as two nodes have them: the conformance suite. */
import { afterAll, beforeAll } from 'vitest'
import { connect } from '../../src/store/mongo/connection.ts'
import { ensureIndexes } from '../../src/store/mongo/indexes.ts'
import { parcels } from '../../src/store/mongo/parcels.ts'
import { portableRecords } from '../../src/store/mongo/portable-records.ts'
import { recordModel } from '../../src/store/mongo/record-documents.ts'
import { records } from '../../src/store/mongo/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { recordConformance } from './conformance/records.ts'
import { TOY } from './conformance/records-toy.ts'
import { dropDatabase, newDatabase } from './mongo-opened.ts'

describeWith(['mongo'], 'records', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  async function node(uri: string) {
    const connection = await connect(uri)
    const kept = parcels(connection)
    const shelved = records(connection, TOY, kept.mover, { patience: 5000 })
    await ensureIndexes(connection)
    return { connection, records: shelved.records, queue: kept.queue([shelved]) }
  }

  recordConformance('MongoDB, two nodes', async () => {
    const uri = newDatabase(server)
    const [one, other] = [await node(uri), await node(uri)]
    return {
      one: one.records,
      other: other.records,
      section: portableRecords(one.connection, TOY, one.records),
      queue: one.queue,
      revision: async (id) => (await recordModel(one.connection, TOY).findOne({ _id: id }).lean())?.rev,
      async destroy() {
        for (const { connection } of [one, other]) await connection.close()
        await dropDatabase(uri)
      },
    }
  })
})
