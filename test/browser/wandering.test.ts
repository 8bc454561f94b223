/**
 * People who come back to a page late, by **Back**, by reloading or in a second tab, in a browser: each row says what they
 * see before they are at their application, which is another site than ours. The rest of the table is
 * test/flow/{sign-in,links}/wandering.test.ts; the wizard by **Back** and in two tabs is two-step-wander.test.ts.
 */
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/lib/time.ts'
import type { Translate } from '../../src/render/texts.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchWithPageCache, PHONE, type Visitor, visitor } from '../support/browser/chromium.ts'
import { keyOnPage } from '../support/browser/two-step-visitor.ts'
import type { Locale } from '../support/browser/variants.ts'
import { record } from '../support/oidc/client-records.ts'
import { type RelyingParty, type Request, relyingParty, world } from '../support/oidc/relying-party.ts'
import { invite, organizationId } from '../support/people/organizations.ts'
import { codeOf, PASSWORD } from '../support/people/second-factor.ts'
import { type Someone, somebody, startsOf } from '../support/people/step-up.ts'
import { forAllTests } from '../support/runner/made.ts'

const OTHER = 'heel andere woorden gekozen'
const begin = { initiate_login_uri: '{apps}/begin' }

clockOfAllTests()
const all = forAllTests(() =>
  world({
    more: [
      record('heading', begin),
      record('stranger', { ...begin, first_party: false, scope: 'openid profile email' }),
      record('exacting', { ...begin, minimum_acr: 'mfa' }),
    ],
    settings: { throttle: { perAddress: 10_000, perNetwork: 10_000 } },
  }),
)
const parties = forAllTests(async () => ({
  heading: await relyingParty(all, 'heading'),
  stranger: await relyingParty(all, 'stranger'),
  exacting: await relyingParty(all, 'exacting'),
}))
const starts = forAllTests(async () => startsOf(all.app, await relyingParty(all, 'house')))
const browser = forAllTests(launchWithPageCache)

let open: Visitor[] = []
afterEach(async () => {
  for (const one of open) await one.close()
  open = []
})

type Looks = [locale: Locale, scripts: boolean, dark?: 'dark']

/** Somebody in front of a page, and the application that they are heading for. */
interface Wanderer extends Visitor {
  say: Translate
  request: Request
  party: RelyingParty
  press(key: string, at?: Page): Promise<void>
  fill(key: string, value: string, at?: Page): Promise<void>
  heading(key: string, at?: Page): Promise<void>
  signIn(email: string, password?: string): Promise<void>
  /** The page stays open for so long: cookies whose time is up are gone. */
  leave(milliseconds: number): Promise<void>
  /** At the application, which takes the code. */
  atApplication(at?: Page): Promise<void>
  /** At the application, where a sign-in begins. */
  atBeginning(at?: Page): Promise<void>
}

async function wanderer([locale, scripts, dark]: Looks): Promise<
  Visitor & Pick<Wanderer, 'say' | 'press' | 'fill' | 'heading' | 'leave'>
> {
  const one = await visitor(browser, {
    locale: locale === 'nl' ? 'nl-NL' : 'en-GB',
    javaScriptEnabled: scripts,
    ...(dark && { viewport: PHONE, isMobile: true, hasTouch: true, colorScheme: 'dark' as const }),
  })
  open.push(one)
  const { page, context } = one
  const say = all.app.core.templates.translate(locale)
  return {
    ...one,
    say,
    press: (key, at = page) => at.getByRole('button', { name: say(key), exact: true }).click(),
    fill: (key, value, at = page) => at.getByLabel(say(key), { exact: true }).fill(value),
    heading: (key, at = page) => at.getByRole('heading', { level: 1, name: say(key), exact: true }).waitFor(),
    async leave(milliseconds) {
      pass(milliseconds)
      for (const { name, expires } of await context.cookies())
        if (expires > 0 && expires * SECOND <= Date.now()) await context.clearCookies({ name })
    },
  }
}

