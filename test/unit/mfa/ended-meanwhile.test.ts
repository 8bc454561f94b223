/**
 * Everything of an account ends (an administrator signs it out, or a link sets its password) while a request is under way
 * that knows the account as it was: whoever was in a moment ago adds nothing and changes nothing (SECURITY I-03).
 */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addresses } from '../../../src/accounts/addresses.ts'
import { enrollments } from '../../../src/mfa/enrollment.ts'
import { newApps } from '../../../src/mfa/new-app.ts'
import { newNumbers } from '../../../src/mfa/new-number.ts'
import { rememberedDevices } from '../../../src/mfa/remembered-device.ts'
import type { Account } from '../../../src/person/account.ts'
import type { People } from '../../../src/person/kind.ts'
import type { DurableStore } from '../../../src/store/store.ts'
import { asked } from '../../support/people/asked-people.ts'
import { disturbedPeople } from '../../support/people/disturbed-people.ts'
import { link, passwordChange } from '../../support/samples/records.ts'
import { accountParts, mailedCode, owner, told } from '../../support/unit/account-parts.ts'
import { detailsOf, type FactorBench, factorBench, SOURCE } from '../../support/unit/factor-bench.ts'

type End = (store: DurableStore, account: Account, now: number) => Promise<boolean>

const ENDS: Array<[string, End]> = [
  [
    'signed out everywhere',
    (store, { id }) => asked(store.people).setStatus({ accountId: id, from: ['active'], to: 'active' }, []),
  ],
  [
    'a password that a link set',
    async (store, { id }, at) => {
      const mailed = link(id, { purpose: 'reset', createdAt: at, expiresAt: at + 1 })
      await asked(store.people).replaceLink(mailed, [])
      return asked(store.people).setPassword(passwordChange(mailed, { at }), [])
    },
  ],
]

/** When it ends: before the request has looked at anything, or after that and before it writes. */
const MOMENTS = ['before the look', 'between the look and the write']
const CASES = ENDS.flatMap(([what, end]) => MOMENTS.map((when): [string, string, End] => [what, when, end]))

