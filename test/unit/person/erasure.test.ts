/** The rules for when an account is erased: it goes with everything that belongs to it, and a tombstone stays. */
import { describe, expect, test } from 'vitest'
import { HOUR } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import {
  backupCode,
  device,
  equip,
  everything,
  pending,
  recoveryCase,
  sentCode,
  temporaryCode,
} from '../../support/samples/factors.ts'
import { account, addressCode, emailUndo, link, NOW, parcel } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const durable = () => bench()
const waiting = async () => (await durable().backlog()).waiting

/** An account with one of everything there is, and what finds it. */
async function complete() {
  const one = account({
    status: 'active',
    passwordHash: 'hash-1',
    noticeEmail: 'second@sigma.example',
    enrolledAt: NOW,
  })
  const { id } = one
  const [open, proof, code] = [link(id), addressCode(id), addressCode(id)]
  await durable().insertAccount(one, open, [])
  await durable().rememberBrowser('browser', id, 'hash-1', NOW + HOUR)
  for (const each of [proof, code]) await durable().putAddressCode(each, [])
  const [undo, email] = [emailUndo(one), `new-${id}@sigma.example`]
  const change = { accountId: id, epoch: one.epoch, code: proof, email, emailKey: email, at: NOW, undo }
  expect(await durable().changeEmail(change, [])).toBe('changed')
  const { temporary, sent, wizard } = await equip(durable(), id)
  const recovery = recoveryCase({ accountId: id })
  await durable().insertCase(recovery, [])
  const look = async () => ({
    ...(await everything(durable(), id, wizard.key)),
    byEmail: await durable().findAccountByEmail(email),
    link: await durable().findLink(open.digest),
    browser: await durable().isKnownBrowser('browser', id, NOW),
    addressCode: await durable().findAddressCode(code.accountId, code.key, NOW),
    undo: await durable().findEmailUndo(undo.digest),
    sent: await durable().findSentCode(sent.accountId, sent.key, NOW),
    cases: await durable().listCasesByAccount(id),
    byNumber: await durable().findCase(recovery.number),
    waiting: undefined,
  })
  return { one, temporary, look }
}

const NOTHING = {
  account: undefined,
  authenticators: [],
  backup: undefined,
  devices: [],
  pending: undefined,
  byEmail: undefined,
  link: undefined,
  browser: false,
  addressCode: undefined,
  undo: undefined,
  sent: undefined,
  cases: [],
  byNumber: undefined,
  waiting: undefined,
}

describe('an account that is erased', () => {
  const erase = (one: Account) => durable().eraseAccount(one.id, NOW + 5, [parcel(), parcel()])

  test('goes with all that belongs to it, and with nothing of anybody else', async () => {
    const [sanne, bram] = [await complete(), await complete()]
    const before = await bram.look()
    for (const found of Object.values({ ...before, waiting: true })) expect(found).toSatisfy(Boolean)
    expect(await erase(sanne.one)).toBe(true)
    expect(await sanne.look()).toEqual(NOTHING)
    expect(await durable().useTemporaryCode(sanne.one.id, sanne.temporary.digest, NOW)).toBe(false)
    expect(await durable().searchAccounts(sanne.one.id, 10)).toEqual([])
    expect(await bram.look()).toEqual(before)
    expect(await durable().useTemporaryCode(bram.one.id, bram.temporary.digest, NOW)).toBe(true)
    expect(await waiting()).toBe(2)
  })

  test('leaves a tombstone with the time; once it is gone, erasing it again does nothing', async () => {
    const [sanne, bram] = [await complete(), await complete()]
    expect(await durable().erasedAt(sanne.one.id)).toBeUndefined()
    await erase(sanne.one)
    expect(await durable().eraseAccount(sanne.one.id, NOW + 9, [parcel()])).toBe(false)
    expect(await durable().eraseAccount('unknown', NOW, [parcel()])).toBe(false)
    expect(await durable().erasedAt(sanne.one.id)).toBe(NOW + 5)
    for (const id of [bram.one.id, 'unknown', '']) expect(await durable().erasedAt(id)).toBeUndefined()
    expect(await waiting()).toBe(2)
  })

  test('is not given its id again, though its address is free', async () => {
    const { one } = await complete()
    await erase(one)
    const again = link(one.id)
    expect(await durable().insertAccount({ ...one, emailKey: 'other' }, again, [parcel()])).toBe(false)
    expect(await durable().findAccount(one.id)).toBeUndefined()
    expect(await durable().findLink(again.digest)).toBeUndefined()
    const next = account({ email: one.email, emailKey: one.emailKey })
    expect(await durable().insertAccount(next, link(next.id), [])).toBe(true)
    expect(await durable().findAccountByEmail(one.emailKey)).toEqual(next)
    expect(await waiting()).toBe(2)
  })

  test('gets nothing that a request still under way writes, and no mail about it', async () => {
    const { one, look } = await complete()
    await erase(one)
    const { id: accountId } = one
    const [wizard, sent, code, recovery] = [
      pending({ accountId }),
      sentCode({ accountId }),
      addressCode(accountId),
      recoveryCase({ accountId }),
    ]
    const [temporary, remembered, open] = [temporaryCode({ accountId }), device({ accountId }), link(accountId)]
    await durable().replaceBackupCode(backupCode({ accountId }), [parcel()])
    expect(await durable().renewBackupCode(backupCode({ accountId }), undefined, [parcel()])).toBe(false)
    await durable().insertTemporaryCode(temporary)
    await durable().putSentCode(sent, [parcel()])
    expect(await durable().putPending(wizard, NOW)).toBe(false)
    await durable().insertDevice(remembered, 5, [parcel()])
    await durable().putAddressCode(code, [parcel()])
    expect(await durable().insertCase(recovery, [parcel()])).toBe(false)
    await durable().replaceLink(open, [parcel()])
    await durable().rememberBrowser('browser', accountId, 'hash-1', NOW + HOUR)
    expect(await look()).toEqual(NOTHING)
    expect(await durable().findPending(wizard.key, accountId, NOW)).toBeUndefined()
    expect(await durable().findSentCode(sent.accountId, sent.key, NOW)).toBeUndefined()
    expect(await durable().findAddressCode(code.accountId, code.key, NOW)).toBeUndefined()
    expect(await durable().findLink(open.digest)).toBeUndefined()
    expect(await durable().useTemporaryCode(accountId, temporary.digest, NOW)).toBe(false)
    expect(await waiting()).toBe(2)
  })

  test('that fails half-way is there as before', async () => {
    const { one, look } = await complete()
    const [before, twice] = [await look(), parcel()]
    await expect(durable().eraseAccount(one.id, NOW, [twice, twice])).rejects.toThrow()
    expect(await look()).toEqual(before)
    expect(await durable().erasedAt(one.id)).toBeUndefined()
  })
})
