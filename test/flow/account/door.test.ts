/** The door to the house's own pages: nobody comes in but through the dispatcher, and a session that ended is outside. */
import { beforeAll, describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, open, settled, told } from '../../support/app/settings.ts'
import { PASSKEY_PAGES } from '../../support/people/own-passkeys.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press } from '../../support/people/second-factor.ts'
import { authorize } from '../../support/people/second-factor-attack.ts'
import { kept, PAGES, TYPED } from '../../support/people/settings-forms.ts'
import { due, nextCode, obligeAll, reopen, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { withoutRandom } from '../../support/runner/random.ts'

const now = () => Date.now()

clockOfAllTests()

const app = forAllTests(startApp)

/** Somebody with a password, signed in to the settings. */
async function visitor(): Promise<Someone> {
  const who = await somebody(app)
  await open(app, who, '/account')
  return who
}

describe('coming in', () => {
  test('a stranger is asked to sign in and then sees their own settings', async () => {
    const who = await somebody(app)
    expect(await open(app, who, '/account')).toEqual(['password'])
    expect(at(who.browser)).toBe('/account')
    expect(who.browser.page.html).toContain(who.email)
  })

  test('the page that was asked for is the one that one ends at', async () => {
    const who = await somebody(app)
    expect(await open(app, who, '/account/language')).toEqual(['password'])
    expect(at(who.browser)).toBe('/account/language')
  })

  test('someone signed in to an application in this browser comes in without a page', async () => {
    const who = await somebody(app)
    await who.browser.visit(`${app.portalOrigin}/login`)
    await obligeAll(who)
    expect(await open(app, who, '/account')).toEqual([])
    expect(at(who.browser)).toBe('/account')
  })

  test('a session that got a new id elsewhere is the same one: no page comes in between', async () => {
    const who = await visitor()
    await who.browser.visit(authorize(app, 'portal', { prompt: 'login' }))
    expect(await obligeAll(who)).toEqual(['password'])
    expect(await open(app, who, '/account')).toEqual([])
    expect(at(who.browser)).toBe('/account')
  })

  test('whoever cancels without being signed in is sent to the front door', async () => {
    const { browser } = await somebody(app)
    await browser.visit(`${app.origin}/account`)
    await browser.submit({ action: 'cancel' })
    expect(at(browser)).toBe('/')
  })

  test('RDV-03 D-03 a remembered device opens an application, and not the settings', async () => {
    const who = elsewhere(await settled(app, now))
    const { browser, email } = who
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email, password: PASSWORD })
    await press(browser, 'verify', { code: nextCode(who), remember: 'yes' })
    reopen(who)
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email, password: PASSWORD })
    expect(browser.page.url).toBe(`${app.portalOrigin}/`)
    expect(await open(app, who, '/account')).toEqual(['code'])
    expect(at(browser)).toBe('/account')
  })
})

test('the day by which everyone must have a second factor closes the settings to whoever came without', async () => {
  const deadline = Date.now() + 30 * MINUTE
  const campaign = { everyone: { start: '2020-01-01', deadline: new Date(deadline).toISOString() } }
  const strict = await startApp({ settings: { twoStep: { campaign } } })
  const who = await somebody(strict)
  await who.browser.visit(`${strict.origin}/account`)
  expect(await obligeAll(who)).toEqual(['password', 'offer'])
  expect(at(who.browser)).toBe('/account')
  pass(31 * MINUTE)
  await who.browser.visit(`${strict.origin}/account`)
  // Not in a session that somebody may have found open.
  expect(due(who.browser)).toBe('password')
  expect(await obligeAll(who)).toEqual(['password', 'enroll'])
  expect([at(who.browser), who.browser.page.status]).toEqual(['/account', 200])
  await strict.stop()
})

describe('A-03 with the password alone of someone who has an app', () => {
  let who: Someone
  beforeAll(async () => {
    who = await settled(app, now)
  })

  test.each(['/account', ...PAGES, ...PASSKEY_PAGES, '/account/two-step', '/account/apps/scan', '/account/phone/code'])(
    '%s asks for the code first, and says nothing personal before it',
    async (path) => {
      const { browser } = elsewhere(who)
      const address = app.origin + path.replace('{id}', 'x')
      await browser.visit(`${app.portalOrigin}/login`)
      await browser.submit({ email: who.email, password: PASSWORD })
      expect(due(browser)).toBe('code')
      await browser.visit(address)
      expect(due(browser)).toBe('code')
      for (const personal of ['Sanne', 'Bakkerij']) expect(withoutRandom(browser.page.html)).not.toContain(personal)
      // A form that somebody made up, with a token of this browser.
      const before = await kept(app, who)
      const { status } = await browser.post(address, { ...TYPED, csrf: browser.forms()[0]?.fields.csrf ?? '' })
      expect([due(browser), status]).toEqual(status === 404 ? [undefined, 404] : ['code', 200])
      expect(await kept(app, who)).toEqual(before)
    },
  )
})