describe.each(CASES)('%s %s', (_what, when, end) => {
  const early = when === 'before the look'
  let bench: FactorBench
  /** On whom the end comes before each of the changes that turn a factor on. */
  let people: People
  let ending: Account | undefined

  beforeEach(async () => {
    bench = await factorBench()
    ending = undefined
    const finishing = ['activate', 'changeApp', 'addNumber', 'insertDevice', 'replaceBackupCode']
    people = disturbedPeople(bench.store.people, {
      async before(rule) {
        if (!ending || !finishing.includes(rule)) return
        expect(await end(bench.store, ending, bench.now())).toBe(true)
        ending = undefined
      },
    })
  })
  afterEach(() => bench.close())

  /** Does it, and checks that nothing came of it but the end itself. */
  async function nothingComes(account: Account, act: () => Promise<{ ok: boolean }>) {
    const before = await asked(bench.store.people).listAuthenticators(account.id)
    await bench.told()
    bench.events.length = 0
    if (early) expect(await end(bench.store, account, bench.now())).toBe(true)
    else ending = account
    const answer = await act()
    expect(answer.ok).toBe(false)
    expect((await bench.again(account)).epoch).toBe(account.epoch + 1)
    expect(await asked(bench.store.people).listAuthenticators(account.id)).toEqual(before)
    expect(await bench.told()).toEqual([])
    expect(detailsOf(bench.events, 'factor.enrolled')).toEqual([])
    return answer
  }

  test.each([
    ['the first app', false],
    ['an app in the place of all that was lost', true],
  ])('%s is not turned on in the wizard', async (_what, lost) => {
    const account = lost ? (await bench.enrolled()).account : await bench.person()
    const wizard = enrollments({ ...bench.common, people })
    const requester = { account, session: 's', proven: lost, holding: {}, source: SOURCE }
    if (lost) await wizard.go(requester, { stage: 'app', replacesAll: true })
    const { secret = '' } = await wizard.choose(requester, 'other')
    const backup = await asked(bench.store.people).findBackupCode(account.id)
    const answer = await nothingComes(account, () => wizard.confirm(requester, bench.code(secret)))
    expect(answer).toEqual({ ok: false, reason: 'not-allowed' })
    expect(await asked(bench.store.people).findBackupCode(account.id)).toEqual(backup)
    expect((await bench.again(account)).enrolledAt).toBe(account.enrolledAt)

    // What a copy of the session has seen is worth nothing afterwards either.
    const fresh = { ...requester, account: await bench.again(account) }
    expect(await wizard.find(fresh)).toBeUndefined()
    expect(await wizard.confirm(fresh, bench.code(secret))).toEqual({ ok: false, reason: 'expired' })
    expect((await wizard.choose(fresh, 'other')).secret).not.toBe(secret)
  })

  test.each([
    ['one more app', false],
    ['a new phone in the place of the old one', true],
  ])('%s does not come in the settings', async (_what, moves) => {
    const { account, app } = await bench.enrolled()
    const apps = newApps({ ...bench.common, people })
    const requester = { account, session: 's', source: SOURCE }
    const begun = await apps.begin(requester, moves ? app : undefined)
    const secret = begun.ok ? begun.app.secret : ''
    const answer = await nothingComes(account, () => apps.confirm(requester, bench.code(secret)))
    expect(answer).toEqual({ ok: false, reason: 'gone' })
  })

  test('a number does not come in the settings, though its code is right', async () => {
    const { account } = await bench.enrolled()
    const { sms, sent } = bench.texting({}, people)
    const numbers = newNumbers({ ...bench.common, sms })
    const requester = { account, session: 's', source: SOURCE }
    await numbers.send(requester, '06 4444 0001', 'NL')
    const answer = await nothingComes(account, () => numbers.confirm(requester, sent()))
    expect(answer).toEqual({ ok: false, reason: 'wrong-code' })
  })

  test('a number does not come in the wizard either', async () => {
    const { account } = await bench.enrolled()
    const { sms, sent } = bench.texting({}, people)
    await sms.sendToNew(account, 's', '06 4444 0001', 'NL', SOURCE)
    await nothingComes(account, () => sms.add(account, 's', sent(), SOURCE))
  })

  test('D-07: the browser is not remembered, and nobody is told that it is', async () => {
    const { account } = await bench.enrolled()
    const devices = rememberedDevices({ ...bench.common, people })
    const remember = () => devices.remember(account, { method: 'totp', agent: 'Firefox', source: SOURCE })
    if (early) await end(bench.store, account, bench.now())
    else ending = account
    await remember()
    expect(await asked(bench.store.people).listDevices(account.id, bench.now())).toEqual([])
    expect(await bench.told()).toEqual([])
  })

  test('a backup code that the wizard makes takes the place of none', async () => {
    const { account, backupCode } = await bench.enrolled()
    const before = await asked(bench.store.people).findBackupCode(account.id)
    const wizard = enrollments({ ...bench.common, people })
    if (early) await end(bench.store, account, bench.now())
    else ending = account
    await wizard.renewBackup({ account, session: 's', proven: true, holding: {}, source: SOURCE })
    expect(await asked(bench.store.people).findBackupCode(account.id)).toEqual(before)
    expect(await bench.told()).toEqual([])
    const answer = { account, method: 'backup', code: backupCode, sitting: 's', session: 's', source: SOURCE } as const
    expect(await bench.challenges.answer(answer, ['backup'])).toMatchObject({ ok: true })
  })

  test('G-11: an e-mail address does not change, though its code is right', async () => {
    const parts = accountParts()
    const sanne = await parts.person('sanne@sigma.example')
    const code = await mailedCode(parts, owner(sanne), 'email', 'thief@elsewhere.example')
    const ended = async () => expect(await end(parts.store, sanne, parts.now())).toBe(true)
    if (early) await ended()
    const before = (rule: string) => (!early && rule === 'changeEmail' ? ended() : undefined)
    const late = addresses({ ...parts, people: disturbedPeople(parts.people, { before }) })
    expect(await late.confirm(owner(sanne), 'email', code)).toEqual({ ok: false, reason: 'wrong-code' })
    expect(await parts.account(sanne.id)).toMatchObject({ email: sanne.email, previousEmail: undefined, epoch: 1 })
    expect(await asked(parts.store.people).listEmailUndos(sanne.id, parts.now())).toEqual([])
    expect(told(await parts.mails())).toEqual([])
    expect(parts.events.filter(({ outcome }) => outcome === 'ok')).toEqual([])
    await parts.close()
  })
})
