/** What two stores do that are open on the same durable half at once, as two nodes have them. */

import { expect, test } from 'vitest'
import type { DurableStore } from '../../../src/store/store.ts'
import { type Asked, withAsked } from '../../support/people/asked-people.ts'
import {
  activation,
  backupCode,
  caseDecision,
  device,
  enroll,
  numberChange,
  pending,
  people,
  recoveryCase,
  sentCode,
  temporaryCode,
} from '../../support/samples/factors.ts'
import {
  account,
  addressCode,
  auditRecord,
  emailUndo,
  link,
  NOW,
  parcel,
  ROUNDS,
  signingKey,
  winners,
} from '../../support/samples/records.ts'

type Bench = DurableStore & Asked
type Act = (durable: Bench, racer: number) => Promise<boolean>

export function twoStoreConformance(open: () => Promise<{ one: DurableStore; other: DurableStore }>): void {
  async function pair(): Promise<{ one: Bench; other: Bench }> {
    const { one, other } = await open()
    return { one: withAsked(one), other: withAsked(other) }
  }

  /** Runs each of the acts 100 times at once over both stores, and tells how many of each succeeded. */
  async function outcomes({ one, other }: { one: Bench; other: Bench }, acts: Act[]) {
    const either = (racer: number) => (racer % 2 === 0 ? one : other)
    return Promise.all(acts.map((act) => winners(100, (racer) => act(either(racer), racer))))
  }

  test(`${ROUNDS} rounds of 20 at once with one code over both: one uses it in each`, async () => {
    const { one, other } = await pair()
    await people(one, 'sanne')
    const { id } = await enroll(one)
    for (let step = 1; step <= ROUNDS; step += 1) {
      const use = (racer: number) => (racer % 2 === 0 ? one : other).advanceStep('sanne', id, step, NOW)
      expect(await winners(20, use)).toBe(1)
    }
  })

  /** What makes something to be used once, and what uses it. */
  const ONCE: Array<[string, (one: Bench, round: number) => Promise<Act>]> = [
    [
      'backup code',
      async (one) => {
        const code = backupCode()
        await one.replaceBackupCode(code, [])
        return (durable) => durable.useBackupCode('sanne', code.id, backupCode())
      },
    ],
    [
      'code that was sent',
      async (one) => {
        const code = sentCode()
        await one.putSentCode(code, [])
        return (durable) => durable.spendSentCode('sanne', code.key, code.digest, NOW)
      },
    ],
    [
      'link',
      async (one, round) => {
        const mailed = link('sanne', { purpose: 'reset' })
        await one.replaceLink(mailed, [])
        const change = { accountId: 'sanne', link: mailed, at: NOW }
        return (durable, racer) => durable.setPassword({ ...change, passwordHash: `${round}-${racer}` }, [])
      },
    ],
    [
      'last try',
      async (one, round) => {
        await one.spendStreak(`${round}`, NOW, 2, [])
        return async (durable) => (await durable.spendStreak(`${round}`, NOW, 2, [])).ok
      },
    ],
  ]

  test.each(ONCE)(`${ROUNDS} rounds of 20 at once with one %s over both: once in each`, async (_what, begin) => {
    const { one, other } = await pair()
    const sanne = account({ id: 'sanne', status: 'active', passwordHash: 'hash' })
    await one.insertAccount(sanne, link('sanne'), [])
    for (let round = 0; round < ROUNDS; round += 1) {
      const use = await begin(one, round)
      expect(await winners(20, (racer) => use(racer % 2 === 0 ? one : other, racer))).toBe(1)
    }
  })

  test('of 100 at once over both, as many as may succeed do: link, streak, rotation, parcel, address', async () => {
    const stores = await pair()
    const sanne = account()
    const activating = link(sanne.id)
    await stores.one.insertAccount(sanne, activating, [parcel()])
    const change = { accountId: sanne.id, link: activating, passwordHash: 'hash', at: NOW }
    const newcomer = () => account({ emailKey: 'new@sigma.example' })
    const insert = (durable: Bench, one = newcomer()) => durable.insertAccount(one, link(one.id), [])
    const acts: Act[] = [
      (durable) => durable.setPassword(change, []),
      async (durable) => (await durable.spendStreak('key', NOW, 5, [])).ok,
      (durable) => durable.replaceKeys(0, [signingKey()]),
      async (durable) => (await durable.claim(NOW, NOW + 1, 10)).length > 0,
      (durable) => insert(durable),
    ]
    expect(await outcomes(stores, acts)).toEqual([1, 5, 1, 1, 1])
  })

  test('of 100 at once over both, one uses a code, turns a factor on or exchanges a token', async () => {
    const stores = await pair()
    const { one } = stores
    await people(one, 'sanne', 'bram', 'joost')
    const { id } = await enroll(one)
    const [backup, temporary, sent] = [backupCode(), temporaryCode(), sentCode()]
    const [code, wizard, remembered] = [sentCode({ accountId: 'joost' }), pending({ accountId: 'bram' }), device()]
    await one.replaceBackupCode(backup, [])
    await one.insertTemporaryCode(temporary)
    for (const each of [sent, code]) await one.putSentCode(each, [])
    await one.putPending(wizard, NOW)
    await one.insertDevice(remembered, 5, [])
    const acts: Act[] = [
      (durable) => durable.advanceStep('sanne', id, 7, NOW),
      (durable) => durable.useBackupCode('sanne', backup.id, backupCode(), [parcel()]),
      (durable) => durable.useTemporaryCode('sanne', temporary.digest, NOW),
      (durable) => durable.spendSentCode('sanne', sent.key, sent.digest, NOW),
      (durable) => durable.addNumber(numberChange(code), NOW, [parcel()]),
      (durable) => durable.activate(activation(wizard), NOW, [parcel()]),
      (durable, racer) => durable.rotateDevice(remembered.id, remembered.digest, `to-${racer}`, NOW, NOW),
    ]
    expect(await outcomes(stores, acts)).toEqual(acts.map(() => 1))
    expect((await one.backlog()).waiting).toBe(3)
  })

  test('of 100 at once over both, one changes a password, an address or a status, closes a case, erases', async () => {
    const stores = await pair()
    const { one } = stores
    const sanne = account({ status: 'active', passwordHash: 'hash' })
    // Nothing but her new address ends Anna's epoch, or it would be refused.
    const [anna, bram, leaver] = [account(), account(), account()]
    for (const each of [sanne, anna, bram, leaver]) await one.insertAccount(each, link(each.id), [])
    const [code, recovery] = [addressCode(anna.id), recoveryCase()]
    await one.putAddressCode(code, [])
    await one.insertCase(recovery, [])
    const undo = emailUndo(anna)
    const email = { accountId: anna.id, epoch: anna.epoch, code, email: 'new', emailKey: 'new', at: NOW, undo }
    const own = { accountId: sanne.id, from: 'hash', passwordHash: 'h', at: NOW }
    const acts: Act[] = [
      (durable) => durable.changePassword(own, [parcel()]),
      async (durable) => (await durable.changeEmail(email, [parcel()])) === 'changed',
      (durable) => durable.setStatus({ accountId: bram.id, from: ['invited'], to: 'disabled' }, [parcel()]),
      (durable) => durable.decideCase(caseDecision(recovery, { code: temporaryCode() }), [parcel()]),
      (durable) => durable.insertCase(recoveryCase({ accountId: bram.id }), [parcel()]),
      (durable) => durable.eraseAccount(leaver.id, NOW, [parcel()]),
      (durable) => durable.renewBackupCode(backupCode({ accountId: bram.id }), undefined, [parcel()]),
    ]
    expect(await outcomes(stores, acts)).toEqual(acts.map(() => 1))
    expect((await one.backlog()).waiting).toBe(acts.length)
  })

  test('50 rounds of both apps removed at once, one by each: one stays', async () => {
    const { one, other } = await pair()
    for (let round = 0; round < 50; round += 1) {
      const accountId = `${round}`
      await people(one, accountId)
      const [first, second] = [await enroll(one, { accountId }), await enroll(one, { accountId })]
      await Promise.all([
        one.removeAuthenticator(accountId, first.id, []),
        other.removeAuthenticator(accountId, second.id, []),
      ])
      expect(await one.listAuthenticators(accountId)).toHaveLength(1)
    }
  })

  test('of two addresses that change to one over both, one does', async () => {
    const { one, other } = await pair()
    for (let round = 0; round < 20; round += 1) {
      const wanted = { email: `new-${round}`, emailKey: `new-${round}` }
      const [anna, bram] = [account(), account()]
      const codes = [addressCode(anna.id), addressCode(bram.id)]
      for (const each of [anna, bram]) await one.insertAccount(each, link(each.id), [])
      for (const each of codes) await one.putAddressCode(each, [])
      const changes = [anna, bram].map((each, i) => ({
        ...{ accountId: each.id, epoch: each.epoch, at: NOW, undo: emailUndo(each), ...wanted },
        code: codes[i] ?? addressCode(each.id),
      }))
      const ended = await Promise.all(changes.map((change, i) => (i === 0 ? one : other).changeEmail(change, [])))
      expect(ended.toSorted()).toEqual(['changed', 'taken'])
    }
  })

  test('couriers at both hold each of 200 parcels once, however they were put in', async () => {
    const { one, other } = await pair()
    const sanne = account()
    await one.insertAccount(
      sanne,
      link(sanne.id),
      Array.from({ length: 50 }, () => parcel()),
    )
    for (let batch = 0; batch < 15; batch += 1) await one.enqueue(Array.from({ length: 10 }, () => parcel()))
    const claims = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? one : other).claim(NOW, NOW + 1, 5))
    const claimed = (await Promise.all(claims)).flat()
    expect(claimed).toHaveLength(200)
    expect(new Set(claimed.map(({ id }) => id)).size).toBe(200)
    expect(await winners(200, (i) => (i % 2 === 0 ? one : other).settle(claimed[i]?.id ?? '', 1))).toBe(200)
    expect(await other.backlog()).toEqual({ waiting: 0, oldest: undefined })
  })

  test('records appended through both make one chain', async () => {
    const { one, other } = await pair()
    await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? one : other).appendAudit(auditRecord())))
    expect(await one.listAudit({ limit: 1000 })).toHaveLength(100)
    expect(await one.verifyAudit()).toBeUndefined()
  })
}
