/** Disabling, enabling, erasing and signing out, by an administrator; activation-again.test.ts has links that are mailed again. */

import { beforeEach, describe, expect, test } from 'vitest'
import { addressCodeLane } from '../../../src/accounts/address-code.ts'
import { type AccountLife, accountLife } from '../../../src/accounts/life.ts'
import { linkLane } from '../../../src/accounts/links.ts'
import { strangersLane } from '../../../src/accounts/login.ts'
import { settingsLane } from '../../../src/accounts/own-password.ts'
import type { Account } from '../../../src/person/account.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, SOURCE, told } from '../../support/unit/account-parts.ts'

const BY = { actor: 'beheer', source: { ip: '198.51.100.7', correlation: 'c-2' } }
const EMAIL = 'sanne@sigma.example'

let life: AccountLife
/** Ids of accounts of which nothing that is counted elsewhere is known any more. */
let forgotten: string[]
/** What the account was when its sessions were ended. */
let statusAtEnd: Array<Account['status'] | undefined>

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person(EMAIL, { noticeEmail: 'sanne@home.example' }))
beforeEach(async () => {
  statusAtEnd = []
  forgotten = []
  life = accountLife({
    ...parts,
    forget: async (accountId) => void forgotten.push(accountId),
    async endSessions(accountId) {
      statusAtEnd.push((await asked(parts.store.people).findAccount(accountId))?.status)
      await parts.endSessions(accountId)
    },
  })
})

function both(name: string): string[] {
  return [`${name} sanne@home.example`, `${name} ${EMAIL}`]
}

