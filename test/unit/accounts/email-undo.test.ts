/** Taking an e-mail address back with the link that was mailed to the address of before (SECURITY G-11). */

import { beforeEach, describe, expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import { asked, withAsked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { backupCode, device, enroll } from '../../support/samples/factors.ts'
import { accountParts, ISSUER, type Mail, mailedCode, owner, SOURCE, told } from '../../support/unit/account-parts.ts'

const OLD = 'sanne@sigma.example'
const NEW = 'sanne@new.example'
const THIEF = 'thief@elsewhere.example'

let sanne: Account

const parts = forEachTest(accountParts)
beforeEach(async () => {
  sanne = await parts.person(OLD)
})

/** The address is another one from now on; what was mailed about it, and the token of the link that undoes it. */
async function change(to: string): Promise<{ mails: Mail[]; token: string }> {
  const code = await mailedCode(parts, owner(sanne), 'email', to)
  expect(await parts.addresses.confirm(owner(sanne), 'email', code)).toMatchObject({ ok: true })
  sanne = await parts.account(sanne.id)
  const mails = await parts.mails()
  const mail = mails.find(({ data }) => data.undoHref)
  parts.advance(HOUR)
  return { mails, token: String(mail?.data.undoHref).replace(`${ISSUER}/undo/`, '') }
}

async function changed(to = NEW): Promise<string> {
  return (await change(to)).token
}

test('an undo gives the address back, forgets the password, ends everything and mails a link to set a new one', async () => {
  const token = await changed()
  expect(await parts.addresses.findUndo(token)).toMatchObject({ account: { id: sanne.id, email: NEW }, email: OLD })
  expect(await parts.addresses.undo(token, SOURCE)).toBe(true)
  expect(await parts.account(sanne.id)).toMatchObject({
    email: OLD,
    passwordHash: undefined,
    previousEmail: undefined,
  })
  expect(parts.ended).toEqual([sanne.id])
  expect(told(await parts.mails())).toEqual([`email-restored ${NEW}`, `email-restored ${OLD}`, `reset ${OLD}`])
})

describe('hijacking: the mail about an undo', () => {
  const restored = async () => (await parts.mails()).find(({ name }) => name === 'email-restored')?.data

  test('names what was removed and what is still there, and since when', async () => {
    await enroll(withAsked(parts.store), { accountId: sanne.id, label: 'Own phone', createdAt: parts.now() - DAY })
    sanne = await parts.account(sanne.id)
    const token = await changed()
    const { epoch } = sanne
    await enroll(withAsked(parts.store), { accountId: sanne.id, label: 'Thief', createdAt: parts.now() })
    await asked(parts.store.people).replaceBackupCode(
      backupCode({ accountId: sanne.id, createdAt: parts.now() }),
      [],
      epoch,
    )
    expect(await parts.addresses.undo(token, SOURCE)).toBe(true)
    const at = parts.now()
    expect(await restored()).toMatchObject({
      removed: [
        { method: 'totp', label: 'Thief', createdAt: at },
        { method: 'backup', createdAt: at },
      ],
      kept: [{ method: 'totp', label: 'Own phone' }],
      stranded: false,
    })
    expect((await asked(parts.store.people).listAuthenticators(sanne.id)).map(({ label }) => label)).toEqual([
      'Own phone',
    ])
    expect(parts.events.find(({ details }) => details?.change === 'undone')?.details).toEqual({
      what: 'email',
      change: 'undone',
      factors: 2,
    })
  })

  test('says that the help desk is asked where there is none of before', async () => {
    const app = await enroll(withAsked(parts.store), { accountId: sanne.id })
    sanne = await parts.account(sanne.id)
    const token = await changed()
    await asked(parts.store.people).turnOff(sanne.id, app.id, [])
    await enroll(withAsked(parts.store), { accountId: sanne.id })
    expect(await parts.addresses.undo(token, SOURCE)).toBe(true)
    expect(await restored()).toMatchObject({ kept: [], stranded: true })
  })

  test('says nothing of it where there never was any', async () => {
    expect(await parts.addresses.undo(await changed(), SOURCE)).toBe(true)
    expect(await restored()).toMatchObject({ removed: [], kept: [], stranded: false })
  })
})

test('an undo works once', async () => {
  const token = await changed()
  const undone = await Promise.all(Array.from({ length: 20 }, () => parts.addresses.undo(token, SOURCE)))
  expect(undone.filter(Boolean)).toHaveLength(1)
  expect(await parts.addresses.findUndo(token)).toBeUndefined()
})

test('an undo works for seven days', async () => {
  const token = await changed()
  parts.advance(7 * DAY - HOUR - 1)
  expect(await parts.addresses.findUndo(token)).toMatchObject({ email: OLD })
  parts.advance(1)
  expect(await parts.addresses.findUndo(token)).toBeUndefined()
  expect(await parts.addresses.undo(token, SOURCE)).toBe(false)
  expect(await parts.account(sanne.id)).toMatchObject({ email: NEW })
})

test('hijacking: changing the address twice does not take the first owner’s link away', async () => {
  const token = await changed()
  await changed(THIEF)
  expect(await parts.addresses.undo(token, SOURCE)).toBe(true)
  expect(await parts.account(sanne.id)).toMatchObject({ email: OLD, passwordHash: undefined })
})

describe('G-11: an address that went from A over B to C', () => {
  test('hijacking: who has B takes the account from C, and A from B, days later; nothing is left to C then', async () => {
    const [first, second] = [await changed(), await changed(THIEF)]
    expect(await parts.addresses.undo(second, SOURCE)).toBe(true)
    expect(await parts.account(sanne.id)).toMatchObject({ email: NEW, passwordHash: undefined })
    parts.advance(6 * DAY)
    expect(await parts.addresses.findUndo(first)).toMatchObject({ email: OLD })
    expect(await parts.addresses.undo(first, SOURCE)).toBe(true)
    expect(await parts.account(sanne.id)).toMatchObject({ email: OLD, epoch: 4 })
    for (const token of [first, second]) {
      expect(await parts.addresses.findUndo(token)).toBeUndefined()
      expect(await parts.addresses.undo(token, SOURCE)).toBe(false)
    }
    expect(await parts.account(sanne.id)).toMatchObject({ email: OLD, epoch: 4 })
  })

  test('hijacking: once A has it back, the links of B and C take nothing away again', async () => {
    const first = await changed()
    const later = [await changed(THIEF), await changed('third@elsewhere.example')]
    expect(await parts.addresses.undo(first, SOURCE)).toBe(true)
    for (const token of later) expect(await parts.addresses.undo(token, SOURCE)).toBe(false)
    expect(await parts.account(sanne.id)).toMatchObject({ email: OLD })
  })

  test('every address that can still take it back hears of every change, once, and of what was taken back', async () => {
    const [, second] = [await changed(), await change(THIEF)]
    expect(told(second.mails)).toEqual(
      [`email-changed ${NEW}`, `email-changed ${OLD}`, `email-changed ${THIEF}`].sort(),
    )
    const third = await change('third@elsewhere.example')
    const all = ['third@elsewhere.example', THIEF, NEW, OLD]
    expect(told(third.mails)).toEqual(all.map((to) => `email-changed ${to}`).sort())
    // Each link went to its own address only.
    const links = third.mails.filter(({ data }) => JSON.stringify(data).includes('/undo/'))
    expect(links.map(({ to }) => to)).toEqual([THIEF])

    await parts.addresses.undo(second.token, SOURCE)
    const undone = told(await parts.mails()).filter((mail) => mail.startsWith('email-restored'))
    expect(undone).toEqual(all.map((to) => `email-restored ${to}`).sort())
  })

  test('an address whose seven days are over hears of it no more', async () => {
    await changed()
    parts.advance(7 * DAY)
    expect(told((await change(THIEF)).mails)).toEqual([`email-changed ${NEW}`, `email-changed ${THIEF}`])
  })

  test('two who take it back at once: whoever had it first has it', async () => {
    const tokens = [await changed(), await changed(THIEF)]
    await Promise.all(tokens.toReversed().map((token) => parts.addresses.undo(token, SOURCE)))
    expect(await parts.account(sanne.id)).toMatchObject({ email: OLD })
  })
})

test('RDV-06: browsers that whoever had it remembered are forgotten', async () => {
  const token = await changed()
  await asked(parts.store.people).insertDevice(
    device({ accountId: sanne.id, createdAt: parts.now(), expiresAt: parts.now() + DAY }),
    5,
    [],
  )
  const known = () => asked(parts.store.people).listDevices(sanne.id, parts.now())
  expect(await known()).toHaveLength(1)
  await parts.addresses.undo(token, SOURCE)
  expect(await known()).toEqual([])
})

test('hijacking: links that the thief asked for do not keep the owner’s from being mailed', async () => {
  const token = await changed()
  for (let asked = 0; asked < 5; asked += 1) await parts.links.request(NEW, SOURCE)
  await parts.mails()
  await parts.addresses.undo(token, SOURCE)
  expect(told(await parts.mails())).toContain(`reset ${OLD}`)
})

test('an undo opens nothing when the address is another account’s by now, or the account is gone', async () => {
  const token = await changed()
  const daan = await parts.person(OLD)
  expect(await parts.addresses.findUndo(token)).toBeUndefined()
  expect(await parts.addresses.undo(token, SOURCE)).toBe(false)
  await asked(parts.store.people).eraseAccount(daan.id, parts.now(), [])
  expect(await parts.addresses.findUndo(token)).toMatchObject({ email: OLD })
  await asked(parts.store.people).eraseAccount(sanne.id, parts.now(), [])
  expect(await parts.addresses.findUndo(token)).toBeUndefined()
})

test.each(['', 'x', '../undo', 'a'.repeat(43)])('%j opens nothing', async (token) => {
  await changed()
  expect(await parts.addresses.findUndo(token)).toBeUndefined()
  expect(await parts.addresses.undo(token, SOURCE)).toBe(false)
})
