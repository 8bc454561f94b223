/** What every CounterStore does. */
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import type { Store } from '../../../src/store/store.ts'
import { AWKWARD, NOW, RACERS, winners } from '../../support/samples/records.ts'

const OK = { ok: true }
const spent = (count: number) => ({ ok: true, count })
const CLOSED = { ok: false, reason: 'closed' }
const wait = (retryAt: number) => ({ ok: false, reason: 'wait', retryAt })

/** Two free tries, then 10 s, then 20 s for every later one. */
const DELAYS = [0, 0, 10 * SECOND, 20 * SECOND]
const CAP = 6

export function counterConformance(store: () => Store): void {
  const counters = () => store().durable
  const streak = (now: number, key = 'key') => counters().spendStreak(key, now, CAP, DELAYS)
  const window = (now: number, key = 'key') => counters().spendWindow(key, now, 3, MINUTE)

  describe('a streak', () => {
    test('lets the free tries follow each other, then waits longer and longer, then closes', async () => {
      expect(await streak(NOW)).toEqual(spent(1))
      expect(await streak(NOW)).toEqual(spent(2))
      expect(await streak(NOW)).toEqual(spent(3))
      expect(await streak(NOW)).toEqual(wait(NOW + 10 * SECOND))
      const fourth = NOW + 10 * SECOND
      expect(await streak(fourth - 1)).toEqual(wait(fourth))
      expect(await streak(fourth)).toEqual(spent(4))
      // The last delay stands for all later ones.
      const fifth = fourth + 20 * SECOND
      expect(await streak(fifth - 1)).toEqual(wait(fifth))
      expect(await streak(fifth)).toEqual(spent(5))
      const sixth = fifth + 20 * SECOND
      expect(await streak(sixth)).toEqual(spent(6))
      // Closed is said rather than wait: waiting would not help.
      expect(await streak(sixth)).toEqual(CLOSED)
      expect(await streak(sixth + 1000 * DAY)).toEqual(CLOSED)
    })

    test('a refused try counts for nothing and does not make the wait longer', async () => {
      for (let i = 0; i < 3; i += 1) await streak(NOW)
      for (let i = 0; i < 5; i += 1) expect(await streak(NOW + i)).toEqual(wait(NOW + 10 * SECOND))
      expect(await counters().count('key')).toBe(3)
    })

    test('the delay counts from the try that caused it', async () => {
      await streak(NOW)
      await streak(NOW + DAY)
      await streak(NOW + 2 * DAY)
      expect(await streak(NOW + 2 * DAY + 1)).toEqual(wait(NOW + 2 * DAY + 10 * SECOND))
    })

    test('a free try blocks nobody, whose clock is behind included; a delay holds for everybody', async () => {
      expect(await streak(NOW)).toEqual(spent(1))
      expect(await streak(NOW - 5)).toEqual(spent(2))
      expect(await streak(NOW - 7 * SECOND)).toEqual(spent(3))
      expect(await streak(NOW - 8 * SECOND)).toEqual(wait(NOW + 3 * SECOND))
    })

    test('what a try made wait waits, also by rules that would let it try freely', async () => {
      await counters().spendStreak('key', NOW, CAP, [10 * SECOND])
      expect(await counters().spendStreak('key', NOW + 1, CAP, [0, 0, 0])).toEqual(wait(NOW + 10 * SECOND))
      expect(await counters().spendStreak('key', NOW + 10 * SECOND, CAP, [0, 0, 0])).toEqual(spent(2))
    })

    test('with a cap of none it is closed from the start, without delays it never waits', async () => {
      expect(await counters().spendStreak('none', NOW, 0, DELAYS)).toEqual(CLOSED)
      expect(await counters().count('none')).toBe(0)
      for (let i = 1; i <= 3; i += 1) expect(await counters().spendStreak('free', NOW, 3, [])).toEqual(spent(i))
      expect(await counters().spendStreak('free', NOW, 3, [])).toEqual(CLOSED)
    })

    test('keys count apart, whatever is in them', async () => {
      for (const key of [AWKWARD, `${AWKWARD}\u0000`, 'a\u0000b', 'a\u0000c', 'A', 'a', '', '%']) {
        expect(await counters().spendStreak(key, NOW, 1, [])).toEqual(spent(1))
        expect(await counters().spendStreak(key, NOW, 1, [])).toEqual(CLOSED)
      }
    })

    test.each(RACERS)('%i parallel guesses are each told another count', async (racers) => {
      const counted = await Promise.all(
        Array.from({ length: racers }, () => counters().spendStreak('key', NOW, racers, [0])),
      )
      const counts = counted.map((one) => (one.ok ? one.count : 0)).sort((a, b) => a - b)
      expect(counts).toEqual(Array.from({ length: racers }, (_, n) => n + 1))
    })

    test.each(RACERS)('%i parallel guesses cannot outrun the cap', async (racers) => {
      const spend = async () => (await counters().spendStreak('key', NOW, 5, [0])).ok
      expect(await winners(racers, spend)).toBe(5)
      expect(await counters().count('key')).toBe(5)
    })

    test.each(RACERS)('of %i parallel guesses at one below the cap one is let through', async (racers) => {
      for (let i = 0; i < 4; i += 1) await counters().spendStreak('key', NOW, 5, [0])
      expect(await winners(racers, async () => (await counters().spendStreak('key', NOW, 5, [0])).ok)).toBe(1)
    })

    test('20 parallel guesses cannot slip through together before the delay begins', async () => {
      expect(await winners(20, async () => (await streak(NOW)).ok)).toBe(3)
    })
  })

  describe('a window', () => {
    test('takes so many tries, refuses until it ends, then a new one opens', async () => {
      expect(await window(NOW)).toEqual(OK)
      expect(await window(NOW + 1)).toEqual(OK)
      expect(await window(NOW + 2)).toEqual(OK)
      expect(await window(NOW + 3)).toEqual(wait(NOW + MINUTE))
      expect(await window(NOW + MINUTE - 1)).toEqual(wait(NOW + MINUTE))
      expect(await window(NOW + MINUTE)).toEqual(OK)
      expect(await counters().count('key')).toBe(1)
      for (let i = 0; i < 2; i += 1) expect(await window(NOW + 2 * MINUTE - 1)).toEqual(OK)
      expect(await window(NOW + 2 * MINUTE - 1)).toEqual(wait(NOW + 2 * MINUTE))
    })

    test('is looked at without changing it: all that are named must have room, or the last of the full ones end', async () => {
      const peek = (now: number, ...named: string[]) =>
        counters().peekWindows(
          named.map((key) => ({ key, most: 3 })),
          now,
        )
      expect(await peek(NOW)).toEqual(OK)
      for (let i = 0; i < 3; i += 1) await window(NOW, 'early')
      for (let i = 0; i < 3; i += 1) await window(NOW + SECOND, 'late')
      for (let i = 0; i < 2; i += 1) await window(NOW, 'room')
      expect(await peek(NOW + SECOND, 'room', 'unknown')).toEqual(OK)
      expect(await peek(NOW + SECOND, 'room', 'early')).toEqual(wait(NOW + MINUTE))
      expect(await peek(NOW + SECOND, 'late', 'early', 'room')).toEqual(wait(NOW + SECOND + MINUTE))
      expect(await peek(NOW + MINUTE, 'early')).toEqual(OK)
      expect(await peek(NOW + MINUTE, 'early', 'late')).toEqual(wait(NOW + SECOND + MINUTE))
      expect(await counters().count('room')).toBe(2)
      expect(await counters().count('unknown')).toBe(0)
    })

    test('of none takes no try', async () => {
      expect((await counters().spendWindow('key', NOW, 0, MINUTE)).ok).toBe(false)
      expect(await counters().count('key')).toBe(0)
    })

    test.each(RACERS)('%i at once get exactly as many tries as there are', async (racers) => {
      const spend = async () => (await counters().spendWindow('key', NOW, 7, MINUTE)).ok
      expect(await winners(racers, spend)).toBe(7)
    })

    test('20 at once on a window that has ended get one new window, not several', async () => {
      for (let i = 0; i < 3; i += 1) await window(NOW)
      expect(await winners(20, async () => (await window(NOW + MINUTE)).ok)).toBe(3)
    })
  })

  describe('a try in a window and on a streak', () => {
    const both = (now: number) =>
      counters().spendBoth({ key: 'day', most: 4, window: DAY }, { key: 'row', cap: CAP, delays: DELAYS }, now)
    const counts = async () => [await counters().count('day'), await counters().count('row')]

    test('is spent on both, and tells how many in a row there are', async () => {
      expect(await both(NOW)).toEqual(spent(1))
      expect(await both(NOW)).toEqual(spent(2))
      expect(await counts()).toEqual([2, 2])
    })

    test('is spent on neither while the streak waits, or where it is closed', async () => {
      for (let i = 0; i < 3; i += 1) await both(NOW)
      expect(await both(NOW)).toEqual(wait(NOW + 10 * SECOND))
      expect(await counts()).toEqual([3, 3])
      await counters().reset(['day'])
      for (let at = NOW + MINUTE; at < NOW + 4 * MINUTE; at += MINUTE) await both(at)
      expect(await both(NOW + HOUR)).toEqual(CLOSED)
      expect(await counts()).toEqual([3, 6])
    })

    test('is spent on neither when the window is full, which is told of first', async () => {
      for (let i = 0; i < 3; i += 1) await both(NOW)
      await both(NOW + MINUTE)
      expect(await both(NOW + MINUTE)).toEqual(wait(NOW + DAY))
      expect(await counts()).toEqual([4, 4])
    })

    test.each(RACERS)('%i at once get exactly as many tries as there are', async (racers) => {
      const spend = async () => (await both(NOW)).ok
      expect(await winners(racers, spend)).toBe(3)
      expect(await counts()).toEqual([3, 3])
    })
  })

  describe('counters', () => {
    test('an unknown key counts nothing, and refunding or resetting it does nothing', async () => {
      await counters().refund('unknown')
      await counters().refundStreak('unknown')
      await counters().endDelays(['unknown'])
      await counters().endDelays([])
      await counters().reset(['unknown'])
      await counters().reset([])
      expect(await counters().count('unknown')).toBe(0)
    })

    test('a refund gives one try back, never more than were spent', async () => {
      await window(NOW)
      await window(NOW)
      await counters().refund('key')
      expect(await counters().count('key')).toBe(1)
      await counters().refund('key')
      await counters().refund('key')
      expect(await counters().count('key')).toBe(0)
      for (let i = 0; i < 3; i += 1) expect(await window(NOW)).toEqual(OK)
      expect((await window(NOW)).ok).toBe(false)
    })

    test('a refund opens a closed streak by one try, and ends the delay that the try began', async () => {
      for (let i = 0; i < 3; i += 1) await streak(NOW)
      await counters().refundStreak('key')
      expect(await streak(NOW)).toEqual(spent(3))
      expect(await streak(NOW)).toEqual(wait(NOW + 10 * SECOND))
      for (let i = 0; i < 2; i += 1) await counters().spendStreak('capped', NOW, 2, [])
      await counters().refundStreak('capped')
      expect(await counters().spendStreak('capped', NOW, 2, [])).toEqual(spent(2))
      expect(await counters().spendStreak('capped', NOW, 2, [])).toEqual(CLOSED)
      for (let i = 0; i < 5; i += 1) await counters().refundStreak('capped')
      expect(await counters().count('capped')).toBe(0)
    })

    test('delays are ended by name; what is counted stays, and so does a window', async () => {
      for (const key of ['key', 'other']) for (let i = 0; i < 3; i += 1) await streak(NOW, key)
      for (let i = 0; i < 3; i += 1) await window(NOW, 'window')
      await counters().endDelays(['key', 'window'])
      expect(await counters().count('key')).toBe(3)
      expect(await streak(NOW)).toEqual(spent(4))
      expect(await streak(NOW, 'other')).toEqual(wait(NOW + 10 * SECOND))
      expect(await window(NOW, 'window')).toEqual(wait(NOW + MINUTE))
    })

    test('a reset forgets count, delay and window of the keys named, and of no others', async () => {
      for (let i = 0; i < 3; i += 1) {
        await streak(NOW)
        await window(NOW, 'window')
        await window(NOW, 'other')
      }
      await counters().reset(['key', 'window'])
      expect(await streak(NOW)).toEqual(spent(1))
      expect(await window(NOW, 'window')).toEqual(OK)
      expect((await window(NOW, 'other')).ok).toBe(false)
    })

    test('sweeping drops windows that ended and streaks of 400 days ago, and nothing that still counts', async () => {
      await window(NOW, 'window')
      await streak(NOW, 'streak')
      expect(await counters().sweepCounters(NOW + MINUTE - 1)).toBe(0)
      expect(await counters().sweepCounters(NOW + MINUTE)).toBe(1)
      expect(await counters().sweepCounters(NOW + 400 * DAY)).toBe(0)
      expect(await counters().count('streak')).toBe(1)
      expect(await counters().sweepCounters(NOW + 400 * DAY + 1)).toBe(1)
      expect(await counters().count('streak')).toBe(0)
    })

    test('what passes, and what an earlier release counted by address, is swept after seven days without a try', async () => {
      const passing = ['passing/a', 'password/stranger/a', 'password/known/a']
      const staying = ['passing', 'passing0', 'Passing/a', 'password/settings/a', 'a/passing/a', '']
      for (const key of [...passing, ...staying, 'passing/later']) await streak(NOW, key)
      await streak(NOW + DAY, 'passing/later')
      expect(await counters().sweepCounters(NOW + 7 * DAY)).toBe(0)
      expect(await counters().sweepCounters(NOW + 7 * DAY + 1)).toBe(3)
      for (const key of passing) expect([key, await counters().count(key)]).toEqual([key, 0])
      for (const key of staying) expect([key, await counters().count(key)]).toEqual([key, 1])
      expect(await counters().count('passing/later')).toBe(2)
    })

    test('a streak that goes on is not swept for how old it is', async () => {
      await streak(NOW)
      await streak(NOW + 300 * DAY)
      expect(await counters().sweepCounters(NOW + 500 * DAY)).toBe(0)
      expect(await counters().count('key')).toBe(2)
    })
  })
}
