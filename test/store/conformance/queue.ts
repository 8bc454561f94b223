/** What every QueueStore does. */
import { describe, expect, test } from 'vitest'
import type { ParcelLook } from '../../../src/delivery/queue.ts'
import { MINUTE } from '../../../src/lib/time.ts'
import type { Store } from '../../../src/store/store.ts'
import { AWKWARD, NOW, parcel, RACERS, race } from '../../support/samples/records.ts'

const LEASE = NOW + MINUTE

export function queueConformance(store: () => Store): void {
  const queue = () => store().durable
  const ids = (parcels: { id: string }[]) => parcels.map((one) => one.id)

  describe('the queue', () => {
    test('hands out a parcel exactly as it was put in, as its first attempt', async () => {
      const put = parcel({ id: AWKWARD, channel: 'logout', sealed: AWKWARD, createdAt: NOW - 5, dueAt: NOW - 3 })
      await queue().enqueue([put])
      expect(await queue().claim(NOW, LEASE, 10)).toEqual([{ ...put, attempt: 1 }])
    })

    test('hands out the oldest due first, no more than asked for, and none before it is due', async () => {
      const [late, early, middle, future] = [NOW - 1, NOW - 3, NOW - 2, NOW + 1].map((dueAt) => parcel({ dueAt }))
      if (!late || !early || !middle || !future) throw new Error('four parcels were made')
      await queue().enqueue([late, early, middle, future])
      expect(ids(await queue().claim(NOW, LEASE, 2))).toEqual([early.id, middle.id])
      expect(ids(await queue().claim(NOW, LEASE, 2))).toEqual([late.id])
      expect(await queue().claim(NOW, LEASE, 2)).toEqual([])
      expect(ids(await queue().claim(NOW + 1, LEASE, 2))).toEqual([future.id])
    })

    test('an empty queue, and nothing put in, hands out nothing', async () => {
      await queue().enqueue([])
      expect(await queue().claim(NOW, LEASE, 10)).toEqual([])
      expect(await queue().backlog()).toEqual({ waiting: 0, oldest: undefined })
    })

    test('a leased parcel is handed out again when its lease has run out, as the next attempt', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      expect(await queue().claim(LEASE - 1, LEASE + MINUTE, 1)).toEqual([])
      expect(await queue().claim(LEASE, LEASE + MINUTE, 1)).toEqual([{ ...put, attempt: 2 }])
    })

    test('a settled parcel is gone, and cannot be settled or postponed again', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      expect(await queue().settle(put.id, 1)).toBe(true)
      expect(await queue().settle(put.id, 1)).toBe(false)
      expect(await queue().postpone(put.id, 1, NOW, 'away')).toBe(false)
      expect(await queue().claim(LEASE, LEASE + MINUTE, 1)).toEqual([])
    })

    test('a postponed parcel is due at its new time, without waiting for its lease, as the next attempt', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      expect(await queue().postpone(put.id, 1, NOW + 10, 'away')).toBe(true)
      expect(await queue().claim(NOW + 9, LEASE, 1)).toEqual([])
      expect(await queue().claim(NOW + 10, LEASE, 1)).toEqual([{ ...put, dueAt: NOW + 10, attempt: 2 }])
    })

    describe('what waits and what was given up', () => {
      const listed = async (look: Partial<ParcelLook> = {}) =>
        queue().listParcels({ state: 'waiting', limit: 100, ...look })

      test('is listed with whom it is for and what became of it, and never with its content', async () => {
        const put = parcel({ id: AWKWARD, sealed: 'canary', accountId: AWKWARD, createdAt: NOW - 9 })
        await queue().enqueue([put])
        const { sealed: _sealed, ...shown } = put
        expect(await listed()).toEqual([{ ...shown, attempt: 0, leasedUntil: 0 }])
        await queue().claim(NOW, LEASE, 1)
        expect(await queue().findParcel(AWKWARD)).toEqual({ ...shown, attempt: 1, leasedUntil: LEASE })
        await queue().postpone(put.id, 1, NOW + 5, 'smtp-451')
        const waits = { ...shown, attempt: 1, leasedUntil: 0, dueAt: NOW + 5, reason: 'smtp-451' }
        expect(await listed()).toEqual([waits])
        await queue().claim(NOW + 5, LEASE, 1)
        expect(await queue().giveUp(put.id, 2, 'smtp-550', NOW + 6)).toBe(true)
        expect(await listed()).toEqual([])
        const [failed] = await listed({ state: 'failed' })
        expect(failed).toMatchObject({
          ...shown,
          dueAt: failed?.dueAt,
          attempt: 2,
          reason: 'smtp-550',
          failedAt: NOW + 6,
        })
        expect(JSON.stringify([failed, await queue().findParcel(AWKWARD)])).not.toContain('canary')
      })

      test('the oldest first of what waits, the last first of what was given up; page two begins where page one ended', async () => {
        const put = Array.from({ length: 5 }, (_, index) => parcel({ id: `p${index}`, createdAt: NOW - (index % 2) }))
        await queue().enqueue(put)
        const order = ['p1', 'p3', 'p0', 'p2', 'p4']
        expect(ids(await listed())).toEqual(order)
        expect(ids(await listed({ limit: 2 }))).toEqual(order.slice(0, 2))
        expect(ids(await listed({ after: { at: NOW - 1, id: 'p3' } }))).toEqual(order.slice(2))
        expect(ids(await listed({ after: { at: NOW, id: 'p0' }, limit: 1 }))).toEqual(['p2'])
        for (const { id } of await queue().claim(NOW, LEASE, 9))
          await queue().giveUp(id, 1, 'no', NOW + (id === 'p2' ? 1 : 0))
        const failed = ['p2', 'p4', 'p3', 'p1', 'p0']
        expect(ids(await listed({ state: 'failed' }))).toEqual(failed)
        expect(ids(await listed({ state: 'failed', after: { at: NOW, id: 'p3' } }))).toEqual(failed.slice(3))
      })

      test('what was given up is handed out no more and is no backlog, until it is wanted all the same', async () => {
        const put = parcel()
        await queue().enqueue([put])
        await queue().claim(NOW, LEASE, 1)
        await queue().giveUp(put.id, 1, 'no', NOW)
        expect(await queue().claim(NOW + 1000 * MINUTE, NOW + 1001 * MINUTE, 9)).toEqual([])
        expect(await queue().backlog()).toEqual({ waiting: 0, oldest: undefined })
        expect(await queue().expedite(put.id, NOW + 5)).toBe(true)
        expect(await listed({ state: 'failed' })).toEqual([])
        expect(await queue().backlog()).toEqual({ waiting: 1, oldest: NOW })
        expect(await queue().claim(NOW + 5, LEASE, 9)).toMatchObject([{ id: put.id, sealed: put.sealed, attempt: 2 }])
      })

      test('what waits for its time goes out at once when it is wanted; what a courier has, and what is gone, does not', async () => {
        const put = parcel({ dueAt: NOW + MINUTE })
        await queue().enqueue([put])
        expect(await queue().expedite(put.id, NOW)).toBe(true)
        expect(ids(await queue().claim(NOW, LEASE, 9))).toEqual([put.id])
        expect(await queue().expedite(put.id, NOW + 1)).toBe(false)
        await queue().settle(put.id, 1)
        expect(await queue().expedite(put.id, LEASE)).toBe(false)
        expect(await queue().expedite('unknown', NOW)).toBe(false)
        expect([await queue().findParcel(put.id), await listed()]).toEqual([undefined, []])
      })

      test('a courier whose lease ran out gives up nothing that another has now', async () => {
        const put = parcel()
        await queue().enqueue([put])
        await queue().claim(NOW, LEASE, 1)
        await queue().claim(LEASE, LEASE + MINUTE, 1)
        expect(await queue().giveUp(put.id, 1, 'no', LEASE)).toBe(false)
        expect(ids(await listed())).toEqual([put.id])
      })

      test('what was given up is forgotten when it is old, and nothing else', async () => {
        const put = [parcel({ id: 'old' }), parcel({ id: 'young' }), parcel({ id: 'waiting' })]
        await queue().enqueue(put)
        await queue().claim(NOW, LEASE, 9)
        await queue().giveUp('old', 1, 'no', NOW - 1)
        await queue().giveUp('young', 1, 'no', NOW)
        expect(await queue().removeGivenUp(NOW)).toBe(1)
        expect(ids(await listed({ state: 'failed' }))).toEqual(['young'])
        expect(ids(await listed())).toEqual(['waiting'])
      })
    })

    test('a courier whose lease ran out can neither settle nor postpone what another has now', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      await queue().claim(LEASE, LEASE + MINUTE, 1)
      expect(await queue().settle(put.id, 1)).toBe(false)
      expect(await queue().postpone(put.id, 1, NOW, 'away')).toBe(false)
      expect(await queue().claim(LEASE, LEASE + MINUTE, 1)).toEqual([])
      expect(await queue().settle(put.id, 2)).toBe(true)
    })

    test('a slow courier may still settle what nobody else has taken', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      expect(await queue().settle(put.id, 1)).toBe(true)
    })

    test('an unknown parcel can be neither settled nor postponed', async () => {
      expect(await queue().settle('unknown', 1)).toBe(false)
      expect(await queue().postpone('unknown', 1, NOW, 'away')).toBe(false)
    })

    test('the backlog counts what is not settled, leased or not, and tells since when the oldest waits', async () => {
      const [first, second] = [parcel({ createdAt: NOW - 9 }), parcel({ createdAt: NOW - 4, dueAt: NOW + MINUTE })]
      await queue().enqueue([second, first])
      expect(await queue().backlog()).toEqual({ waiting: 2, oldest: NOW - 9 })
      await queue().claim(NOW, LEASE, 1)
      expect(await queue().backlog()).toEqual({ waiting: 2, oldest: NOW - 9 })
      await queue().settle(first.id, 1)
      expect(await queue().backlog()).toEqual({ waiting: 1, oldest: NOW - 4 })
    })

    test.each(RACERS)('%i couriers at once never hold the same parcel', async (racers) => {
      const parcels = Array.from({ length: 50 }, () => parcel())
      await queue().enqueue(parcels)
      const claimed = (await race(racers, () => queue().claim(NOW, LEASE, 3))).flat()
      expect(claimed.every((one) => one.attempt === 1)).toBe(true)
      expect(new Set(ids(claimed)).size).toBe(claimed.length)
      expect(claimed).toHaveLength(Math.min(50, racers * 3))
    })

    test.each(RACERS)('of %i couriers at once one gets the one parcel', async (racers) => {
      await queue().enqueue([parcel()])
      expect((await race(racers, () => queue().claim(NOW, LEASE, 1))).flat()).toHaveLength(1)
    })
  })
}
