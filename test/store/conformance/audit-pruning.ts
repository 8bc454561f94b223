/** What every AuditStore does while old records are removed from its trail. */
import { describe, expect, test } from 'vitest'
import { type Checkpoint, opened } from '../../../src/audit/checkpoint.ts'
import { prune } from '../../../src/audit/prune.ts'
import { verifyTrail } from '../../../src/audit/verify.ts'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import type { Store } from '../../../src/store/store.ts'
import { aged, pruneParts, SEAL } from '../../support/samples/pruning.ts'
import { auditRecord, NOW, race } from '../../support/samples/records.ts'

export function auditPruningConformance(store: () => Store): void {
  const trail = () => store().durable
  const whole = () => verifyTrail(trail(), { seal: SEAL })
  const rows = () => trail().followAudit(0, 10_000)
  const checkpoints = async () => (await trail().followCheckpoints(0, 1000)).map((kept) => opened(kept) as Checkpoint)

  /** The oldest first; some of them are from today. */
  async function fill(count = 100, days = 100): Promise<void> {
    for (const record of aged(count, days)) await trail().appendAudit(record)
    for (let n = 0; n < 5; n += 1) await trail().appendAudit(auditRecord({ at: NOW + n, type: 'client.changed' }))
  }

  describe('removing old records', () => {
    test('what is due goes, the rest stays as it is, and the trail verifies', async () => {
      await fill()
      const before = await rows()
      const { removed, broken } = await prune(pruneParts(trail()))
      expect([removed, broken]).toEqual([60, []])
      const after = await rows()
      const due = new Set(['token.issued', 'request.refused'])
      const bare = ({ previous: _previous, ...row }: (typeof before)[number]) => row
      expect(after.map(bare)).toEqual(before.filter(({ type, at }) => !due.has(type) || at > NOW - 90 * DAY).map(bare))
      expect(await whole()).toBeUndefined()
      expect(await trail().verifyAudit()).toBeUndefined()
      const made = await checkpoints()
      expect(made.map(({ from, to, removing }) => [from, to, removing])).toEqual([
        [1, 40, false],
        [41, 80, false],
        [81, 100, false],
      ])
      expect(made.reduce((sum, { removed: gone }) => sum + (gone['token.issued']?.count ?? 0), 0)).toBe(40)
      // Once more there is nothing.
      expect(await prune(pruneParts(trail()))).toEqual({ removed: 0, broken: [] })
      expect(await checkpoints()).toEqual(made)
    })

    test('what stays at first goes when it is due, from ranges that were pruned before', async () => {
      await fill()
      await prune(pruneParts(trail()))
      const later = NOW + 350 * DAY
      const { removed, broken } = await prune(pruneParts(trail(), { at: later }))
      expect([removed, broken]).toEqual([20, []])
      expect(await whole()).toBeUndefined()
      expect(new Set((await rows()).map(({ type }) => type))).toEqual(new Set(['account.changed', 'client.changed']))
      await trail().appendAudit(auditRecord({ at: later }))
      expect(await whole()).toBeUndefined()
    })

    test('the newest record stays, however old: the next one is chained to it', async () => {
      for (const record of aged(10, 1000)) await trail().appendAudit(record)
      await prune(pruneParts(trail()))
      const [last, ...others] = (await rows()).toReversed()
      expect(last?.seq).toBe(10)
      expect(others.every(({ type }) => type === 'account.changed')).toBe(true)
      await trail().appendAudit(auditRecord())
      expect((await rows()).at(-1)?.seq).toBe(11)
      expect(await whole()).toBeUndefined()
    })

    test('while 50 append, nothing of theirs is lost', async () => {
      await fill(200)
      const records = Array.from({ length: 50 }, () => auditRecord({ at: NOW + 9 }))
      const [pruned] = await Promise.all([
        prune(pruneParts(trail())),
        ...records.map((record) => trail().appendAudit(record)),
      ])
      expect(pruned).toMatchObject({ removed: 120, broken: [] })
      const kept = new Set((await rows()).map(({ id }) => id))
      expect(records.every(({ id }) => kept.has(id))).toBe(true)
      expect(await whole()).toBeUndefined()
    })

    test('two at once, and ten, remove what one removes', async () => {
      await fill(200)
      const told = await race(10, () => prune(pruneParts(trail())))
      expect(told.flatMap(({ broken }) => broken)).toEqual([])
      await prune(pruneParts(trail()))
      expect((await rows()).filter(({ type }) => type === 'token.issued')).toEqual([])
      expect((await checkpoints()).map(({ from }) => from)).toEqual([1, 41, 81, 121, 161])
      expect(await whole()).toBeUndefined()
    })

    test('verifying while it goes on finds nothing wrong', async () => {
      await fill(200)
      const looks = Promise.all(Array.from({ length: 8 }, () => whole()))
      await prune(pruneParts(trail()))
      expect(new Set(await looks)).toEqual(new Set([undefined]))
    })

    test('killed between any two writes, the trail verifies, and the next one finishes', async () => {
      await fill(60)
      for (let later = NOW; later <= NOW + 350 * DAY; later += 350 * DAY) {
        for (let writes = 0, killed = true; killed; writes += 1) {
          killed = await prune(pruneParts(dying(writes), { at: later })).then(
            () => false,
            (fault: Error) => {
              expect(fault.message).toBe('killed')
              return true
            },
          )
          expect(await whole()).toBeUndefined()
        }
        await prune(pruneParts(trail(), { at: later }))
        expect((await checkpoints()).filter(({ removing }) => removing)).toEqual([])
      }
      expect((await rows()).filter(({ type }) => /token|sign-in|request/.test(type))).toEqual([])
      expect(await whole()).toBeUndefined()
    })

    test('killed between any two records, what is left verifies hours later, and no record of it can be changed', async () => {
      await fill(25)
      for (let writes = 0, killed = true; killed; writes += 1) {
        killed = await prune(pruneParts(dying(writes), { range: 30 })).then(
          () => false,
          () => true,
        )
        for (const now of [NOW, NOW + 2 * HOUR]) expect(await verifyTrail(trail(), { seal: SEAL, now })).toBeUndefined()
        for (const { seq } of await rows())
          for (const given of [{}, { previous: null }])
            expect(await verifyTrail(changedAt(seq, given), { seal: SEAL, now: NOW + 2 * HOUR })).toMatch(/./)
      }
      expect(await prune(pruneParts(trail(), { at: NOW + 2 * HOUR }))).toMatchObject({ broken: [] })
      expect(await whole()).toBeUndefined()
    })

    /** As it is after somebody wrote into this record. */
    function changedAt(
      place: number,
      given: { previous?: null },
    ): Pick<ReturnType<typeof trail>, 'followAudit' | 'followCheckpoints'> {
      return {
        followCheckpoints: trail().followCheckpoints,
        followAudit: async (...asked) =>
          (await trail().followAudit(...asked)).map((row) =>
            row.seq === place ? { ...row, subject: 'framed', ...given } : row,
          ),
      }
    }

    /** The store as somebody has it who dies after so many writes, each of one record. */
    function dying(left: number): ReturnType<typeof trail> {
      const real = trail()
      const mortal =
        <A extends unknown[], R>(write: (...given: A) => Promise<R>) =>
        async (...given: A): Promise<R> => {
          if (left <= 0) throw new Error('killed')
          left -= 1
          return write(...given)
        }
      return {
        ...real,
        putCheckpoint: mortal(real.putCheckpoint),
        linkAudit: mortal(real.linkAudit),
        async removeAudit(leaving) {
          for (const one of leaving) await mortal(real.removeAudit)([one])
        },
      }
    }

    test('a checkpoint takes the place only of the one that it is made from', async () => {
      const one = { from: 1, to: 2, content: '{}', seal: 'a' }
      expect(await race(20, () => trail().putCheckpoint(one, undefined))).toEqual(
        expect.arrayContaining([true, ...Array(19).fill(false)]),
      )
      expect(await trail().putCheckpoint({ ...one, seal: 'c' }, 'b')).toBe(false)
      expect(await trail().putCheckpoint({ ...one, to: 3, seal: 'b' }, 'a')).toBe(true)
      expect(await trail().putCheckpoint({ from: 4, to: 9, content: '{}', seal: 'd' }, undefined)).toBe(true)
      expect(await trail().followCheckpoints(0, 10)).toEqual([
        { ...one, to: 3, seal: 'b' },
        { from: 4, to: 9, content: '{}', seal: 'd' },
      ])
      expect((await trail().lastCheckpoint())?.from).toBe(4)
      expect(await trail().followCheckpoints(1, 1)).toMatchObject([{ from: 4 }])
    })
  })
}
