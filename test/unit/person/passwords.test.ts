/** The rules for when a link is used to set a password. */

import { describe, expect, test } from 'vitest'
import { DAY } from '../../../src/lib/time.ts'
import type { PasswordChange } from '../../../src/person/password.ts'
import type { Of } from '../../support/people/asked-people.ts'
import { account, link, NOW, parcel, passwordChange } from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const accounts = () => bench()
const waiting = async () => (await accounts().backlog()).waiting

async function invited() {
  const sanne = account()
  const activation = link(sanne.id)
  await accounts().insertAccount(sanne, activation, [])
  return { sanne, activation }
}

async function active() {
  const { sanne, activation } = await invited()
  await accounts().setPassword(passwordChange(activation), [])
  return sanne
}

describe('setting a password', () => {
  test('activates an invited account: hash, time, epoch, link and parcels in one', async () => {
    const { sanne, activation } = await invited()
    expect(await accounts().setPassword(passwordChange(activation, { at: NOW + 9 }), [parcel()])).toBe(true)
    const activated = { status: 'active', passwordHash: 'hash-1', passwordChangedAt: NOW + 9, epoch: 2 } as const
    expect(await accounts().findAccount(sanne.id)).toEqual({ ...sanne, ...activated })
    expect((await accounts().findLink(activation.digest))?.usedAt).toBe(NOW + 9)
    expect(await waiting()).toBe(1)
  })

  test('recovers an active account, and moves its epoch up each time', async () => {
    const sanne = await active()
    for (const epoch of [3, 4]) {
      const reset = link(sanne.id, { purpose: 'reset' })
      await accounts().replaceLink(reset, [])
      expect(await accounts().setPassword(passwordChange(reset, { passwordHash: `hash-${epoch}` }), [])).toBe(true)
      expect(await accounts().findAccount(sanne.id)).toMatchObject({ epoch, passwordHash: `hash-${epoch}` })
    }
  })

  test('forgets the browsers that knew the password before, and no one else’s', async () => {
    const [sanne, bram] = [await active(), await active()]
    for (const { id } of [sanne, bram]) await accounts().rememberBrowser('browser', id, 'hash-1', NOW + DAY)
    const reset = link(sanne.id, { purpose: 'reset' })
    await accounts().replaceLink(reset, [])
    expect(await accounts().setPassword(passwordChange(reset, { passwordHash: 'hash-2' }), [])).toBe(true)
    expect(await accounts().isKnownBrowser('browser', sanne.id, NOW)).toBe(false)
    expect(await accounts().isKnownBrowser('browser', bram.id, NOW)).toBe(true)
  })

  test('leaves other accounts and their links alone', async () => {
    const [sanne, bram] = [await invited(), await invited()]
    await accounts().setPassword(passwordChange(sanne.activation), [])
    expect(await accounts().findAccount(bram.sanne.id)).toEqual(bram.sanne)
    expect(await accounts().findLink(bram.activation.digest)).toEqual(bram.activation)
  })

  /** Tries, and checks that nothing at all was changed. */
  async function refused(wanted: Of<PasswordChange>) {
    const before = await accounts().findAccount(wanted.accountId)
    const linkBefore = await accounts().findLink(wanted.link.digest)
    const waitingBefore = await waiting()
    expect(await accounts().setPassword(wanted, [parcel()])).toBe(false)
    expect(await accounts().findAccount(wanted.accountId)).toEqual(before)
    expect(await accounts().findLink(wanted.link.digest)).toEqual(linkBefore)
    expect(await waiting()).toBe(waitingBefore)
  }

  test('an unknown link changes nothing', async () => {
    const { sanne } = await invited()
    await refused(passwordChange(link(sanne.id)))
  })

  test('a used link changes nothing', async () => {
    const { activation } = await invited()
    await accounts().setPassword(passwordChange(activation), [])
    await refused(passwordChange(activation, { passwordHash: 'hash-2' }))
  })

  test('a used link that its account would still take changes nothing', async () => {
    const sanne = await active()
    const reset = link(sanne.id, { purpose: 'reset' })
    await accounts().replaceLink(reset, [])
    expect(await accounts().setPassword(passwordChange(reset, { passwordHash: 'hash-2' }), [])).toBe(true)
    await refused(passwordChange(reset, { passwordHash: 'hash-3' }))
  })

  test('a link changes nothing from the moment it expires, and works until then', async () => {
    const { activation } = await invited()
    await refused(passwordChange(activation, { at: activation.expiresAt }))
    await refused(passwordChange(activation, { at: activation.expiresAt + 1 }))
    expect(await accounts().setPassword(passwordChange(activation, { at: activation.expiresAt - 1 }), [])).toBe(true)
  })

  test("another account's link changes nothing", async () => {
    const [sanne, bram] = [await invited(), await invited()]
    await refused(passwordChange(sanne.activation, { accountId: bram.sanne.id }))
  })

  test('a link used for another purpose changes nothing', async () => {
    const { activation } = await invited()
    await refused(passwordChange(activation, { link: { digest: activation.digest, purpose: 'reset' } }))
  })

  test.each([
    ['a link for a reset', 'invited', 'reset'],
    ['an activation link', 'active', 'activation'],
    ['an activation link', 'disabled', 'activation'],
    ['a link for a reset', 'disabled', 'reset'],
  ] as const)('%s of an account that is %s changes nothing', async (_link, status, purpose) => {
    const sanne = account({ status })
    const mailed = link(sanne.id, { purpose })
    await accounts().insertAccount(sanne, mailed, [])
    await refused(passwordChange(mailed))
  })
})