/** The token of the newest mailed link. */
async function token(): Promise<string> {
  const mail = (await parts.mails()).findLast(({ data }) => data.link)
  return String(mail?.data.link).replace(/.*\//, '')
}

describe('I-04: disabling', () => {
  test('closes the account, ends what is signed in, and is recorded and told', async () => {
    expect(await life.disable(sanne, BY)).toBe(true)
    expect(await parts.account(sanne.id)).toMatchObject({ status: 'disabled', epoch: 1 })
    expect(parts.ended).toEqual([sanne.id])
    expect(statusAtEnd).toEqual(['disabled'])
    expect(told(await parts.mails())).toEqual(both('account-disabled'))
    expect(parts.events).toEqual([{ type: 'account.disabled', outcome: 'ok', subject: sanne.id, ...BY }])
  })

  test('twenty at once are one', async () => {
    const done = await Promise.all(Array.from({ length: 20 }, () => life.disable(sanne, BY)))
    expect(done.filter(Boolean)).toHaveLength(1)
    expect(told(await parts.mails())).toEqual(both('account-disabled'))
  })

  test('G-04: a link that was mailed before opens nothing', async () => {
    await parts.links.request(EMAIL, SOURCE)
    const mailed = await token()
    expect(await parts.links.find(mailed)).toMatchObject({ state: 'open' })
    await life.disable(sanne, BY)
    expect(await parts.links.find(mailed)).toMatchObject({ state: 'dead' })
    await life.enable(sanne, BY)
    expect(await parts.links.find(mailed)).toMatchObject({ state: 'dead' })
  })

  test('G-04: no new link is mailed', async () => {
    await life.disable(sanne, BY)
    await parts.mails()
    await parts.links.request(EMAIL, SOURCE)
    expect(await parts.mails()).toEqual([])
  })
})

describe('enabling', () => {
  test('opens what was disabled, and nothing else', async () => {
    expect(await life.enable(sanne, BY)).toBe(false)
    await life.disable(sanne, BY)
    await parts.mails()
    expect(await life.enable(sanne, BY)).toBe(true)
    expect(await parts.account(sanne.id)).toMatchObject({
      status: 'active',
      epoch: 2,
      passwordHash: sanne.passwordHash,
    })
    expect(told(await parts.mails())).toEqual(both('account-enabled'))
    expect(parts.events.at(-1)).toEqual({ type: 'account.enabled', outcome: 'ok', subject: sanne.id, ...BY })
    expect(await life.enable(sanne, BY)).toBe(false)
  })

  test('who never had a password waits for activation again', async () => {
    const invited = await parts.links.invite({ email: 'eva@sigma.example', name: 'Eva', locale: 'nl' })
    if (!invited.ok) throw new Error('not invited')
    const mailed = await token()
    expect(await life.disable(invited.account, BY)).toBe(true)
    await parts.mails()
    expect(await life.enable(invited.account, BY)).toBe(true)
    expect(told(await parts.mails())).toEqual(['account-enabled eva@sigma.example'])
    expect(await parts.account(invited.account.id)).toMatchObject({ status: 'invited' })
    expect(await parts.links.find(mailed)).toMatchObject({ state: 'dead' })
  })
})

describe('erasing', () => {
  test('takes the account away, after its sessions were ended, and tells every known address', async () => {
    expect(await life.erase(sanne, BY)).toBe(true)
    expect(await asked(parts.store.people).findAccount(sanne.id)).toBeUndefined()
    expect(await asked(parts.store.people).erasedAt(sanne.id)).toBe(parts.now())
    // Closed, so that nobody signs in meanwhile, but there, so that applications can be told.
    expect(statusAtEnd).toEqual(['disabled'])
    expect(told(await parts.mails())).toEqual(both('account-erased'))
    expect(parts.events).toEqual([{ type: 'account.erased', outcome: 'ok', subject: sanne.id, ...BY }])
  })

  test('OAU-14: its sub is never anybody’s again', async () => {
    await life.erase(sanne, BY)
    await parts.person('eva@sigma.example', { id: sanne.id })
    expect(await asked(parts.store.people).findAccount(sanne.id)).toBeUndefined()
    expect(await asked(parts.store.people).findAccountByEmail('eva@sigma.example')).toBeUndefined()
    const again = await parts.links.invite({ email: EMAIL, name: 'Sanne', locale: 'nl' })
    expect(again).toMatchObject({ ok: true })
    expect(again.ok && again.account.id).not.toBe(sanne.id)
  })

  test('a second time does nothing, also at the same moment', async () => {
    const done = await Promise.all(Array.from({ length: 20 }, () => life.erase(sanne, BY)))
    expect(done.filter(Boolean)).toHaveLength(1)
    parts.ended.length = 0
    expect(await life.erase(sanne, BY)).toBe(false)
    expect(parts.ended).toEqual([])
    expect(forgotten).toEqual([sanne.id])
    expect(told(await parts.mails())).toEqual(both('account-erased'))
    expect(parts.events.filter(({ type }) => type === 'account.erased')).toHaveLength(1)
  })

  test('a disabled account is erased as well', async () => {
    await life.disable(sanne, BY)
    expect(await life.erase(sanne, BY)).toBe(true)
  })

  test('DAT-04: what was counted against it is forgotten, whatever its address is; nobody else’s is', async () => {
    const other = await parts.person('eva@sigma.example')
    const lanes = [strangersLane(sanne.id), settingsLane(sanne.id), addressCodeLane(sanne.id), linkLane(sanne.id)]
    const others = [strangersLane(other.id), settingsLane(other.id), linkLane(other.id)]
    for (const lane of [...lanes, ...others]) await parts.throttle.streak(lane, { free: 5, cap: 20 })
    expect(await life.erase({ ...sanne, email: 'sanne@another.example' }, BY)).toBe(true)
    for (const lane of lanes) expect(await parts.throttle.count(lane), lane).toBe(0)
    for (const lane of others) expect(await parts.throttle.count(lane), lane).toBe(1)
    expect(forgotten).toEqual([sanne.id])
  })

  test('only erasing forgets what is counted: who is disabled or signed out does not begin anew', async () => {
    const lanes = [strangersLane(sanne.id), settingsLane(sanne.id), addressCodeLane(sanne.id), linkLane(sanne.id)]
    for (const lane of lanes) await parts.throttle.streak(lane, { free: 5, cap: 20 })
    await life.signOut(sanne, BY)
    await life.disable(sanne, BY)
    await life.enable(sanne, BY)
    for (const lane of lanes) expect(await parts.throttle.count(lane), lane).toBe(1)
    expect(forgotten).toEqual([])
  })

  test('links of before open nothing, and no new one is mailed', async () => {
    await parts.links.request(EMAIL, SOURCE)
    const mailed = await token()
    await life.erase(sanne, BY)
    await parts.mails()
    expect(await parts.links.find(mailed)).toBeUndefined()
    await parts.links.request(EMAIL, SOURCE)
    expect(await parts.mails()).toEqual([])
  })

  test('neither name nor address is in the audit trail', async () => {
    await life.disable(sanne, BY)
    await life.erase(sanne, BY)
    expect(await parts.trailText()).not.toMatch(/sanne|vries/i)
  })
})

test('signing somebody out ends everything, also what is written back, and is recorded and told', async () => {
  await life.signOut(sanne, BY)
  expect(await parts.account(sanne.id)).toMatchObject({ status: 'active', epoch: 1 })
  expect(parts.ended).toEqual([sanne.id])
  expect(told(await parts.mails())).toEqual(both('signed-out-everywhere'))
  expect(parts.events).toEqual([{ type: 'sign-out.everywhere', outcome: 'ok', subject: sanne.id, ...BY }])
})

test('at the machine itself there is nobody to name', async () => {
  await life.disable(sanne, { actor: undefined, source: undefined })
  expect(parts.events).toEqual([{ type: 'account.disabled', outcome: 'ok', subject: sanne.id }])
})
