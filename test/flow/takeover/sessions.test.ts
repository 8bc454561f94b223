/**
 * What somebody has ended stays ended: a session against a request that is under way in it, factors and remembered devices
 * against two changes at once and against a crash, an application against a second click.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import type { RunningApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, link, open, send, settled, told } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { PASSWORD, press } from '../../support/people/second-factor.ts'
import { authorize, codesOf, errorOf, startTwoStep } from '../../support/people/second-factor-attack.ts'
import {
  addApp,
  addNumber,
  beginApp,
  beginEmail,
  beginNumber,
  changePassword,
  confirmApp,
  confirmEmail,
  confirmNumber,
  NEXT_PASSWORD,
  remove,
  removeNumber,
  renewBackupCode,
} from '../../support/people/settings-changes.ts'
import { due, nextCode, obligeAll, type Someone } from '../../support/people/step-up.ts'
import { disturbance, during, factorsOf, remembered, resetByMail } from '../../support/people/takeover.ts'

const store = disturbance()
let app: RunningApp

clockOfAllTests()

beforeAll(async () => {
  app = await startTwoStep({ instrument: store.instrument, settings: { twoStep: { sms: { countries: ['NL'] } } } })
})
afterAll(() => app.stop())

const someone = () => settled(app, () => Date.now())

async function accountOf({ email }: Someone) {
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account) throw new Error(`nobody is ${email}`)
  return account
}

describe('3 a session that its owner ends elsewhere, while a request of it is about to write it back', () => {
  type Request = (other: Someone) => Promise<unknown>
  /** Each writes the session last of all. */
  const REQUESTS: Record<string, Request> = {
    'an authorization': ({ browser }) => browser.visit(authorize(app, 'payroll', { prompt: 'none' })),
    async 'the end of a step-up, which gives it a new id'(other) {
      await press(other.browser, 'verify', { code: nextCode(other) })
    },
    'the settings, which prolong it': ({ browser }) => browser.visit(`${app.origin}/account`),
  }
  /** Where the one button is; there is no other session to end than the other one. */
  const ENDINGS: Record<string, RegExp> = {
    'sign out everywhere': /^\/account\/sign-out-everywhere$/,
    'end one session': /^\/account\/sessions\/[^/]+\/end$/,
  }
  const rows = Object.keys(ENDINGS).flatMap((end) => Object.keys(REQUESTS).map((request) => [end, request] as const))

  test.each(rows)('%s against %s', async (end, name) => {
    const owner = await someone()
    const other = elsewhere(owner)
    await open(app, other, '/account')
    pass(6 * MINUTE)
    if (name.includes('step-up')) await other.browser.visit(authorize(app, 'payroll', { mfa_max_age: '1' }))
    await open(app, owner, '/account')
    await owner.browser.visit(app.origin + link(owner.browser, ENDINGS[end] ?? /^$/))
    expect(due(other.browser)).toBe(name.includes('step-up') ? 'code' : undefined)

    const before = other.browser.cookie('sigma-session')
    await during(
      store.hold(name.includes('step-up') ? 'renameArtifact' : 'replaceArtifact', 'Session'),
      async () => REQUESTS[name]?.(other),
      () => owner.browser.submit(),
    )
    // Not written back, under its old id or a new one.
    expect(other.browser.cookie('sigma-session')).toBe(before)

    const codes = codesOf(other.browser).length
    await other.browser.visit(authorize(app, 'payroll', { prompt: 'none' }))
    expect([errorOf(other.browser), codesOf(other.browser).length - codes]).toEqual(['login_required', 0])
    for (const path of ['/account', '/account/password']) {
      await other.browser.visit(app.origin + path)
      expect(due(other.browser)).toBe('password')
    }
  })
})

describe('4 of two apps, two sessions remove one each at once', () => {
  async function twoApps(): Promise<{ owner: Someone; ids: string[] }> {
    const owner = await someone()
    await addApp(app, owner)
    const ids = (await app.core.factors.overview(await accountOf(owner))).apps.map(({ id }) => id)
    expect(ids).toHaveLength(2)
    return { owner, ids }
  }

  async function leftOver(owner: Someone): Promise<unknown> {
    return [await factorsOf(app, owner), (await accountOf(owner)).enrolledAt !== undefined]
  }

  test('in the port: one goes, one stays, and two-step verification is on', async () => {
    const { owner, ids } = await twoApps()
    const account = await accountOf(owner)
    const source = { ip: '192.0.2.1', correlation: 'TEST' }
    const removed = await Promise.all(ids.map((id) => app.core.factors.remove(account, id, { off: false }, source)))
    expect(removed.map((one) => one.ok || one.reason).sort()).toEqual(['last', true])
    expect(await leftOver(owner)).toEqual([['totp', 'backup'], true])
  })

  test('through the pages', async () => {
    const { owner, ids } = await twoApps()
    const other = elsewhere(owner)
    await open(app, other, '/account')
    const [one, two] = ids.map((id) => `${app.origin}/account/apps/${id}/remove`) as [string, string]
    await owner.browser.visit(one)
    await other.browser.visit(two)
    expect([at(owner.browser), at(other.browser)]).toEqual([one, two].map((address) => new URL(address).pathname))
    await during(
      store.hold('removeAuthenticator'),
      () => owner.browser.submit(),
      () => other.browser.submit(),
    )
    expect(await leftOver(owner)).toEqual([['totp', 'backup'], true])
    await obligeAll(other)
    expect(told(other.browser)).toContain('The app is removed.')
  })
})

