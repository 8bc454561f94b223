/** Changing one's own password: what it asks for, what is counted, and what it leaves behind. */

import { beforeEach, expect, test } from 'vitest'
import { strangersLane } from '../../../src/accounts/login.ts'
import { type OwnChange, type OwnPasswordParts, ownPassword, settingsLane } from '../../../src/accounts/own-password.ts'
import { digest } from '../../../src/lib/crypto.ts'
import { AppError } from '../../../src/lib/errors.ts'
import { HOUR } from '../../../src/lib/time.ts'
import type { Account } from '../../../src/person/account.ts'
import { race, tally } from '../../support/attack/race.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, PASSWORD, SOURCE, told } from '../../support/unit/account-parts.ts'

const NEW = 'groene fietsen langs zee'
const WRONG = 'een heel ander wachtwoord'

let sanne: Account

const parts = forEachTest(accountParts)
beforeEach(async () => {
  sanne = await parts.person('sanne@sigma.example', { noticeEmail: 'sanne@home.example' })
})

function change(typed: Partial<OwnChange> = {}, differs: Partial<OwnPasswordParts> = {}) {
  const request = { account: sanne, current: PASSWORD, password: NEW, repeat: NEW, source: SOURCE, ...typed }
  return ownPassword({ ...parts, ...differs }).change(request)
}

/** A hasher that says how often a password was checked. */
function counting() {
  const { hasher } = parts
  const checked = { times: 0 }
  const verify: typeof hasher.verify = (password, stored) => {
    checked.times += 1
    return hasher.verify(password, stored)
  }
  return { checked, hasher: { ...hasher, verify } }
}

async function opens(password: string): Promise<boolean> {
  const { passwordHash } = await parts.account(sanne.id)
  return (await parts.hasher.verify(password, passwordHash)).ok
}

test('the password is another one, what was signed in before ends, and every known address hears of it', async () => {
  expect(await change()).toMatchObject({ ok: true })
  expect(await opens(NEW)).toBe(true)
  expect(await opens(PASSWORD)).toBe(false)
  expect(await parts.account(sanne.id)).toMatchObject({ epoch: 1, passwordChangedAt: parts.now() })
  expect(told(await parts.mails())).toEqual([
    'password-changed sanne@home.example',
    'password-changed sanne@sigma.example',
  ])
  expect(parts.events).toMatchObject([
    { type: 'password.changed', outcome: 'ok', actor: sanne.id, subject: sanne.id, source: SOURCE },
  ])
})

test('THR-06: the browser that changed it is known by the new one; those that knew the one before are not', async () => {
  const { passwordHash = '' } = sanne
  await asked(parts.store.people).rememberBrowser(digest('thief'), sanne.id, passwordHash, parts.now() + 1)
  const changed = await change()
  const browser = changed.ok ? changed.browser : ''
  expect(await asked(parts.store.people).isKnownBrowser(digest(browser), sanne.id, parts.now())).toBe(true)
  expect(await asked(parts.store.people).isKnownBrowser(digest('thief'), sanne.id, parts.now())).toBe(false)
})

test.each<[string, Partial<OwnChange>, object]>([
  ['nothing at all', { current: '', password: '', repeat: '' }, { current: 'missing', faults: ['missing'] }],
  ['no current one', { current: '' }, { current: 'missing', faults: [] }],
  ['no new one', { password: '', repeat: '' }, { faults: ['missing'] }],
  ['a short one', { password: 'kort', repeat: 'kort' }, { faults: ['too-short'] }],
  ['one of 300 letters', { password: 'x'.repeat(300), repeat: 'x'.repeat(300) }, { faults: ['too-long'] }],
  ['a listed one', { password: 'passwordpassword', repeat: 'passwordpassword' }, { faults: ['too-common'] }],
  ['one’s own name', { password: 'sanne de vries 1', repeat: 'sanne de vries 1' }, { faults: ['personal'] }],
  ['another in the second field', { repeat: `${NEW}!` }, { faults: ['repeat-differs'] }],
  ['the same as now', { password: PASSWORD, repeat: PASSWORD }, { faults: ['same'] }],
  [
    'the same in other code points',
    { current: 'caf\u00e9 aan het water', password: 'cafe\u0301 aan het water', repeat: 'cafe\u0301 aan het water' },
    { faults: ['same'] },
  ],
])('%s is refused, and is no try', async (_what, typed, refusal) => {
  const { checked, hasher } = counting()
  expect(await change(typed, { hasher })).toEqual({ ok: false, reason: 'refused', current: undefined, ...refusal })
  expect(await parts.throttle.count(settingsLane(sanne.id))).toBe(0)
  expect(checked.times).toBe(0)
  expect(await opens(PASSWORD)).toBe(true)
})

