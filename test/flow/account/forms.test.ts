/**
 * Forms of the settings: only from our own page, in this browser, made for the account that is signed in now (SECURITY
 * SES-06). A browser may have seen two people; what one of them left open is not sent as the other.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { emailKey } from '../../../src/person/account.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, open, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { authorize } from '../../support/people/second-factor-attack.ts'
import { everything, kept, openPage, PAGES, TYPED } from '../../support/people/settings-forms.ts'
import { due, obligeAll, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const now = () => Date.now()

clockOfAllTests()

const app = forAllTests(startApp)

/** Addresses that take a form besides those that PAGES begin. */
const STEPS = [
  '/account/email/code',
  '/account/notice-address/code',
  '/account/phone/code',
  '/account/apps/scan',
  '/account/apps/code',
  '/account/backup-code/saved',
]

/** The form on the page, with some of its fields changed or left out (undefined). */
async function sendChanged({ browser }: Someone, changes: Record<string, string | undefined>): Promise<number> {
  const fields = { ...browser.forms()[0]?.fields, ...TYPED, ...changes }
  const sent = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  return (await browser.copy().request('POST', browser.page.url, new URLSearchParams(sent))).status
}

describe('E-04 J-14', () => {
  let who: Someone
  let others: Someone[]
  let stranger: Someone
  beforeAll(async () => {
    ;({ who, others } = await everything(app))
    stranger = await somebody(app)
    await open(app, stranger, '/account/language')
  })

  /** A fresh code, and the sessions elsewhere used. */
  async function refresh(): Promise<void> {
    pass(10 * MINUTE)
    for (const { browser } of others) await browser.visit(`${app.portalOrigin}/login`)
    await open(app, who, '/account/password')
  }

  test.each(PAGES)('%s: a form without the token of this browser, or of another account, is refused', async (page) => {
    await refresh()
    const path = await openPage(app, who, page)
    expect(at(who.browser)).toBe(path)
    const theirs = stranger.browser.forms()[0]?.fields
    const before = await kept(app, who)
    for (const csrf of [undefined, '', 'x', theirs?.csrf, who.browser.cookie('sigma-form')])
      expect(await sendChanged(who, { csrf }), `csrf ${csrf}`).toBe(403)
    for (const account of [undefined, '', 'x', theirs?.for, who.email])
      expect(await sendChanged(who, { for: account }), `for ${account}`).toBe(403)
    expect(await kept(app, who)).toEqual(before)
  })

  test.each(STEPS)('%s: the same', async (path) => {
    await refresh()
    await open(app, who, '/account/language')
    who.browser.page = { ...who.browser.page, url: app.origin + path }
    const before = await kept(app, who)
    for (const changes of [{ csrf: undefined }, { csrf: 'x' }, { for: undefined }, { for: 'x' }])
      expect(await sendChanged(who, changes), JSON.stringify(changes)).toBe(403)
    expect(await kept(app, who)).toEqual(before)
  })

  test('a form that another site sends is refused, with everything right in it', async () => {
    await refresh()
    await openPage(app, who, '/account/language')
    const body = new URLSearchParams({ ...who.browser.forms()[0]?.fields, locale: 'nl' })
    const from: Array<Record<string, string>> = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of from)
      expect((await who.browser.copy().request('POST', who.browser.page.url, body, headers)).status).toBe(403)
  })

  test('reading changes nothing: the fields of a form in the address are a page', async () => {
    await refresh()
    for (const page of [...PAGES, ...STEPS]) {
      await openPage(app, who, page)
      const before = await kept(app, who)
      const query = new URLSearchParams({ ...who.browser.forms()[0]?.fields, ...TYPED, step: 'code' })
      await who.browser.visit(`${who.browser.page.url}?${query}`)
      expect(who.browser.page.status, page).toBeLessThan(500)
      expect(await kept(app, who), page).toEqual(before)
    }
  })
})

describe('two people in one browser', () => {
  /** Signs the other one in, in the browser of the first, as an application that lets people choose would. */
  async function joins(first: Someone, other: Someone): Promise<Someone> {
    const joined = { ...other, browser: first.browser }
    await joined.browser.visit(authorize(app, 'portal', { prompt: 'login' }))
    await joined.browser.submit({ email: other.email, password: 'vier losse woorden samen' })
    if (joined.browser.page.html.includes('/session/end/confirm')) await joined.browser.submit()
    await obligeAll(joined)
    return joined
  }

  async function sessions(email: string): Promise<number> {
    const account = await asked(app.core.store.durable.people).findAccountByEmail(emailKey(email))
    return account ? (await app.core.sessions.list(account.id)).length : 0
  }

  test.each<[string, () => Promise<Someone>]>([
    ['without', () => somebody(app)],
    ['with', () => settled(app, now)],
  ])('I-02 I-06 the settings are those of whoever is signed in now, %s an app', async (_with, make) => {
    const anna = await somebody(app)
    await open(app, anna, '/account')
    const joris = await joins(anna, await make())
    expect(await open(app, joris, '/account')).toEqual([])
    expect(joris.browser.page.html).toContain(joris.email)
    expect(joris.browser.page.html).not.toContain(anna.email)
    expect(await sessions(anna.email)).toBe(0)
  })

  test.each(PAGES.filter((page) => !page.includes('{id}') && !/devices|remove|phone|backup|apps/.test(page)))(
    'I-02 %s: a form that the first left open is not sent as the second',
    async (page) => {
      const anna = await somebody(app)
      await open(app, anna, page)
      const left = anna.browser.page
      expect(at(anna.browser)).toBe(page)
      const joris = await joins(anna, await somebody(app))
      await open(app, joris, '/account')
      const before = [await kept(app, anna), await kept(app, joris)]
      joris.browser.page = left
      await joris.browser.submit(TYPED)
      expect(joris.browser.page.status).toBe(403)
      expect([await kept(app, anna), await kept(app, joris)]).toEqual(before)
    },
  )

  test('I-06 a factor that the first began to set up is not finished by the second', async () => {
    const anna = await settled(app, now)
    await open(app, anna, '/account/apps/new')
    await anna.browser.submit()
    expect(at(anna.browser)).toBe('/account/apps/scan')
    const joris = await joins(anna, await settled(app, now))
    await open(app, joris, '/account/apps/scan')
    expect(at(joris.browser)).toBe('/account')
    await open(app, joris, '/account/apps/code')
    expect(at(joris.browser)).toBe('/account')
  })

  test('I-06 cookies of the first in another browser open nothing any more', async () => {
    const anna = await somebody(app)
    await open(app, anna, '/account')
    const copy = anna.browser.copy()
    await joins(anna, await somebody(app))
    await copy.visit(`${app.origin}/account`)
    expect(due(copy)).toBe('password')
    const sealed = new Person()
    sealed.cookies = copy.cookies.filter(({ name }) => name === 'sigma-account')
    await sealed.visit(`${app.origin}/account`)
    expect(due(sealed)).toBe('password')
  })
})