describe('5 the process dies between a change and the end of the rest: a remembered device asks for a code', () => {
  /** Of one that is made in another browser: the status of its answer. */
  type Change = (who: Someone) => Promise<unknown>
  const changes: Array<[string, before: Change, last: Change, password?: string]> = [
    ['change of password', async () => undefined, (who) => changePassword(app, who), NEXT_PASSWORD],
    ['new password by mail', async () => undefined, (who) => resetByMail(app, who), NEXT_PASSWORD],
    ['change of e-mail address', (who) => beginEmail(app, who), (who) => confirmEmail(app, who)],
    ['new app', (who) => beginApp(app, who), (who) => confirmApp(app, who)],
    ['app less', (who) => addApp(app, who), (who) => remove(app, who)],
    ['new number', (who) => beginNumber(app, who), (who) => confirmNumber(app, who)],
    ['number less', (who) => addNumber(app, who), (who) => removeNumber(app, who)],
    [
      'new backup code',
      async () => undefined,
      // The code is on the page that never came.
      (who) => renewBackupCode(app, who).catch(() => undefined),
    ],
    ['sign-out everywhere', async () => undefined, (who) => send(app, who, '/account/sign-out-everywhere')],
  ]

  test.each(changes)('%s', async (_what, before, last, password = PASSWORD) => {
    const owner = await someone()
    await open(app, owner, '/account')
    await before(owner)
    const known = await remembered(app, owner)
    const { id } = await accountOf(owner)
    store.fail('removeArtifactsByAccount')
    const status = await last(owner)
    expect(typeof status === 'number' ? status : owner.browser.page.status).toBe(500)
    const email = (await asked(app.core.store.durable.people).findAccount(id))?.email ?? ''
    await known.browser.visit(`${app.portalOrigin}/login`)
    await known.browser.submit({ email, password })
    expect(due(known.browser)).toBe('code')
  })
})

describe('11 an application that was removed', () => {
  test('is listed no more; to remove it again says so, and nobody is told twice', async () => {
    const owner = await someone()
    await owner.browser.visit(`${app.portalOrigin}/login`)
    await open(app, owner, '/account')
    const remove = link(owner.browser, /^\/account\/applications\/portal\/remove$/)
    await owner.browser.visit(app.origin + remove)
    const tab = owner.browser.copy()
    await owner.browser.submit()
    expect(told(owner.browser)).toBe('The application no longer has access.')
    await owner.browser.visit(`${app.origin}/account`)
    expect(owner.browser.page.html).not.toContain(remove)
    const again = told(owner.browser)
    await tab.submit()
    expect([at(tab), told(tab), told(tab) === again]).toEqual([
      '/account',
      expect.stringMatching(/nothing was done/),
      false,
    ])
    await owner.browser.visit(app.origin + remove)
    expect(at(owner.browser)).toBe('/account')
    const mails = (await app.inbox()).filter(({ to, text }) => to === owner.email && text?.includes('Sigma Portal'))
    expect(mails.map(({ subject }) => subject)).toHaveLength(1)
  })
})

describe('15 mfa_max_age without acr_values', () => {
  test('is not answered by a remembered device', async () => {
    const known = await remembered(app, await someone())
    await known.browser.visit(authorize(app))
    await known.browser.submit({ email: known.email, password: PASSWORD })
    expect(due(known.browser)).toBeUndefined()
    const codes = codesOf(known.browser).length
    await known.browser.visit(authorize(app, 'payroll', { mfa_max_age: '36000' }))
    expect([due(known.browser), codesOf(known.browser).length]).toEqual(['code', codes])
    await known.browser.visit(authorize(app, 'payroll', { mfa_max_age: '36000', prompt: 'none' }))
    expect(errorOf(known.browser)).toBe('interaction_required')
  })
})
