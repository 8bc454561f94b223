/**
 * The rules for when everything of an account ends, which is when its epoch moves up: no browser stays
 * remembered, and what was begun in an epoch that ended is not finished in the next one.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import { renewBackupCode, replaceBackupCode } from '../../../src/person/backup-code.ts'
import { type Draft, emptyPersonRecord } from '../../../src/person/person.ts'
import { insertDevice } from '../../../src/person/remembered-device.ts'
import {
  activation,
  appChange,
  backupCode,
  device,
  enroll,
  everything,
  numberChange,
  pending,
  sentCode,
} from '../../support/samples/factors.ts'
import { account, addressCode, emailChange, link, NOW, parcel, passwordChange } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const NEW = { email: 'new@sigma.example', emailKey: 'new@sigma.example' }

const durable = () => bench()
const sanne = account({ id: 'sanne', status: 'active', passwordHash: 'hash-1' })
const somebody = () => durable().insertAccount(sanne, link('sanne'), [])

/** The present one, or one that is still to come. */
const epoch = async (ahead = 0) => ((await durable().findAccount('sanne'))?.epoch ?? 0) + ahead

/** Signing somebody out: nothing changes but that everything ends. */
const signOut = () => durable().setStatus({ accountId: 'sanne', from: ['active'], to: 'active' }, [])

async function changePassword() {
  const change = { accountId: 'sanne', from: 'hash-1', passwordHash: 'hash-2', at: NOW }
  return durable().changePassword(change, [])
}

async function resetPassword() {
  const mailed = link('sanne', { purpose: 'reset' })
  await durable().replaceLink(mailed, [])
  return durable().setPassword(passwordChange(mailed), [])
}

async function changeEmail() {
  const code = addressCode('sanne')
  await durable().putAddressCode(code, [])
  const change = emailChange({ ...sanne, epoch: await epoch() }, code, NEW)
  return (await durable().changeEmail(change, [])) === 'changed' ? change : undefined
}

async function undoEmail() {
  const change = await changeEmail()
  // Whoever remembers a browser now is who took the address.
  await durable().insertDevice(device(), 5, [])
  return durable().undoEmail(change?.undo.digest ?? '', NOW, [])
}

describe('remembered devices', () => {
  beforeEach(somebody)

  const devices = (accountId = 'sanne') => durable().listDevices(accountId, NOW)

  test.each([
    ['signed out everywhere', signOut],
    ['a password that its owner changed', changePassword],
    ['a password that a link set', resetPassword],
    ['a new e-mail address', changeEmail],
    ['an e-mail address that was taken back', undoEmail],
  ])('%s: all of this account are forgotten, and nobody else’s', async (_what, end) => {
    const [one, brams] = [device(), device({ accountId: 'bram' })]
    for (const each of [one, device(), brams]) await durable().insertDevice(each, 5, [])
    expect(await devices()).toHaveLength(2)
    expect(await end()).toBeTruthy()
    expect(await devices()).toEqual([])
    expect(await durable().findDevice(one.id, NOW)).toBeUndefined()
    expect(await devices('bram')).toEqual([brams])
  })

  test('stay where nothing of it was done', async () => {
    const one = device()
    await durable().insertDevice(one, 5, [])
    const code = addressCode('sanne')
    await durable().putAddressCode(code, [])
    const change = { accountId: 'sanne', from: 'another', passwordHash: 'hash-2', at: NOW }
    expect(await durable().setStatus({ accountId: 'sanne', from: ['disabled'], to: 'active' }, [])).toBe(false)
    expect(await durable().changePassword(change, [])).toBe(false)
    expect(await durable().setPassword(passwordChange(link('sanne')), [])).toBe(false)
    const wrong = { ...code, digest: 'wrong' }
    expect(await durable().changeEmail(emailChange(sanne, wrong, NEW), [])).toBe('wrong-code')
    expect(await durable().undoEmail('unknown', NOW, [])).toBe(false)
    expect(await devices()).toEqual([one])
  })
})

