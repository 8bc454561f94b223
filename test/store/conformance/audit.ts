/** What every AuditStore does. */
import { describe, expect, test } from 'vitest'
import type { AuditRecord } from '../../../src/audit/audit.ts'
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

    test('what failed in one request is found by its reference, what went well and what was elsewhere is not', async () => {
      const source = (correlation: string) => ({ ip: '192.0.2.7', correlation })
      const of = (outcome: AuditRecord['outcome'], more: Partial<AuditRecord> = {}) =>
        auditRecord({ outcome, source: source('ABCD2345'), ...more })
      const found = [of('refused'), of('failed', { subject: 'sanne' })]
      await append([
        of('ok'),
        ...found,
        of('refused', { source: source('ABCD2346') }),
        auditRecord({ outcome: 'refused' }),
      ])
      const list = (query: { subject?: string; limit?: number }) =>
        trail().listAudit({ reference: 'ABCD2345', limit: 10, ...query })
      expect(await list({})).toEqual(found.toReversed())
      expect(await list({ subject: 'sanne' })).toEqual([found[1]])
      expect(await list({ limit: 1 })).toEqual([found[1]])
      expect(await trail().listAudit({ reference: '', limit: 10 })).toEqual([])
      // An address that is shortened later leaves it to be found.
      await trail().shortenAddresses(NOW + 1, 100)
      expect(await list({})).toHaveLength(2)
      expect(await trail().verifyAudit()).toBeUndefined()
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