describe('a session that ended', () => {
  async function signOut({ browser }: Someone): Promise<void> {
    await browser.visit(`${app.origin}/session/end`)
    await browser.submit({ logout: 'yes' })
  }

  test('I-07 after signing out the cookies of before, in a copy, open nothing', async () => {
    const who = await visitor()
    const copy = who.browser.copy()
    await signOut(who)
    for (const browser of [who.browser, copy])
      for (const path of ['/account', '/account/password', '/account/data', '/admin']) {
        await browser.visit(app.origin + path)
        expect(due(browser), path).toBe('password')
        for (const personal of ['Sanne', 'Bakkerij']) expect(withoutRandom(browser.page.html)).not.toContain(personal)
      }
  })

  test('I-07 pages of before are not kept by the browser', async () => {
    const { browser } = await visitor()
    for (const path of ['/account', '/account/password', '/account/data']) {
      await browser.visit(app.origin + path)
      expect(browser.page.headers.get('cache-control')).toBe('no-store')
    }
  })

  test.each<[string, (who: Someone) => Promise<unknown>]>([
    ['signed out in another tab', signOut],
    ['ended from another browser', ({ email }) => endFromElsewhere(email)],
    ['left alone for an hour', async () => pass(HOUR + 10_000)],
  ])('a form that is posted when the session was %s changes nothing, and is there again', async (_how, end) => {
    const who = await visitor()
    await open(app, who, '/account/language')
    const page = who.browser.page
    await end(who)
    const before = await kept(app, who)
    who.browser.page = page
    await who.browser.submit({ locale: 'nl' })
    expect(due(who.browser)).toBe('password')
    expect(await kept(app, who)).toEqual(before)
    expect(await obligeAll(who)).toEqual(['password'])
    expect(at(who.browser)).toBe('/account/language')
    await who.browser.submit({ locale: 'nl' })
    expect([at(who.browser), told(who.browser)]).toEqual(['/account', expect.stringMatching(/./)])
  })

  async function endFromElsewhere(email: string): Promise<void> {
    const other: Someone = { email, browser: new Person(), enrolled: undefined }
    await open(app, other, '/account/sign-out-everywhere')
    await other.browser.submit()
  }
})

describe('how long a session lives', () => {
  test('use of the settings keeps it alive, for applications too, until its absolute end', async () => {
    const who = await visitor()
    await who.browser.visit(`${app.portalOrigin}/login`)
    for (let time = 1; time <= 15; time += 1) {
      pass(45 * MINUTE)
      expect(await open(app, who, '/account'), `${time} times 45 minutes`).toEqual([])
    }
    await who.browser.visit(`${app.portalOrigin}/login`)
    expect(who.browser.page.url).toBe(`${app.portalOrigin}/`)
    pass(45 * MINUTE)
    await who.browser.visit(`${app.origin}/account`)
    expect(due(who.browser)).toBe('password')
    await who.browser.visit(`${app.portalOrigin}/login`)
    expect(due(who.browser)).toBe('password')
  })

  test('I-05 without use it ends after an hour', async () => {
    const who = await visitor()
    pass(59 * MINUTE)
    expect(await open(app, who, '/account')).toEqual([])
    pass(61 * MINUTE)
    await who.browser.visit(`${app.origin}/account`)
    expect(due(who.browser)).toBe('password')
  })
})

describe('cookies that are not ours', () => {
  test('of another installation, cut, changed, of another page, empty: the way leads through the sign-in', async () => {
    const who = await visitor()
    const elsewhere = await startApp()
    const stranger = await somebody(elsewhere)
    await open(elsewhere, stranger, '/account')
    await elsewhere.stop()
    const ours = who.browser.cookie('sigma-account') ?? ''
    const session = who.browser.cookie('sigma-session') ?? ''
    const values = [
      stranger.browser.cookie('sigma-account') ?? '',
      ours.slice(1),
      ours.slice(0, -2),
      `${ours}A`,
      session,
      '{"session":"x","seen":1}',
      'null',
      '%00',
      'x'.repeat(3000),
    ]
    for (const value of values) {
      const thief = new Person()
      for (const name of ['sigma-account', 'sigma-admin', 'sigma-account-trip'])
        thief.cookies.push({ name, value, host: 'localhost', path: '/' })
      for (const path of ['/account', '/admin']) {
        await thief.visit(app.origin + path)
        expect([due(thief), thief.page.status], value.slice(0, 20)).toEqual(['password', 200])
      }
    }
  })

  test('ours under the name of administration opens no administration', async () => {
    const who = await settled(app, now)
    const thief = new Person()
    const value = who.browser.cookie('sigma-account') ?? ''
    thief.cookies.push({ name: 'sigma-admin', value, host: 'localhost', path: '/' })
    await thief.visit(`${app.origin}/admin`)
    expect(due(thief)).toBe('password')
  })
})
