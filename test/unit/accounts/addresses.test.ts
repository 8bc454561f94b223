/** A new address to sign in with, and one for notices: what changes, who hears of it, what a page may tell. */
import { beforeEach, describe, expect, test } from 'vitest'
import { strangersLane } from '../../../src/accounts/login.ts'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import type { AddressKind } from '../../../src/person/address.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, codesOf, ISSUER, owner, SOURCE, told } from '../../support/unit/account-parts.ts'

const OLD = 'sanne@sigma.example'
const NEW = 'sanne@new.example'
const WRONG = '00000000x'

let sanne: Account

const parts = forEachTest(accountParts)
beforeEach(async () => {
  sanne = await parts.person(OLD)
})

const { codeFor, confirm } = codesOf(parts, () => owner(sanne))

async function changeTo(address: string): Promise<void> {
  expect(await confirm(await codeFor(address))).toMatchObject({ ok: true })
  sanne = await parts.account(sanne.id)
}

describe('an address that is another account’s', () => {
  const TAKEN = 'daan@sigma.example'

  test.each<[AddressKind]>([['email'], ['notice']])('H: the page tells nothing of it (%s)', async (kind) => {
    const free = [
      await parts.addresses.begin(owner(sanne), kind, NEW),
      await parts.addresses.pending(owner(sanne), kind),
      await confirm(WRONG, kind),
    ]
    await parts.mails()
    const eva = await parts.person('eva@sigma.example')
    await parts.person(TAKEN, { name: 'Daan Bakker', locale: 'en' })
    const taken = [
      await parts.addresses.begin(owner(eva), kind, TAKEN),
      await parts.addresses.pending(owner(eva), kind),
      await confirm(WRONG, kind, owner(eva)),
    ]
    expect(taken).toEqual([free[0], TAKEN, free[2]])
    // Whoever has the address hears of it, in their own language, by their own name; no code goes anywhere.
    expect(await parts.mails()).toEqual([
      {
        name: 'address-taken',
        to: TAKEN,
        data: { name: 'Daan Bakker', email: TAKEN, locale: 'en', at: parts.now() },
      },
    ])
  })

  test('somebody else got it between code and confirmation: told only to whoever has the right code', async () => {
    const code = await codeFor(NEW)
    await parts.person(NEW)
    expect(await confirm(WRONG)).toEqual({ ok: false, reason: 'wrong-code' })
    expect(await confirm(code)).toEqual({ ok: false, reason: 'taken' })
    expect(await parts.account(sanne.id)).toMatchObject({ email: OLD, epoch: 0 })
    expect(await parts.mails()).toEqual([])
  })
})

describe('a new address to sign in with', () => {
  test('every address hears of it, and only the one of before gets the link that undoes it', async () => {
    await changeTo(NEW)
    const notice = await codeFor('sanne@home.example', 'notice')
    await confirm(notice, 'notice')
    sanne = await parts.account(sanne.id)
    parts.advance(HOUR)
    await parts.mails()

    await confirm(await codeFor('sanne@third.example'))
    const mails = await parts.mails()
    expect(told(mails)).toEqual([
      'email-changed sanne@home.example',
      'email-changed sanne@new.example',
      'email-changed sanne@sigma.example',
      'email-changed sanne@third.example',
    ])
    expect(mails.filter(({ data }) => JSON.stringify(data).includes('/undo/')).map(({ to }) => to)).toEqual([NEW])
    expect(mails.find(({ to }) => to === NEW)?.data).toEqual({
      name: sanne.name,
      email: NEW,
      newEmail: 'sanne@third.example',
      undoHref: expect.stringMatching(/^https:\/\/id\.sigma\.example\/undo\/[\w-]{43}$/),
      days: 7,
      at: parts.now(),
      locale: 'nl',
    })
  })

  test('what was signed in before ends, and guesses at the password stay counted', async () => {
    for (let tries = 0; tries < 3; tries += 1)
      await parts.throttle.streak(strangersLane(sanne.id), { free: 5, cap: 20 })
    await changeTo(NEW)
    expect(sanne).toMatchObject({ email: NEW, emailKey: NEW, previousEmail: OLD, epoch: 1 })
    expect(await parts.throttle.count(strangersLane(sanne.id))).toBe(3)
  })

  test('the address of before is told of everything for seven days', async () => {
    await changeTo(NEW)
    expect(parts.notice(sanne, 'password-changed', {})).toHaveLength(2)
    parts.advance(7 * DAY)
    expect(parts.notice(sanne, 'password-changed', {})).toHaveLength(1)
  })
})

describe('a second address for notices', () => {
  async function added(address: string): Promise<void> {
    expect(await confirm(await codeFor(address, 'notice'), 'notice')).toMatchObject({ ok: true })
    sanne = await parts.account(sanne.id)
    parts.advance(HOUR)
  }

  test('is told together with the others, and the one that it replaces is told that', async () => {
    await added('one@home.example')
    expect(sanne).toMatchObject({ email: OLD, noticeEmail: 'one@home.example', epoch: 0 })
    expect(told(await parts.mails())).toEqual(['notice-address-added one@home.example', `notice-address-added ${OLD}`])
    await added('two@home.example')
    expect(told(await parts.mails())).toEqual([
      'notice-address-added one@home.example',
      `notice-address-added ${OLD}`,
      'notice-address-added two@home.example',
    ])
  })

  test('hears of its own removal', async () => {
    await added('one@home.example')
    await parts.mails()
    expect(await parts.addresses.removeNotice(owner(sanne))).toBe(true)
    expect(told(await parts.mails())).toEqual([
      'notice-address-removed one@home.example',
      `notice-address-removed ${OLD}`,
    ])
    expect(await parts.addresses.removeNotice(owner(sanne))).toBe(false)
    expect(await parts.mails()).toEqual([])
  })
})

test('neither addresses nor codes nor tokens are in the audit trail', async () => {
  const code = await codeFor(NEW)
  await confirm(WRONG)
  await confirm(code)
  const href = (await parts.mails()).map(({ data }) => data.undoHref).find(Boolean)
  const token = String(href).replace(`${ISSUER}/undo/`, '')
  await parts.addresses.undo(token, SOURCE)
  const trail = await parts.trailText()
  expect(parts.events.map(({ type, outcome, details }) => [type, outcome, details])).toEqual([
    ['account.changed', 'refused', { what: 'email', reason: 'wrong-code' }],
    ['account.changed', 'ok', { what: 'email', change: 'set' }],
    ['account.changed', 'ok', { what: 'email', change: 'undone', factors: 0 }],
    ['link.requested', 'ok', undefined],
  ])
  for (const secret of [NEW, OLD, code, WRONG, token]) expect(trail).not.toContain(secret)
})
