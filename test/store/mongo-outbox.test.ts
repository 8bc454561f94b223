/** How parcels get from the document that causes them into the queue: wherever a node dies, none is lost, none goes twice. */
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Parcel, QueueStore } from '../../src/delivery/queue.ts'
import type { Records } from '../../src/record/records.ts'
import { connect } from '../../src/store/mongo/connection.ts'
import type { Mover } from '../../src/store/mongo/outbox-mover.ts'
import { parcels } from '../../src/store/mongo/parcels.ts'
import { recordModel } from '../../src/store/mongo/record-documents.ts'
import { records, type Shelved } from '../../src/store/mongo/records.ts'
import { unavailable } from '../../src/store/unavailable.ts'
import { NOW, parcel, race } from '../support/samples/records.ts'
import type { Service } from '../support/services/service-process.ts'
import { describeWith, mongoServer } from '../support/services/services.ts'
import { TOY, type Toy, type ToyFinder } from './conformance/records-toy.ts'
import { dropDatabase, newDatabase, onlooker } from './mongo-opened.ts'

const LATER = NOW + 60_000

describeWith(['mongo'], 'an outbox', () => {
  let server: Service
  let uri: string

  beforeAll(async () => {
    server = await mongoServer()
  })
  afterAll(() => server.remove())
  beforeEach(() => {
    uri = newDatabase(server)
    return () => dropDatabase(uri)
  })

  interface Node {
    toys: Records<Toy, ToyFinder>
    queue: QueueStore
    shelved: Shelved<Toy, ToyFinder>
    mover: Mover
  }

  /** `dying` stands in for the node's mover. */
  async function node(dying?: (mover: Mover) => Mover): Promise<Node> {
    const connection = await connect(uri)
    onTestFinished(() => connection.close())
    const kept = parcels(connection)
    const shelved = records(connection, TOY, dying?.(kept.mover) ?? kept.mover, { patience: 5000 })
    await recordModel(connection, TOY).createIndexes()
    return { toys: shelved.records, queue: kept.queue([shelved]), shelved, mover: kept.mover }
  }

  const dead = (mover: Mover): Mover => ({ ...mover, move: async () => undefined })
  const send = ({ toys }: Node, ...leaving: Parcel[]) =>
    toys.change('bear', (draft) => {
      draft.price = (draft.price ?? 0) + 1
      draft.parcels.push(...leaving)
    })
  const raw = async (collection: string) =>
    (await onlooker(uri)).collection<{ _id: string; outbox?: Parcel[]; sealed?: string }>(collection)
  const outbox = async () => (await (await raw('toys')).findOne({ _id: 'bear' }))?.outbox ?? []

  /** Everything is carried once, and nothing is left. */
  async function carriedOnce({ queue }: Node, leaving: Parcel[]): Promise<void> {
    const claimed = await queue.claim(NOW, LATER, 1000)
    expect(claimed.map(({ id }) => id).toSorted()).toEqual(leaving.map(({ id }) => id).toSorted())
    for (const { id, attempt } of claimed) expect(await queue.settle(id, attempt)).toBe(true)
    expect(await queue.claim(LATER, LATER + 1, 1000)).toEqual([])
    expect(await queue.backlog()).toEqual({ waiting: 0, oldest: undefined })
    expect(await outbox()).toEqual([])
  }

  test('is empty as soon as the change is answered', async () => {
    const one = await node()
    const leaving = [parcel(), parcel()]
    await send(one, ...leaving)
    expect(await outbox()).toEqual([])
    expect(await (await raw('parcels')).countDocuments()).toBe(2)
    await carriedOnce(one, leaving)
  })

  test('of a node that died after the write is moved by whoever claims, and counted until then', async () => {
    const [dying, other] = [await node(dead), await node()]
    const leaving = [parcel(), parcel()]
    await send(dying, ...leaving)
    expect(await outbox()).toHaveLength(2)
    expect((await other.queue.backlog()).waiting).toBe(2)
    await carriedOnce(other, leaving)
  })

  test('of a node that died after inserting is emptied, and nothing is there twice', async () => {
    const half = (mover: Mover): Mover => ({
      ...mover,
      move: (shelf, id, leaving) =>
        mover.move({ ...shelf, empty: () => Promise.reject(unavailable('gone')) }, id, leaving),
    })
    const [dying, other] = [await node(half), await node()]
    const leaving = [parcel(), parcel()]
    await send(dying, ...leaving)
    expect([(await outbox()).length, await (await raw('parcels')).countDocuments()]).toEqual([2, 2])
    expect((await other.queue.backlog()).waiting).toBe(2)
    await carriedOnce(other, leaving)
  })

  test('what was carried and settled meanwhile is not brought back by a mover that was slow', async () => {
    const [slow, other] = [await node(dead), await node()]
    const leaving = [parcel(), parcel()]
    await send(slow, ...leaving)
    await carriedOnce(other, leaving)
    await slow.mover.move(slow.shelved, 'bear', leaving)
    expect(await other.queue.claim(LATER, LATER + 1, 9)).toEqual([])
    expect((await other.queue.backlog()).waiting).toBe(0)
  })

  test('what a write brings back that was under way is not carried again', async () => {
    const one = await node()
    const leaving = [parcel()]
    await send(one, ...leaving)
    await carriedOnce(one, leaving)
    await (await raw('toys')).updateOne({ _id: 'bear' }, { $set: { outbox: leaving } })
    expect(await one.queue.claim(LATER, LATER + 1, 9)).toEqual([])
    expect((await one.queue.backlog()).waiting).toBe(0)
    expect(await outbox()).toEqual([])
  })

  test('a settled parcel leaves its id, when, and nothing that was in it', async () => {
    const one = await node()
    const leaving = parcel()
    await send(one, leaving)
    await carriedOnce(one, [leaving])
    expect(await (await raw('parcels')).find().toArray()).toEqual([{ _id: leaving.id, settledAt: expect.any(Date) }])
  })

  test('several parcels that come with nothing else go all, or none, wherever the node dies', async () => {
    const one = await node()
    const leaving = Array.from({ length: 5 }, () => parcel())
    await (await raw('batches')).insertOne({ _id: 'of-a-node-that-died', outbox: leaving })
    expect((await one.queue.backlog()).waiting).toBe(5)
    await carriedOnce(one, leaving)
    expect(await (await raw('batches')).countDocuments()).toBe(0)
  })

  test('of 20 movers at once over two nodes, while others write and carry, none loses or doubles a parcel', async () => {
    const [dying, one, other] = [await node(dead), await node(), await node()]
    const leaving = Array.from({ length: 60 }, () => parcel())
    const writers = [dying, one, other]
    const claimed: string[] = []
    await race(60, async (racer) => {
      const [writer, mover] = [writers[racer % 3] ?? one, racer % 2 === 0 ? one : other]
      const mine = leaving[racer]
      if (mine) await send(writer, mine)
      await mover.mover.moveAll([mover.shelved])
      for (const { id, attempt } of await mover.queue.claim(NOW, LATER, 3)) {
        claimed.push(id)
        expect(await mover.queue.settle(id, attempt)).toBe(true)
      }
    })
    for (const { id } of await one.queue.claim(NOW, LATER, 1000)) claimed.push(id)
    expect(claimed.toSorted()).toEqual(leaving.map(({ id }) => id).toSorted())
    expect((await one.toys.find('bear'))?.price).toBe(60)
  })
})
