/** What every AuditStore does. */
import { describe, expect, test } from 'vitest'
import type { AuditLook, AuditRecord } from '../../../src/audit/audit.ts'
import { AUDIT_FINDERS, type AuditFinder, auditId, toRecord } from '../../../src/audit/chain.ts'
import type { Store } from '../../../src/store/store.ts'
import { AWKWARD, auditRecord, NOW, type Opened, race } from '../../support/samples/records.ts'

export function auditConformance(store: () => Store, tamper: () => Opened['tamper']): void {
  const trail = () => store().durable

  async function append(records: AuditRecord[]) {
    for (const record of records) await trail().appendAudit(record)
  }

  describe('the audit trail', () => {
    test('gives back records exactly as they were put in, the newest first', async () => {
      const bare = auditRecord()
      const full = auditRecord({
        type: 'token.refused',
        outcome: 'refused',
        actor: 'sanne',
        subject: 'bram',
        client: AWKWARD,
        source: { ip: '2001:db8::1', correlation: AWKWARD },
        details: { reason: AWKWARD, tries: 3, ratio: 0.1, known: false },
      })
      const empty = auditRecord({ subject: '', details: {}, source: { ip: '', correlation: '' } })
      await append([bare, full, empty])
      expect(await trail().listAudit({ limit: 10 })).toEqual([empty, full, bare])
      expect(await trail().verifyAudit()).toBeUndefined()
    })

    test('the order is that of appending, whatever the clock said', async () => {
      const records = [auditRecord({ at: NOW + 5 }), auditRecord({ at: NOW }), auditRecord({ at: NOW + 2 })]
      await append(records)
      expect(await trail().listAudit({ limit: 10 })).toEqual(records.toReversed())
    })

    test('a list is cut at its limit, and narrowed to its subject', async () => {
      const records = Array.from({ length: 6 }, (_, i) => auditRecord({ subject: i % 2 === 0 ? 'sanne' : 'bram' }))
      await append([...records, auditRecord({ actor: 'sanne' })])
      expect(await trail().listAudit({ limit: 2 })).toHaveLength(2)
      expect(await trail().listAudit({ subject: 'sanne', limit: 2 })).toEqual([records[4], records[2]])
      expect(await trail().listAudit({ subject: 'sanne', limit: 10 })).toHaveLength(3)
      expect(await trail().listAudit({ subject: 'nobody', limit: 10 })).toEqual([])
    })

    test('the list of one account is by time; of one moment, the last appended first', async () => {
      const put = [5, 3, 3, 9].map((second) => auditRecord({ at: NOW + second, subject: 'sanne' }))
      await append(put)
      expect(await trail().listAudit({ subject: 'sanne', limit: 10 })).toEqual([put[3], put[0], put[2], put[1]])
    })

    describe('looked into, the newest first', () => {
      const ids = (rows: Array<{ id: string }>) => rows.map(({ id }) => id)
      const look = async (asked: Partial<AuditLook>) => ids(await trail().lookAtAudit({ limit: 100, ...asked }))
      /** Three of each of these, one a second; others in between that have something else. */
      const MARKS: Record<AuditFinder, [Partial<AuditRecord>, Partial<AuditRecord>]> = {
        correlation: [{ source: source('ABCD2345') }, { source: source('ABCD2346') }],
        subject: [{ subject: AWKWARD }, { actor: AWKWARD, subject: 'bram' }],
        actor: [{ actor: AWKWARD }, { subject: AWKWARD }],
        signIn: [{ details: { signIn: AWKWARD } }, { details: { why: 'signIn', organization: AWKWARD } }],
        organization: [{ details: { organization: AWKWARD } }, { details: { other: 'organization', why: AWKWARD } }],
        client: [{ client: AWKWARD }, { client: 'roster' }],
        type: [{ type: 'token.issued' }, { type: 'token.revoked' }],
      }
      function source(correlation: string) {
        return { ip: '192.0.2.7', correlation }
      }
      function askedOf(finder: AuditFinder) {
        return { correlation: 'ABCD2345', type: 'token.issued' }[finder as 'type'] ?? AWKWARD
      }

      test.each(AUDIT_FINDERS)('by %s, within a period, a page at a time', async (finder) => {
        const [marked, other] = MARKS[finder]
        const put = Array.from({ length: 9 }, (_, index) =>
          auditRecord({ at: NOW + index, type: 'fault', ...(index % 3 === 0 ? marked : other) }),
        )
        await append(put)
        const by = { finder, value: askedOf(finder) }
        const expected = [put[6], put[3], put[0]].map((one) => one?.id)
        expect(await look({ by })).toEqual(expected)
        expect(await look({ by, limit: 2 })).toEqual(expected.slice(0, 2))
        expect(await look({ by, since: NOW + 3 })).toEqual(expected.slice(0, 2))
        expect(await look({ by, before: { at: NOW + 6, seq: Number.MIN_SAFE_INTEGER } })).toEqual(expected.slice(1))
        const [first] = await trail().lookAtAudit({ by, limit: 1 })
        if (!first) throw new Error('one was found')
        expect(await look({ by, before: first, since: NOW + 1 })).toEqual(expected.slice(1, 2))
        expect(await look({ by: { finder, value: 'nobody' } })).toEqual([])
      })

      test('by time, whatever came first into the chain; of one moment, the last in the chain first', async () => {
        const put = [5, 3, 3, 9, 3].map((second) => auditRecord({ at: NOW + second }))
        await append(put)
        const order = [3, 0, 4, 2, 1].map((index) => put[index]?.id)
        expect(await look({})).toEqual(order)
        const pages: string[] = []
        for (let before: AuditLook['before']; ; ) {
          const rows = await trail().lookAtAudit({ before, limit: 2 })
          pages.push(...ids(rows))
          before = rows.at(-1)
          if (rows.length < 2) break
        }
        expect(pages).toEqual(order)
      })

      test('what somebody did to themselves is found by who did it, however it was written', async () => {
        const own = { actor: 'sanne', subject: 'sanne', type: 'fault' } as const
        const put = [
          auditRecord({ ...own, at: NOW }),
          auditRecord({ ...own, at: NOW + 1, id: auditId() }),
          auditRecord({ actor: 'bram', subject: 'sanne', at: NOW + 2, id: auditId() }),
          auditRecord({ actor: 'sanne', subject: 'bram', at: NOW + 3, id: auditId() }),
          auditRecord({ subject: 'sanne', at: NOW + 4 }),
          auditRecord({ ...own, at: NOW + 5, id: auditId() }),
        ]
        await append(put)
        const by = { finder: 'actor', value: 'sanne' } as const
        const expected = [5, 3, 1, 0].map((index) => put[index]?.id)
        expect(await look({ by })).toEqual(expected)
        expect(await look({ by, limit: 2 })).toEqual(expected.slice(0, 2))
        const [first] = await trail().lookAtAudit({ by, limit: 1 })
        expect(await look({ by, before: first, since: NOW + 1 })).toEqual(expected.slice(1, 3))
        expect((await trail().listAudit({ limit: 10 })).toReversed()).toEqual(put)
      })

      test('an address that is shortened later leaves all of it to be found', async () => {
        await append([auditRecord({ source: source('ABCD2345'), details: { organization: 'o-1' } })])
        await trail().shortenAddresses(NOW + 1, 100)
        expect(await look({ by: { finder: 'correlation', value: 'ABCD2345' } })).toHaveLength(1)
        expect(await look({ by: { finder: 'organization', value: 'o-1' } })).toHaveLength(1)
      })
    })

    test('followed in the order of the chain, whatever the clock said, from any place in it', async () => {
      const put = [5, 3, 9].map((second) => auditRecord({ at: NOW + second }))
      await append(put)
      const whole = await trail().followAudit(0, 10)
      expect(whole.map(({ id }) => id)).toEqual(put.map(({ id }) => id))
      expect(whole.map(toRecord)).toEqual(put)
      expect(await trail().followAudit(whole[0]?.seq ?? 0, 1)).toEqual([whole[1]])
    })

    test('an empty trail is whole', async () => {
      expect(await trail().listAudit({ limit: 10 })).toEqual([])
      expect(await trail().verifyAudit()).toBeUndefined()
    })

    test('a trail longer than one look is whole', async () => {
      await race(1201, () => trail().appendAudit(auditRecord({ source: { ip: '192.0.2.7', correlation: 'c' } })))
      expect(await trail().verifyAudit()).toBeUndefined()
    })

    test('a client’s address is shortened when it is old enough, and the chain still holds', async () => {
      const from = (ip: string, at: number) => auditRecord({ at, source: { ip, correlation: ip } })
      const whole = [
        from('192.0.2.77', NOW - 3),
        from('2001:0DB8:000A:b::1', NOW - 2),
        from('::ffff:192.0.2.77', NOW - 1),
        from('2001:db8::1', NOW - 5),
        from('fe80::1%eth0', NOW - 4),
        from('::2:3:4:5:6:7', NOW - 6),
        from('unknown', NOW - 1),
        from('', NOW - 1),
      ]
      const [young, bare] = [from('192.0.2.78', NOW), auditRecord({ at: NOW - 9 })]
      await append([...whole, young, bare])
      expect(await trail().shortenAddresses(NOW, 100)).toBe(whole.length)
      const kept = await trail().listAudit({ limit: 100 })
      expect(kept.toReversed().map(({ source }) => source?.ip)).toEqual([
        '192.0.2.0/24',
        '2001:db8:a::/48',
        '192.0.2.0/24',
        '2001:db8:0::/48',
        'fe80:0:0::/48',
        '0:0:2::/48',
        '',
        '',
        '192.0.2.78',
        undefined,
      ])
      // Nothing else of them is changed.
      const ip = ''
      const blank = ({ source, ...rest }: AuditRecord) => ({ ...rest, source: source && { ...source, ip } })
      expect(kept.toReversed().map(blank)).toEqual([...whole, young, bare].map(blank))
      expect(await trail().verifyAudit()).toBeUndefined()
      await append([from('192.0.2.79', NOW - 1)])
      expect(await trail().verifyAudit()).toBeUndefined()
    })

    test('addresses are shortened the oldest first, as many as may be at once, and each once', async () => {
      const ages = [3, 1, 5, 2, 4]
      await append(
        ages.map((age) => auditRecord({ at: NOW - age, source: { ip: '192.0.2.77', correlation: `${age}` } })),
      )
      const whole = async () =>
        (await trail().listAudit({ limit: 10 }))
          .filter(({ source }) => source?.ip === '192.0.2.77')
          .map(({ source }) => Number(source?.correlation))
          .toSorted()
      expect(await trail().shortenAddresses(NOW, 2)).toBe(2)
      expect(await whole()).toEqual([1, 2, 3])
      const counts = await race(20, () => trail().shortenAddresses(NOW - 1, 1))
      expect(counts.toSorted()).toEqual([...Array<number>(18).fill(0), 1, 1])
      expect(await whole()).toEqual([1])
      expect(await trail().verifyAudit()).toBeUndefined()
    })

    test.for([0, 5])(
      'an edited record is found after addresses were shortened: number %i',
      async (edited, { skip }) => {
        const edit = tamper()
        if (!edit) return skip()
        const records = Array.from({ length: 6 }, () => auditRecord({ source: { ip: '192.0.2.7', correlation: 'c' } }))
        await append(records)
        await trail().shortenAddresses(NOW + 1, 10)
        const victim = records[edited]?.id ?? ''
        await edit(victim)
        expect(await trail().verifyAudit()).toBe(victim)
        return undefined
      },
    )

    test('half a surrogate pair does not make a record look edited', async () => {
      await append([auditRecord({ client: 'a\uD800', subject: '\uDC00', details: { reason: '\uD83D' } })])
      expect(await trail().verifyAudit()).toBeUndefined()
    })

    test('100 appended at once make one chain', async () => {
      const records = Array.from({ length: 100 }, () => auditRecord())
      await Promise.all(records.map((record) => trail().appendAudit(record)))
      expect(await trail().verifyAudit()).toBeUndefined()
      const kept = await trail().listAudit({ limit: 1000 })
      expect(new Set(kept.map((record) => record.id))).toEqual(new Set(records.map((record) => record.id)))
    })

    test.for([0, 1, 2, 700, 1199])('an edited record is found: number %i of 1200', async (edited, { skip }) => {
      const edit = tamper()
      if (!edit) return skip()
      const records = Array.from({ length: 1200 }, () => auditRecord({ source: { ip: '192.0.2.7', correlation: 'c' } }))
      await Promise.all(records.map((record) => trail().appendAudit(record)))
      // Appended at once, they may have been kept in any order.
      const victim = (await trail().listAudit({ limit: 1200 })).toReversed()[edited]
      if (!victim) throw new Error('1200 records were kept')
      await edit(victim.id)
      expect(await trail().verifyAudit()).toBe(victim.id)
      return undefined
    })
  })
}