async function heading(party: RelyingParty, looks: Looks, parameters: Record<string, string> = {}): Promise<Wanderer> {
  const one = await wanderer(looks)
  const { page, fill, press } = one
  const request = await party.request(parameters)
  await page.goto(request.url.href)
  return {
    ...one,
    party,
    request,
    async signIn(email, password = PASSWORD) {
      if (await page.getByLabel(one.say('field.email'), { exact: true }).isVisible()) await fill('field.email', email)
      await fill('login.password', password)
      await press('action.signIn')
    },
    async atApplication(at = page) {
      await at.waitForURL(/\/callback\?/)
      await party.redeem(at.url(), request)
    },
    atBeginning: (at = page) => at.waitForURL(/\/begin\?iss=/),
  }
}

function codeFor({ enrolled }: Someone): string {
  pass(31 * SECOND)
  return codeOf(enrolled?.key ?? '', Date.now())
}

async function answerCode(one: Wanderer, who: Someone, at = one.page): Promise<void> {
  await one.fill('code.digits', codeFor(who), at)
  await one.press('challenge.verify', at)
}

const WAYS: Array<[title: string, looks: Looks, go: (looks: Looks) => Promise<void>]> = [
  [
    'sign-in, 21 minutes: the password counts, and nobody notices',
    ['nl', true, 'dark'],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.heading, looks)
      await one.leave(21 * MINUTE)
      await one.signIn(email)
      await one.atApplication()
    },
  ],
  [
    'sign-in, 13 hours: a wrong password is refused on it, also when the answer is reloaded, and the right one counts',
    ['en', false],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.heading, looks)
      await one.leave(13 * HOUR)
      await one.signIn(email, 'not the password of anybody')
      const said = one.page.getByText(one.say('login.error.wrong-credentials'))
      await said.waitFor()
      await one.sound('wandering-1-refused')
      await one.page.reload()
      await said.waitFor()
      await one.signIn(email)
      await one.atApplication()
    },
  ],
  [
    'sign-in, Back from the application: the application begins',
    ['en', true],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.heading, looks)
      await one.signIn(email, 'not the password of anybody')
      await one.page.getByText(one.say('login.error.wrong-credentials')).waitFor()
      await one.signIn(email)
      await one.atApplication()
      await one.page.goBack()
      await one.atBeginning()
    },
  ],
  [
    'sign-in, second tab: the password counts in each, and both end at the application',
    ['nl', true],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.heading, looks)
      const tab = await one.context.newPage()
      const second = await parties.heading.request()
      await tab.goto(second.url.href)
      await one.signIn(email)
      await one.atApplication()
      await one.fill('field.email', email, tab)
      await one.fill('login.password', PASSWORD, tab)
      await one.press('action.signIn', tab)
      await tab.waitForURL(/\/callback\?/)
      await parties.heading.redeem(tab.url(), second)
    },
  ],
  [
    'second step, 13 hours: the password, then the code',
    ['nl', false],
    async (looks) => {
      const who = await starts.enrolled()
      const one = await heading(parties.exacting, looks)
      await one.signIn(who.email)
      await one.heading('challenge.title')
      await one.leave(13 * HOUR)
      await answerCode(one, who)
      await one.heading('login.title')
      await one.sound('wandering-2-password-again')
      await one.signIn(who.email)
      await answerCode(one, who)
      await one.atApplication()
    },
  ],
  [
    'second step, reloaded after 21 minutes, also after a wrong code: the code is asked for',
    ['en', true],
    async (looks) => {
      const who = await starts.enrolled()
      const one = await heading(parties.exacting, looks)
      await one.signIn(who.email)
      await one.fill('code.digits', '000000')
      await one.press('challenge.verify')
      await one.page.getByText(one.say('code.error.wrong-code')).waitFor()
      await one.leave(21 * MINUTE)
      await one.page.reload()
      await one.heading('challenge.title')
      await answerCode(one, who)
      await one.atApplication()
    },
  ],
  [
    'second step, Back and once more: the page that was left leads on, whatever is typed on it',
    ['en', true],
    async (looks) => {
      const who = await starts.enrolled()
      const one = await heading(parties.exacting, looks)
      await one.signIn(who.email)
      await one.heading('challenge.title')
      const tab = await one.context.newPage()
      await tab.goto(one.page.url())
      await answerCode(one, who)
      await one.atApplication()
      await answerCode(one, who, tab)
      await one.atBeginning(tab)
      await one.page.goBack()
      await one.atBeginning()
    },
  ],
  [
    'wizard, 13 hours: the password, and the code of the key that was scanned',
    ['nl', true, 'dark'],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.exacting, looks)
      await one.signIn(email)
      await one.press('enroll.offer.enable')
      await one.page.getByRole('button', { name: one.say('enroll.app.other') }).click()
      const key = await keyOnPage(one.page)
      await one.press('action.next')
      await one.leave(13 * HOUR)
      await one.fill('code.digits', codeOf(key, Date.now()))
      await one.press('action.next')
      await one.heading('login.title')
      await one.signIn(email)
      await one.fill('code.digits', codeOf(key, Date.now()))
      await one.press('action.next')
      await one.press('action.skip')
      await one.page.getByLabel(one.say('enroll.backup.saved')).check()
      await one.press('action.next')
      await one.press('enroll.done.continue')
      await one.atApplication()
    },
  ],
  [
    'wizard, 13 hours: who then puts it off is asked for the password, and for nothing more',
    ['en', false],
    async (looks) => {
      const dates = { start: Date.now() - DAY, deadline: Date.now() + 90 * DAY }
      await organizationId(all.app, 'Bakkerij Later', { campaign: dates })
      await all.app.follow()
      const { email } = await somebody(all.app, 'Bakkerij Later')
      const one = await heading(parties.heading, looks)
      await one.signIn(email)
      await one.heading('enroll.offer.title')
      await one.leave(13 * HOUR)
      await one.press('enroll.offer.later')
      await one.signIn(email)
      await one.atApplication()
    },
  ],
  [
    'consent, second tab: allowed in one, it is answered, and the other leads on',
    ['nl', true],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.stranger, looks)
      await one.signIn(email)
      const allow = one.page.getByRole('button', { name: one.say('consent.allow') })
      await allow.waitFor()
      const tab = await one.context.newPage()
      await tab.goto(one.page.url())
      await one.press('consent.allow', tab)
      await one.atApplication(tab)
      await allow.click()
      await one.atBeginning()
    },
  ],
  [
    'consent, 21 minutes: **Cancel** is what the application is told',
    ['en', false],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.stranger, looks)
      await one.signIn(email)
      await one.page.getByRole('button', { name: one.say('consent.allow') }).waitFor()
      await one.leave(21 * MINUTE)
      await one.press('action.cancel')
      await one.page.waitForURL(/\/callback\?.*error=access_denied/)
    },
  ],
  [
    'forgotten password, 13 hours: the link has had its time, a new one leads to the application',
    ['nl', true, 'dark'],
    async (looks) => {
      const { email } = await somebody(all.app)
      const one = await heading(parties.heading, looks)
      await one.signIn(email, 'not the password of anybody')
      await one.page.getByRole('link', { name: one.say('login.forgot') }).click()
      await one.heading('reset.title')
      expect(await one.page.getByLabel(one.say('field.email')).inputValue()).toBe(email)
      await one.press('reset.submit')
      await one.heading('requested.title')
      await one.page.getByRole('link', { name: one.say('reset.back') }).click()
      await one.heading('login.title')
      await one.page.goBack()
      await one.heading('reset.title')
      await one.page.goto(await all.app.linkFor(email))
      await one.leave(13 * HOUR)
      for (const label of ['password.new', 'password.repeat']) await one.fill(label, OTHER)
      await one.press('password.reset.submit')
      await one.heading('link.reset.title')
      await one.sound('wandering-3-link-gone')
      await one.press('action.newLink')
      await one.heading('requested.title')
      await one.page.goto(await all.app.linkFor(email))
      for (const label of ['password.new', 'password.repeat']) await one.fill(label, OTHER)
      await one.press('password.reset.submit')
      await one.signIn(email, OTHER)
      await one.atApplication()
      // What was sent stands behind: it has been used, and leads to where a sign-in to that application begins.
      await one.page.goto(`${all.app.origin}/recover/set`)
      await one.heading('link.reset.title')
      await one.page.getByRole('link', { name: one.say('link.signIn') }).click()
      await one.page.waitForURL(/\/begin/)
    },
  ],
  [
    'activation, 21 minutes, and reloaded: the password is set, and the home application begins',
    ['en', false],
    async (looks) => {
      const email = 'late@sigma.example'
      await invite(all.app, { email, name: 'Joris Jansen', locale: 'en', organization: 'Bakkerij' })
      const one = await wanderer(looks)
      await one.page.goto(await all.app.linkFor(email))
      await one.leave(21 * MINUTE)
      await one.page.reload()
      await one.heading('password.activation.title')
      for (const label of ['password.new', 'password.repeat']) await one.fill(label, OTHER)
      await one.press('password.activation.submit')
      await one.page.waitForURL(`${all.apps.origin}/house?login_hint=${encodeURIComponent(email)}`)
    },
  ],
]

