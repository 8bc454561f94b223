/** A MongoDB that goes away, hangs and comes back: nobody waits for long, and what was told of is there afterwards. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openMongoStore } from '../../src/store/mongo/open.ts'
import { asked, withAsked } from '../support/people/asked-people.ts'
import { enroll, people } from '../support/samples/factors.ts'
import { auditRecord, NOW, parcel } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { newDatabase, openedMongo, UNAVAILABLE } from './mongo-opened.ts'

/** What a page may take, and what a busy machine adds to it. */
const PATIENCE = 5000 + 1500

async function timed<T>(work: () => Promise<T>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

describeWith(['mongo'], 'a MongoDB', () => {
  let server: Service

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())

  async function equipped() {
    const store = await openedMongo(newDatabase(server))
    await people(withAsked(store.durable), 'sanne')
    const { id } = await enroll(withAsked(store.durable))
    return { ...store, id }
  }

  test('that hangs keeps nobody waiting, however many ask for the same; what was late is not done twice', async () => {
    const { durable, ping, id } = await equipped()
    server.pause()
    onTestFinished(() => server.resume())
    const all = [
      ...Array.from({ length: 20 }, (_, i) => asked(durable.people).advanceStep('sanne', id, 10 + i, NOW)),
      asked(durable.people).findAccount('sanne'),
      durable.appendAudit(auditRecord()),
      durable.spendStreak('key', NOW, 5, []),
      durable.claim(NOW, NOW + 1, 5),
      ping(),
    ]
    const took = await timed(async () => {
      for (const each of await Promise.allSettled(all)) {
        expect(each).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
      }
    })
    expect(took).toBeLessThan(PATIENCE)

    server.resume()
    await vi.waitFor(() => ping(), { timeout: 10_000, interval: 100 })
    const [before] = await asked(durable.people).listAuthenticators('sanne')
    const step = before?.lastStep ?? 0
    // Some of them may have been kept all the same: told of or not, a step is used once.
    expect(await asked(durable.people).advanceStep('sanne', id, step, NOW)).toBe(false)
    expect(await asked(durable.people).advanceStep('sanne', id, 100, NOW)).toBe(true)
  })

  test.each(['stop', 'kill'] as const)('that is gone (%s) is refused at once or soon, and found again', async (end) => {
    const { durable, ping, id } = await equipped()
    const sent = parcel()
    await durable.enqueue([sent])
    expect(await asked(durable.people).advanceStep('sanne', id, 7, NOW)).toBe(true)
    await server[end]()
    const took = await timed(() =>
      expect(asked(durable.people).advanceStep('sanne', id, 8, NOW)).rejects.toMatchObject(UNAVAILABLE),
    )
    expect(took).toBeLessThan(PATIENCE)
    await expect(ping()).rejects.toMatchObject(UNAVAILABLE)

    await server.start()
    const back = await timed(() => vi.waitFor(() => ping(), { timeout: 10_000, interval: 100 }))
    expect(back).toBeLessThan(5000)
    expect(await asked(durable.people).advanceStep('sanne', id, 7, NOW)).toBe(false)
    expect((await durable.claim(NOW, NOW + 1, 5)).map((one) => one.id)).toEqual([sent.id])
  })

  describe('at the start', () => {
    test('that is not there is told of soon', async () => {
      const uri = newDatabase(server).replace(/:\d+\//, ':9/')
      const took = await timed(() => expect(openMongoStore(uri)).rejects.toMatchObject(UNAVAILABLE))
      expect(took).toBeLessThan(PATIENCE)
    })
  })
})
