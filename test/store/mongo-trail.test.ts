/** Audit trail, counters and signing keys on MongoDB: what only two nodes go through. */
import { randomUUID } from 'node:crypto'
import mongoose, { type Connection } from 'mongoose'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { auditTrail } from '../../src/store/mongo/audit.ts'
import { connect } from '../../src/store/mongo/connection.ts'
import { counters } from '../../src/store/mongo/counters.ts'
import { ensureIndexes } from '../../src/store/mongo/indexes.ts'
import { signingKeys } from '../../src/store/mongo/signing-keys.ts'
import { auditRecord, NOW, race, signingKey, winners } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'

describeWith(['mongo'], 'audit trail, counters and signing keys on MongoDB', () => {
  let server: Service
  let uri: string
  let connection: Connection
  let durable: ReturnType<typeof parts>

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())
  beforeEach(async () => {
    uri = `${server.uri}/sigma-${randomUUID()}`
    connection = await opened()
    durable = parts(connection)
    await ensureIndexes(connection)
    return async () => {
      await connection.dropDatabase()
    }
  })

  async function opened(): Promise<Connection> {
    const another = await connect(uri)
    onTestFinished(() => another.close())
    return another
  }

  function parts(of: Connection) {
    return { ...auditTrail(of), ...counters(of), ...signingKeys(of) }
  }

  /** This node and another, in turn. */
  async function either() {
    const other = parts(await opened())
    return (racer: number) => (racer % 2 === 0 ? durable : other)
  }

  describe('the audit trail on two nodes', () => {
    test.each([200, 2000])('%i records appended at once over both make one chain, each in it once', async (racers) => {
      const node = await either()
      const records = Array.from({ length: racers }, () => auditRecord())
      await race(racers, (racer) => node(racer).appendAudit(records[racer] ?? auditRecord()))
      expect(await durable.verifyAudit()).toBeUndefined()
      const kept = await durable.listAudit({ limit: 2 * racers })
      expect(kept.map(({ id }) => id).toSorted()).toEqual(records.map(({ id }) => id).toSorted())
    })

    test('an account’s addresses are forgotten where it acted and where it was acted upon', async () => {
      const source = { ip: '192.0.2.77', correlation: 'c' }
      await durable.appendAudit(auditRecord({ subject: 'sanne', source }))
      await durable.appendAudit(auditRecord({ actor: 'sanne', subject: 'bram', source }))
      await durable.appendAudit(auditRecord({ subject: 'bram', source }))
      await durable.forgetAddresses('sanne')
      const addresses = (await durable.listAudit({ limit: 10 })).map((record) => record.source?.ip)
      expect(addresses).toEqual(['192.0.2.77', '192.0.2.0/24', '192.0.2.0/24'])
      expect(await durable.verifyAudit()).toBeUndefined()
      expect(await durable.shortenAddresses(NOW + 1, 10)).toBe(1)
    })

    test('what only a part of the servers confirmed is not told to be kept', async () => {
      const { MongoBulkWriteError } = mongoose.mongo
      const result = { getWriteConcernError: () => ({ code: 64 }), getWriteErrorAt: () => ({ index: 1 }) }
      const fault = new MongoBulkWriteError({ message: 'E11000 … index: _id_ dup key', code: 11000 }, result as never)
      vi.spyOn(mongoose.mongo.Collection.prototype, 'insertMany').mockRejectedValueOnce(fault)
      // The first goes at once and alone, those after it together.
      const told = await Promise.allSettled([1, 2, 3].map(() => durable.appendAudit(auditRecord())))
      const lost = { status: 'rejected', reason: expect.objectContaining({ code: 'store-unavailable' }) }
      expect(told).toEqual([{ status: 'fulfilled', value: undefined }, lost, lost])
    })

    test('a forged record with an id that is no number is neither listed nor chained to', async () => {
      await durable.appendAudit(auditRecord())
      const forged = { ...auditRecord(), _id: 'zzz', hash: 'x' }
      await connection.collection<{ _id: string }>('audit').insertOne(forged)
      await parts(await opened()).appendAudit(auditRecord())
      expect(await durable.listAudit({ limit: 10 })).toHaveLength(2)
      expect(await durable.verifyAudit()).toBeUndefined()
    })

    test('a record inserted between two, put before the first or taken out is found', async () => {
      for (let i = 0; i < 3; i += 1) await durable.appendAudit(auditRecord())
      const trail = connection.collection<{ _id: number; id: string; hash: string }>('audit')
      for (const _id of [1.5, 0, -7]) {
        await trail.insertOne({ _id, id: 'forged', hash: 'x' })
        expect(await durable.verifyAudit()).toBe('forged')
        await trail.deleteOne({ _id })
      }
      await trail.deleteOne({ _id: 2 })
      expect(await durable.verifyAudit()).toBe((await durable.listAudit({ limit: 1 }))[0]?.id)
    })
  })

  describe('two nodes', () => {
    test('200 rounds of 20 guesses at once over both never outrun a limit', async () => {
      const node = await either()
      for (let round = 0; round < 200; round += 1) {
        const key = `round-${round}`
        const spend = async (racer: number) => (await node(racer).spendStreak(key, NOW, 3, [0])).ok
        expect(await winners(20, spend)).toBe(3)
      }
    })

    test('of 200 tries at once over both, exactly as many as a window takes go through', async () => {
      const node = await either()
      expect(await winners(200, async (racer) => (await node(racer).spendWindow('key', NOW, 150, 10)).ok)).toBe(150)
      expect(await durable.count('key')).toBe(150)
    })

    test('of 100 rotations at once over both one wins', async () => {
      const node = await either()
      expect(await winners(100, (racer) => node(racer).replaceKeys(0, [signingKey()]))).toBe(1)
      expect(await winners(100, (racer) => node(racer).replaceKeys(1, [signingKey()]))).toBe(1)
    })
  })

  test('a sweep takes more than one bite', async () => {
    const over = Array.from({ length: 1201 }, (_, i) => ({ _id: `w${i}`, kind: 'window', count: 1, until: NOW }))
    await connection.collection<{ _id: string }>('counters').insertMany(over)
    expect(await durable.sweepCounters(NOW)).toBe(1201)
  })
})

describeWith(['mongo'], 'a server that fails', () => {
  test('records that could not be kept are refused, and the chain goes on where it really ends', async () => {
    const server = await mongoServer()
    onTestFinished(() => server.remove())
    const connection = await connect(`${server.uri}/sigma`, { serverSelection: 1000, silence: 1000 })
    onTestFinished(() => connection.close())
    const trail = auditTrail(connection)
    const appends = () =>
      trail.appendAudit(auditRecord()).then(
        () => true,
        () => false,
      )
    expect(await appends()).toBe(true)
    server.pause()
    const lost = await Promise.allSettled(Array.from({ length: 150 }, () => trail.appendAudit(auditRecord())))
    expect(new Set(lost.map(({ status }) => status))).toEqual(new Set(['rejected']))
    server.resume()
    // What was under way may have been kept after all: nobody was told so, and the chain must hold either way.
    await expect.poll(appends, { timeout: 10_000 }).toBe(true)
    await server.kill()
    await server.start()
    await expect.poll(appends, { timeout: 10_000 }).toBe(true)
    expect(await trail.verifyAudit()).toBeUndefined()
  })
})
