/** Records on MongoDB, as two nodes have them: the conformance suite. */
import { afterAll, beforeAll } from 'vitest'
import { clientKind } from '../../src/client/record.ts'
import { personKind } from '../../src/person/kind.ts'
import type { Kind } from '../../src/record/kind.ts'
import { connect } from '../../src/store/mongo/connection.ts'
import { ensureIndexes } from '../../src/store/mongo/indexes.ts'
import { parcels } from '../../src/store/mongo/parcels.ts'
import { portableRecords } from '../../src/store/mongo/portable-records.ts'
import { recordModel } from '../../src/store/mongo/record-documents.ts'
import { records } from '../../src/store/mongo/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { clientRaces } from './conformance/client-races.ts'
import { peopleRaces } from './conformance/people-races.ts'
import { recordConformance } from './conformance/records.ts'
import type { OpenedRecords } from './conformance/records-opened.ts'
import { TOY } from './conformance/records-toy.ts'
import { dropDatabase, newDatabase } from './mongo-opened.ts'

describeWith(['mongo'], 'records', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  async function node<R extends object, F extends string>(uri: string, kind: Kind<R, F>) {
    const connection = await connect(uri)
    const kept = parcels(connection)
    const shelved = records(connection, kind, kept.mover, { patience: 5000 })
    await ensureIndexes(connection)
    return { connection, records: shelved.records, queue: kept.queue([shelved]) }
  }

  async function twoNodes<R extends object, F extends string>(kind: Kind<R, F>): Promise<OpenedRecords<R, F>> {
    const uri = newDatabase(server)
    const [one, other] = [await node(uri, kind), await node(uri, kind)]
    return {
      one: one.records,
      other: other.records,
      section: portableRecords(one.connection, kind, one.records),
      queue: one.queue,
      revision: async (id) => (await recordModel(one.connection, kind).findOne({ _id: id }).lean())?.rev,
      async destroy() {
        for (const { connection } of [one, other]) await connection.close()
        await dropDatabase(uri)
      },
    }
  }

  recordConformance('MongoDB, two nodes', () => twoNodes(TOY))
  peopleRaces('MongoDB, two nodes', () => twoNodes(personKind))
  clientRaces('MongoDB, two nodes', () => twoNodes(clientKind))
})
