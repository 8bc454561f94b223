/** What every QueueStore does. */
import { describe, expect, test } from 'vitest'
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
      expect(await queue().postpone(put.id, 1, NOW)).toBe(false)
      expect(await queue().claim(LEASE, LEASE + MINUTE, 1)).toEqual([])
    })

    test('a postponed parcel is due at its new time, without waiting for its lease, as the next attempt', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      expect(await queue().postpone(put.id, 1, NOW + 10)).toBe(true)
      expect(await queue().claim(NOW + 9, LEASE, 1)).toEqual([])
      expect(await queue().claim(NOW + 10, LEASE, 1)).toEqual([{ ...put, dueAt: NOW + 10, attempt: 2 }])
    })

    test('a courier whose lease ran out can neither settle nor postpone what another has now', async () => {
      const put = parcel()
      await queue().enqueue([put])
      await queue().claim(NOW, LEASE, 1)
      await queue().claim(LEASE, LEASE + MINUTE, 1)
      expect(await queue().settle(put.id, 1)).toBe(false)
      expect(await queue().postpone(put.id, 1, NOW)).toBe(false)
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
      expect(await queue().postpone('unknown', 1, NOW)).toBe(false)
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