test('a wrong current password changes nothing, tells nobody, and is recorded', async () => {
  expect(await change({ current: WRONG })).toEqual({ ok: false, reason: 'refused', current: 'wrong', faults: [] })
  expect(await opens(PASSWORD)).toBe(true)
  expect(await parts.mails()).toEqual([])
  expect(parts.events).toMatchObject([{ type: 'password.changed', outcome: 'refused', subject: sanne.id }])
})

test('C-07, guessing in the settings: five are free, the next waits, also with the right password', async () => {
  for (let tries = 0; tries < 5; tries += 1)
    expect(await change({ current: WRONG })).toMatchObject({ current: 'wrong' })
  const { checked, hasher } = counting()
  expect(await change({}, { hasher })).toEqual({ ok: false, reason: 'wait', retryAt: parts.now() + 30_000 })
  expect(checked.times).toBe(0)
  expect(parts.events.at(-1)).toMatchObject({
    type: 'throttle.engaged',
    outcome: 'refused',
    subject: sanne.id,
    details: { door: 'password-settings', reason: 'wait' },
  })
})

test('C-07, patient guessing: after twenty the door is closed, until a password is set by a mailed link', async () => {
  for (let tries = 0; tries < 20; tries += 1) {
    await change({ current: WRONG })
    parts.advance(HOUR)
  }
  expect(await change()).toEqual({ ok: false, reason: 'closed' })
  parts.advance(1000 * HOUR)
  expect(await change()).toEqual({ ok: false, reason: 'closed' })
})

test('C-02, guessing in parallel: of 40 at once no more than five are checked', async () => {
  const { checked, hasher } = counting()
  await Promise.all(Array.from({ length: 40 }, () => change({ current: WRONG }, { hasher })))
  expect(checked.times).toBe(5)
})

test('a right password forgets the wrong ones, here and where people sign in', async () => {
  const lanes = [settingsLane(sanne.id), strangersLane(sanne.id)]
  for (const lane of lanes) await parts.throttle.streak(lane, { free: 5, cap: 20 })
  await change({ current: WRONG })
  expect(await change()).toMatchObject({ ok: true })
  for (const lane of lanes) expect(await parts.throttle.count(lane)).toBe(0)
})

test('being too busy to check is no try', async () => {
  const busy = () => Promise.reject(new AppError('busy', 'too many at once', { status: 503 }))
  await expect(change({}, { hasher: { ...parts.hasher, verify: busy } })).rejects.toMatchObject({ code: 'busy' })
  await expect(change({}, { hasher: { ...parts.hasher, hash: busy } })).rejects.toMatchObject({ code: 'busy' })
  expect(await parts.throttle.count(settingsLane(sanne.id))).toBe(0)
  expect(await opens(PASSWORD)).toBe(true)
})

test('of twenty changes at once one is made', async () => {
  const outcomes = await race({ rounds: 3, contenders: 20 }, async (round) => {
    sanne = await parts.person(`sanne-${round}@sigma.example`)
    return (contender) => change({ password: `${NEW} ${contender}`, repeat: `${NEW} ${contender}` })
  })
  expect(tally(outcomes, ({ ok }) => ok)).toEqual({ 1: 3 })
})

test.each<[string, () => Promise<unknown>]>([
  ['was changed meanwhile', () => change({ account: sanne })],
  [
    'is no more',
    async () => {
      await asked(parts.store.people).eraseAccount(sanne.id, parts.now(), [])
    },
  ],
  [
    'was disabled',
    () => asked(parts.store.people).setStatus({ accountId: sanne.id, from: ['active'], to: 'disabled' }, []),
  ],
])('a page of before the account %s changes nothing', async (_what, meanwhile) => {
  await meanwhile()
  await parts.mails()
  expect(await change({ password: `${NEW} 2`, repeat: `${NEW} 2` })).toMatchObject({ ok: false, current: 'wrong' })
  expect(await parts.mails()).toEqual([])
})

test('an account without a password has no right one', async () => {
  const daan = await parts.person('daan@sigma.example', { passwordHash: undefined })
  expect(await change({ account: daan })).toMatchObject({ ok: false, current: 'wrong' })
})

test('while it is typed, a password is judged for whose it would be', async () => {
  const { judge } = ownPassword(parts)
  expect(await judge(sanne, 'sanne de vries 1')).toEqual(['personal'])
  expect(await judge(sanne, NEW)).toEqual([])
})

test('no password is in the audit trail', async () => {
  await change({ current: WRONG })
  await change()
  expect(await parts.trailText()).not.toMatch(new RegExp(`${WRONG}|${PASSWORD}|${NEW}`))
})
