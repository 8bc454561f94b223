/** The door to administration (SECURITY ADM-01): a role, an app, and not long ago. */
import { beforeAll, describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { emailKey } from '../../../src/person/account.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { administrator, at, elsewhere, open, settled } from '../../support/app/settings.ts'
import { sql } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press } from '../../support/people/second-factor.ts'
import { smsCode } from '../../support/people/second-factor-attack.ts'
import { addNumber, renewBackupCode } from '../../support/people/settings-changes.ts'
import { due, nextCode, obligeAll, reopen, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const now = () => Date.now()

clockOfAllTests()

const app = forAllTests(startApp)

async function idOf({ email }: Someone): Promise<string> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(emailKey(email)))?.id ?? ''
}

async function statusOf({ email }: Someone): Promise<string | undefined> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(emailKey(email)))?.status
}

const PAGES = ['', '/people', '/people?q=sanne', '/people/invite', '/cases', '/cases/12345678', '/audit']

describe('without a role', () => {
  let who: Someone
  beforeAll(async () => {
    who = await settled(app, now)
  })

  test.each(PAGES)('A-03 /admin%s is refused, and says nothing', async (page) => {
    await open(app, who, `/admin${page}`)
    expect(who.browser.page.status).toBe(403)
    expect(who.browser.page.html).not.toMatch(/sigma\.example|<form/)
  })

  test('A-03 a form is refused, with everything right in it that such a person can have', async () => {
    const target = await somebody(app)
    await open(app, who, '/account/language')
    const fields = who.browser.forms()[0]?.fields ?? {}
    for (const act of ['disable', 'sign-out', 'delete', 'data']) {
      await who.browser.post(`${app.origin}/admin/people/${await idOf(target)}/${act}`, fields)
      expect([due(who.browser), who.browser.page.status]).toEqual([undefined, 403])
    }
    expect(await statusOf(target)).toBe('active')
  })

  test('a role that is taken away closes the pages at the next request', async () => {
    const olga = await administrator(app, now, 'owner')
    expect(await open(app, olga, '/admin/people')).toEqual([])
    expect(olga.browser.page.status).toBe(200)
    sql(
      app,
      `UPDATE people SET record = json_set(record, '$.account.roles', json('[]')) WHERE record->>'$.account.emailKey' = ?`,
      emailKey(olga.email),
    )
    await open(app, olga, '/admin/people')
    expect(olga.browser.page.status).toBe(403)
  })
})

test('A-03 with the password alone of someone who has a role: the code first, and nothing of others before it', async () => {
  const olga = await administrator(app, now, 'owner')
  const target = await somebody(app)
  for (const page of [...PAGES, `/people/${await idOf(target)}`, `/people/${await idOf(target)}/disable`]) {
    const browser = new Person()
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email: olga.email, password: PASSWORD })
    await browser.visit(`${app.origin}/admin${page}`)
    expect(due(browser), page).toBe('code')
    expect(browser.page.html).not.toContain(target.email)
    await browser.post(`${app.origin}/admin${page}`, { csrf: browser.forms()[0]?.fields.csrf ?? '' })
    expect([due(browser), browser.page.status], page).toEqual(
      browser.page.status === 404 ? [undefined, 404] : ['code', 200],
    )
  }
  expect(await statusOf(target)).toBe('active')
})