/** Each begins something in an epoch, and returns what finishes it. */
const BEGUN: Array<[string, (ahead?: number) => Promise<() => Promise<boolean>>]> = [
  ['a first factor', async (ahead) => finishing(activation(await wizard(), { epoch: await epoch(ahead) }))],
  [
    'a factor in the place of all others',
    async (ahead) => finishing(activation(await wizard(), { epoch: await epoch(ahead), replacesAll: true })),
  ],
  [
    'one more app',
    async (ahead) => {
      const change = appChange(await wizard(), { epoch: await epoch(ahead), most: 1000 })
      return () => durable().changeApp(change, NOW, [parcel()])
    },
  ],
  [
    'an app in the place of another',
    async (ahead) => {
      const { id: replaces } = await enroll(durable())
      const change = appChange(await wizard(), { epoch: await epoch(ahead), replaces })
      return () => durable().changeApp(change, NOW, [parcel()])
    },
  ],
  ['a number', (ahead) => number(true, ahead)],
  ['a number in the wizard', (ahead) => number(false, ahead)],
  [
    'a remembered device',
    async (ahead) => {
      const [one, of] = [device(), await epoch(ahead)]
      return async () => {
        await durable().insertDevice(one, 5, [parcel()], of)
        return (await durable().findDevice(one.id, NOW)) !== undefined
      }
    },
  ],
  [
    'a backup code in the wizard',
    async (ahead) => {
      const [code, of] = [backupCode(), await epoch(ahead)]
      return async () => {
        await durable().replaceBackupCode(code, [parcel()], of)
        return (await durable().findBackupCode('sanne'))?.id === code.id
      }
    },
  ],
  [
    'an e-mail address',
    async (ahead) => {
      const code = addressCode('sanne')
      await durable().putAddressCode(code, [])
      const change = emailChange({ ...sanne, epoch: await epoch(ahead) }, code, NEW)
      return async () => {
        const outcome = await durable().changeEmail(change, [parcel()])
        // Nothing tells it from a code that never was one.
        if (outcome !== 'changed') expect(outcome).toBe('wrong-code')
        return outcome === 'changed'
      }
    },
  ],
]

async function wizard() {
  const begun = pending()
  await durable().putPending(begun, NOW)
  return begun
}

function finishing(wanted: ReturnType<typeof activation>) {
  return () => durable().activate(wanted, NOW, [parcel()])
}

async function number(raisesEpoch: boolean, ahead?: number) {
  const code = sentCode()
  await durable().putSentCode(code, [])
  const change = numberChange(code, { epoch: await epoch(ahead), raisesEpoch })
  return () => durable().addNumber(change, NOW, [parcel()])
}

describe.each(BEGUN)('what was begun in an epoch that ended: %s', (_what, begin) => {
  beforeEach(somebody)

  const look = async () => ({
    ...(await everything(durable(), 'sanne')),
    byEmail: await durable().findAccountByEmail(NEW.emailKey),
  })

  test('comes in its own', async () => {
    const finish = await begin()
    expect(await finish()).toBe(true)
  })

  test.each([
    ['signed out everywhere', signOut],
    ['a password that its owner changed', changePassword],
    ['a password that a link set', resetPassword],
  ])('%s in between: nothing changes', async (_end, end) => {
    const finish = await begin()
    expect(await end()).toBe(true)
    const before = await look()
    expect(await finish()).toBe(false)
    expect(await look()).toEqual(before)
  })

  test('is not of an epoch to come either', async () => {
    const finish = await begin(1)
    const before = await look()
    expect(await finish()).toBe(false)
    expect(await look()).toEqual(before)
  })
})

test.each<[string, (person: Draft, of: number | undefined) => boolean]>([
  ['a remembered device', (person, of) => insertDevice(person, device(), 5, [], of)],
  ['a backup code', (person, of) => replaceBackupCode(person, backupCode(), [], of)],
  ['a backup code in the settings', (person, of) => renewBackupCode(person, backupCode(), undefined, [], of)],
])('%s that is said to be of no epoch is not taken for one of any', (_what, keep) => {
  const person = (): Draft => ({ ...emptyPersonRecord(), account: sanne, parcels: [] })
  expect(keep(person(), undefined)).toBe(false)
  expect(keep(person(), sanne.epoch)).toBe(true)
})