test.each(WAYS)('%s (%j)', (_title, looks, go) => go(looks))

test.each<[path: 'activation' | 'reset', looks: Looks]>([
  ['activation', ['nl', true, 'dark']],
  ['reset', ['en', false]],
])(
  '%s: a page past its cookie asks to open the mail again, which then works in whatever browser (%j)',
  async (path, looks) => {
    const email = `mailed-${path}@sigma.example`
    await invite(all.app, { email, name: 'Joris Jansen', locale: looks[0], organization: 'Bakkerij' })
    const one = await wanderer(looks)
    const choose = async (at: typeof one) => {
      for (const label of ['password.new', 'password.repeat']) await at.fill(label, OTHER)
      await at.press(`password.${path}.submit`)
    }
    if (path === 'reset') {
      const before = await wanderer(looks)
      await before.page.goto(await all.app.linkFor(email))
      for (const label of ['password.new', 'password.repeat']) await before.fill(label, PASSWORD)
      await before.press('password.activation.submit')
      await before.page.waitForURL(/\/house/)
      await all.app.core.links.request(email, { ip: '127.0.0.1', correlation: 'TEST' })
    }
    const link = await all.app.linkFor(email)
    // Opened here, and in the browser that the mail's own program opens it in.
    const other = await wanderer(looks)
    for (const at of [one, other]) await at.page.goto(link)
    const mails = (await all.app.inbox()).length
    await one.context.clearCookies({ name: path === 'reset' ? 'sigma-recover' : 'sigma-activate' })
    await choose(one)
    await one.heading('link.reopen.title')
    await one.sound(`wandering-4-reopen-${path}`)
    expect((await all.app.inbox()).length).toBe(mails)
    await choose(other)
    await other.page.waitForURL(/\/house\?login_hint/)
    await one.page.goto(link)
    await one.heading(`link.${path}.title`)
  },
)

test.each<[what: string, looks: Looks, parameters: Record<string, string>, days: number]>([
  ['the language of the browser', ['nl', true, 'dark'], {}, 25],
  ['the language that the application asked for', ['en', false], { ui_locales: 'nl' }, 25],
])('what has truly gone says so in %s, and leads to the application', async (what, looks, parameters, hours) => {
  const one = await heading(parties.heading, looks, parameters)
  const say = all.app.core.templates.translate('nl')
  await one.leave(hours * HOUR)
  await one.page.reload()
  await one.page.getByRole('heading', { level: 1, name: say('error.expired.title') }).waitFor()
  expect(await one.page.getAttribute('html', 'lang')).toBe('nl')
  await one.picture(`wandering-5-gone-${what.length}`)
  expect(await one.page.locator('main .button').count()).toBe(1)
  await one.page.getByRole('link', { name: say('action.signIn') }).click()
  await one.atBeginning()
})
