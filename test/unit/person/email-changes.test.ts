/** The rules for when the e-mail address of an account is changed; person-email-undos.test.ts gives it back. */

import { describe, expect, test } from 'vitest'
import type { Account } from '../../../src/person/account.ts'
import type { AddressCode, EmailChange } from '../../../src/person/address.ts'
import type { Of } from '../../support/people/asked-people.ts'
import {
  account,
  addressCode,
  emailChange,
  emailUndo,
  link,
  NOW,
  parcel,
  passwordChange,
  race,
} from '../../support/samples/records.ts'
import { peopleUnderTest } from '../../support/unit/people-under-test.ts'

const bench = peopleUnderTest()

const NEW = { email: 'New@sigma.example', emailKey: 'new@sigma.example' }

const durable = () => bench()
const waiting = async () => (await durable().backlog()).waiting

/** An account with an open link, and the code to change its address with. */
async function person(given: Partial<Account> = {}) {
  const one = account({ status: 'active', passwordHash: 'hash-1', passwordChangedAt: NOW, ...given })
  const [open, code] = [link(one.id, { purpose: 'reset' }), addressCode(one.id)]
  await durable().insertAccount(one, open, [])
  await durable().putAddressCode(code, [])
  return { one, open, code }
}

function change(one: Account, code: AddressCode, given: Partial<Of<EmailChange>> = {}): Of<EmailChange> {
  return emailChange(one, code, { ...NEW, ...given })
}

describe('a new e-mail address', () => {
  test('comes with the time, the one before, an epoch, an undo and parcels; code and links are used up', async () => {
    const [{ one, open, code }, bram] = [await person(), await person()]
    const wanted = change(one, code, { at: code.expiresAt - 1 })
    expect(await durable().changeEmail(wanted, [parcel(), parcel()])).toBe('changed')
    const after = { ...NEW, previousEmail: one.email, emailChangedAt: wanted.at, epoch: one.epoch + 1 }
    expect(await durable().findAccount(one.id)).toEqual({ ...one, ...after })
    expect(await durable().findAccountByEmail(NEW.emailKey)).toEqual({ ...one, ...after })
    expect(await durable().findAccountByEmail(one.emailKey)).toBeUndefined()
    expect(await durable().findLink(open.digest)).toEqual({ ...open, usedAt: wanted.at })
    expect(await durable().setPassword(passwordChange(open), [])).toBe(false)
    expect(await durable().findEmailUndo(wanted.undo.digest)).toEqual(wanted.undo)
    expect(await durable().findAddressCode(code.accountId, code.key, NOW)).toBeUndefined()
    expect(await durable().changeEmail({ ...wanted, epoch: one.epoch + 1 }, [parcel()])).toBe('wrong-code')
    expect(await waiting()).toBe(2)
    expect(await durable().findAccount(bram.one.id)).toEqual(bram.one)
    expect(await durable().findLink(bram.open.digest)).toEqual(bram.open)
  })

  test('may be another spelling of the present one', async () => {
    const { one, code } = await person()
    const email = one.email.toUpperCase()
    expect(await durable().changeEmail(change(one, code, { email, emailKey: one.emailKey }), [])).toBe('changed')
    expect(await durable().findAccountByEmail(one.emailKey)).toMatchObject({ email, previousEmail: one.email })
  })

  /** Tries, and checks that nothing at all was changed. */
  async function refused(
    outcome: 'wrong-code' | 'taken',
    wanted: Of<EmailChange>,
    owned: Awaited<ReturnType<typeof person>>,
  ) {
    const look = async () => [
      await durable().findAccount(owned.one.id),
      await durable().findAccount(wanted.accountId),
      await durable().findLink(owned.open.digest),
      await durable().findAddressCode(owned.code.accountId, owned.code.key, NOW),
      await durable().findEmailUndo(wanted.undo.digest),
      await waiting(),
    ]
    const before = await look()
    expect(await durable().changeEmail(wanted, [parcel()])).toBe(outcome)
    expect(await look()).toEqual(before)
  }

  test('is not set by a wrong code, an expired one or another account’s, nor with another’s undo', async () => {
    const [sanne, bram] = [await person(), await person()]
    const { one, code } = sanne
    await refused('wrong-code', change(one, { ...code, digest: 'wrong' }), sanne)
    await refused('wrong-code', change(one, { ...code, key: 'unknown' }), sanne)
    await refused('wrong-code', change(one, { ...code, key: bram.code.key }), sanne)
    await refused('wrong-code', change(one, code, { at: code.expiresAt }), sanne)
    await refused('wrong-code', change(bram.one, code), sanne)
    await refused('wrong-code', change(one, code, { undo: emailUndo(bram.one) }), sanne)
  })

  test('that another account has is taken, and the code stays; a wrong code does not tell', async () => {
    const [sanne, bram] = [await person(), await person()]
    const { email, emailKey } = bram.one
    const wanted = change(sanne.one, sanne.code, { email, emailKey })
    await refused('taken', wanted, sanne)
    await refused('wrong-code', { ...wanted, code: { key: sanne.code.key, digest: 'wrong' } }, sanne)
    expect(await durable().changeEmail(change(sanne.one, sanne.code), [])).toBe('changed')
  })

  test('while somebody is invited there: one of both has it', async () => {
    for (let round = 0; round < 50; round += 1) {
      const { one, code } = await person()
      const address = { email: `${round}@new.example`, emailKey: `${round}@new.example` }
      const guest = account(address)
      const acts = [
        async () => (await durable().changeEmail(change(one, code, address), [])) === 'changed',
        () => durable().insertAccount(guest, link(guest.id), []),
      ]
      const won = await race(2, (racer) => acts[(racer + round) % 2]?.() ?? Promise.resolve(false))
      expect(won.filter(Boolean)).toHaveLength(1)
    }
  })
})