describe('P-01 what is proven otherwise than by the app', () => {
  let olga: Someone
  beforeAll(async () => {
    olga = await administrator(app, now, 'owner')
    await open(app, olga, '/account')
    await addNumber(app, olga)
    await renewBackupCode(app, olga)
  })

  /** Signed in at the portal, by another way than the app. */
  async function signedInBy(method: 'sms' | 'backup'): Promise<Person> {
    const browser = new Person()
    pass(MINUTE)
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email: olga.email, password: PASSWORD })
    await browser.visit(`${browser.page.url}/challenge/${method}`)
    if (method === 'sms') await press(browser, 'send')
    const code = method === 'sms' ? await smsCode(app) : (olga.enrolled?.backupCode ?? '')
    await press(browser, 'verify', { code })
    if (method === 'backup') await press(browser, 'kept')
    if (method === 'backup') await press(browser, 'saved', { saved: 'yes' })
    expect(browser.page.url).toBe(`${app.portalOrigin}/`)
    return browser
  }

  test.each(['sms', 'backup'] as const)('%s: does not open administration, the app does', async (method) => {
    const browser = await signedInBy(method)
    await browser.visit(`${app.origin}/admin`)
    expect(due(browser)).toBe('code')
    expect(await obligeAll(elsewhere(olga, browser))).toEqual(['code'])
    expect([at(browser), browser.page.status]).toEqual(['/admin', 200])
  })

  test.each(['sms', 'backup', 'temporary'])('%s: is not offered at its door, nor taken', async (method) => {
    const browser = new Person()
    await browser.visit(`${app.origin}/admin`)
    await browser.submit({ email: olga.email, password: PASSWORD })
    const door = browser.page.url
    const messages = (await app.inbox()).length
    await browser.visit(`${door}/challenge/${method}`)
    expect(due(browser)).toBe('code')
    const fields = browser.forms()[0]?.fields ?? {}
    await browser.post(`${door}/challenge/${method}`, { ...fields, step: 'send' })
    await browser.post(`${door}/challenge/${method}`, { ...fields, step: 'verify', code: '123456' })
    expect(due(browser)).toBe('code')
    expect(await app.inbox()).toHaveLength(messages)
    await browser.visit(`${door}/challenge/methods`)
    expect(browser.page.html).not.toContain(`/challenge/${method}"`)
  })

  test('a right temporary access code', async () => {
    const locked = await administrator(app, now, 'help-desk')
    const source = { ip: '192.0.2.1', correlation: 'x' }
    const { recovery, store } = app.core
    const account = await asked(store.durable.people).findAccount(await idOf(locked))
    if (!account) throw new Error('nobody')
    const filed = await recovery.request(account, 'by phone', source)
    if (!filed.ok) throw new Error(filed.reason)
    const common = { number: filed.number, to: 'issued', check: 'call-back', note: '', actor: undefined } as const
    const issued = await recovery.decide({ ...common, source: undefined })
    if (!issued.ok) throw new Error(issued.reason)
    const browser = new Person()
    await browser.visit(`${app.origin}/admin`)
    await browser.submit({ email: locked.email, password: PASSWORD })
    const door = browser.page.url
    const fields = browser.forms()[0]?.fields ?? {}
    // No way is left to this person that counts here, and the code is none: it would lead into setting up an app.
    await browser.post(`${door}/challenge/temporary`, { ...fields, step: 'verify', code: issued.code ?? '' })
    expect(browser.forms()[0]?.action).toMatch(/\/challenge\/none$/)
    await browser.visit(`${app.origin}/admin`)
    expect(browser.forms()[0]?.action).toMatch(/\/challenge\/none$/)
  })

  test('a remembered device', async () => {
    const browser = new Person()
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email: olga.email, password: PASSWORD })
    await press(browser, 'verify', { code: nextCode(olga), remember: 'yes' })
    reopen({ ...olga, browser })
    await browser.visit(`${app.origin}/admin`)
    await browser.submit({ email: olga.email, password: PASSWORD })
    expect(due(browser)).toBe('code')
  })
})

describe('how long it stays open', () => {
  test('ADM-01 while it is used every fourteen minutes; after sixteen without use the code is asked for', async () => {
    const olga = await administrator(app, now, 'owner')
    for (const _ of [1, 2, 3]) {
      pass(14 * MINUTE)
      expect(await open(app, olga, '/admin')).toEqual([])
    }
    pass(16 * MINUTE)
    expect(await open(app, olga, '/admin/people')).toEqual(['code'])
    expect([at(olga.browser), olga.browser.page.status]).toEqual(['/admin/people', 200])
  })

  test('ADM-01 eight hours after the password it is asked for again, however much it was used', async () => {
    const olga = await administrator(app, now, 'owner')
    const began = Date.now()
    while (Date.now() - began + 14 * MINUTE <= 8 * HOUR) {
      pass(14 * MINUTE)
      expect(await open(app, olga, '/admin'), `${(Date.now() - began) / MINUTE} minutes`).toEqual([])
    }
    pass(began + 8 * HOUR + SECOND - Date.now())
    expect(await open(app, olga, '/admin')).toEqual(['password', 'code'])
    expect(at(olga.browser)).toBe('/admin')
  })

  test('ADM-01 an act takes a code of five minutes: with an older one nothing happens, and the page is there again', async () => {
    const olga = await administrator(app, now, 'owner')
    const target = await somebody(app)
    const path = `/admin/people/${await idOf(target)}/disable`
    pass(5 * MINUTE)
    expect(await open(app, olga, path)).toEqual([])
    pass(SECOND)
    await olga.browser.submit()
    expect(due(olga.browser)).toBe('code')
    expect(await statusOf(target)).toBe('active')
    expect(await obligeAll(olga)).toEqual(['code'])
    expect(at(olga.browser)).toBe(path)
    await olga.browser.submit()
    expect(await statusOf(target)).toBe('disabled')
  })

  test('I-04 an administrator who is disabled is out at the next request', async () => {
    const [olga, hanna] = [await administrator(app, now, 'owner'), await administrator(app, now, 'help-desk')]
    await open(app, olga, `/admin/people/${await idOf(hanna)}/disable`)
    await olga.browser.submit()
    await hanna.browser.visit(`${app.origin}/admin`)
    expect(due(hanna.browser)).toBe('password')
  })
})
