/** Security settings as people meet them in a browser: who they are, what they press, and what they are told. */
import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { NoticeName } from '../../../src/accounts/notify.ts'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import type { Translate, Values } from '../../../src/render/texts.ts'
import { type RunningApp, startApp } from '../app/app.ts'
import { pass } from '../app/clock.ts'
import { invite } from '../people/organizations.ts'
import { Person } from '../people/person.ts'
import { apart, appBound, backupSaved, codeOf, PASSWORD, press } from '../people/second-factor.ts'
import type { Visitor } from './chromium.ts'
import { codeBySms, open } from './two-step-visitor.ts'
import type { Locale, Variant } from './variants.ts'

/** The other browser of a person. */
export const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

/** Whose people must have two-step verification. */
export const STRICT = 'Bakkerij Streng'

/** How long a code is good for changes. */
export const FRESH = 10 * MINUTE

/** The product without a campaign, but for one organization. */
export function startSettings(): Promise<RunningApp> {
  return startApp({
    settings: {
      throttle: { perAddress: 10000, perNetwork: 10000 },
      twoStep: {
        campaign: { organizations: { [STRICT]: { start: '2025-01-01', deadline: '2025-02-01' } } },
        sms: { countries: ['NL', 'BE', 'DE'], perNetworkHour: 1000 },
      },
    },
  })
}

export interface Start {
  organization?: string
  /** What was set up: nothing; an app and a backup code; or a number too, as most tests need. */
  has?: 'password' | 'app' | 'number'
}

/** Somebody in front of their own settings. */
export interface Owner extends Visitor {
  email: string
  /** Of the app that codes are read from. */
  key: string
  number: string
  backupCode: string
  say: Translate
  /** Signs in where `page` asks for it, with the password and, where it is asked for, a code. */
  signIn(page?: Page, how?: { password?: string; remember?: boolean }): Promise<void>
  /** Enters the next code of the app where one is asked for. */
  prove(page?: Page): Promise<void>
  /** The code that the app shows next; each works once. `other` is the key of an app that it must be no code of. */
  digits(key?: string, other?: string): string
  /** Follows the link with this text; of the row with this title where several have it. */
  follow(key: string, row?: string): Promise<void>
  press(key: string): Promise<void>
  fill(key: string, value: string): Promise<void>
  row(title: string): Locator
  /** Waits for the page with this heading, which owes what every page owes. */
  stands(key: string, picture: string, values?: Values): Promise<void>
  /** Waits for the sentence that tells what happened. */
  notice(key: string, page?: Page): Promise<void>
  /** The newest mail, which has to be this one. */
  told(name: NoticeName, address?: string): Promise<string>
  /** Whether it is the password that is asked for. */
  asked(page: Page): Promise<boolean>
  /** Another browser of the same person, in front of the settings. */
  elsewhere(how?: { userAgent?: string; remember?: boolean }): Promise<Visitor>
}

/** The page that goes on by itself stands at `/auth/…`, and is not where anybody wanted to be. */
const signedIn = ({ pathname }: URL) => !/^\/(interaction|auth)\//.test(pathname)

let people = 0

/** Somebody new in each test: one that is run again begins afresh. */
export async function settle(app: RunningApp, browser: Browser, variant: Variant, start: Start = {}): Promise<Owner> {
  const [slug, locale, options] = variant
  people += 1
  const email = `${slug}-${people}@sigma.example`
  const number = `06 ${30_000_000 + people * 7}`
  const set = await setUp(app, { email, locale, number, ...start })
  const visitor = await open(browser, locale, options)
  const others: Visitor[] = []
  const { page } = visitor
  const say = app.core.templates.translate(locale)

  const owner: Owner = {
    ...visitor,
    email,
    number,
    ...set,
    say,

    async signIn(at = page, { password = PASSWORD, remember = false } = {}) {
      await at.getByLabel(say('field.email')).fill(owner.email)
      await at.getByLabel(say('login.password'), { exact: true }).fill(password)
      await at.getByRole('button', { name: say('action.signIn'), exact: true }).click()
      await at.getByLabel(say('login.password'), { exact: true }).waitFor({ state: 'detached' })
      await at.waitForLoadState()
      if (remember) await at.getByRole('checkbox').check()
      if ((await at.getByLabel(say('code.digits'), { exact: true }).count()) > 0) await owner.prove(at)
      else await at.waitForURL(({ pathname }) => !pathname.startsWith('/auth/'))
    },

    async prove(at = page) {
      await at.getByLabel(say('code.digits'), { exact: true }).fill(owner.digits())
      await at.getByRole('button', { name: say('challenge.verify'), exact: true }).click()
      await at.waitForURL(signedIn)
    },

    digits(key = owner.key, other) {
      do pass(31 * SECOND)
      while (other !== undefined && !apart(key, other, Date.now()))
      return codeOf(key, Date.now())
    },

    row: (title) =>
      page.locator('.rows > li').filter({ has: page.locator('strong').getByText(title, { exact: true }) }),

    async follow(key, row) {
      const within = row === undefined ? page : owner.row(row)
      await within.getByRole('link', { name: say(key), exact: true }).click()
    },

    press: (key) => page.getByRole('button', { name: say(key), exact: true }).click(),
    fill: (key, value) => page.getByLabel(say(key), { exact: true }).fill(value),

    async stands(key, picture, values) {
      await page.getByRole('heading', { level: 1, name: say(key, values), exact: true }).waitFor()
      await visitor.sound(`${slug}-${picture}`)
    },

    async notice(key, at = page) {
      await at
        .getByRole('status')
        .getByText(say(`account.notice.${key}`), { exact: true })
        .waitFor()
    },

    async told(name, address = owner.email) {
      const mail = (await app.inbox()).find(({ channel, to }) => channel === 'email' && to === address)
      expect(mail?.subject).toBe(say(`mail.${name}.subject`))
      return mail?.text ?? ''
    },

    async asked(at) {
      return (await at.getByLabel(say('login.password'), { exact: true }).count()) > 0
    },

    async elsewhere({ userAgent, remember = false } = {}) {
      const one = await open(browser, locale, { ...options, ...(userAgent && { userAgent }) })
      others.push(one)
      await one.page.goto(`${app.origin}/account`)
      await owner.signIn(one.page, { remember })
      return one
    },

    async close() {
      for (const one of [visitor, ...others]) await one.close()
    },
  }
  await page.goto(`${app.origin}/account`)
  await owner.signIn()
  await page.waitForURL(`${app.origin}/account`)
  return owner
}

interface Wanted extends Start {
  email: string
  locale: Locale
  number: string
}

/** Sets the account up in a browser that nobody looks at, and that is not signed in any more when that is done. */
async function setUp(app: RunningApp, wanted: Wanted): Promise<Pick<Owner, 'key' | 'backupCode'>> {
  const { email, locale, number, organization, has = 'number' } = wanted
  const person = new Person()
  await invite(app, { email, name: 'Sanne de Vries', locale, ...(organization && { organization }) })
  await person.visit(await app.linkFor(email))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
  if (has === 'password') return { key: '', backupCode: '' }
  await person.visit(`${app.origin}/account/two-step`)
  await person.submit({ email, password: PASSWORD })
  const key = await appBound(person)
  if (has === 'app') await press(person, 'skip')
  else {
    await press(person, 'send', { number, country: 'NL' })
    await press(person, 'sms-code', { code: await codeBySms(app) })
  }
  const backupCode = await backupSaved(person)
  await person.visit(`${app.origin}/session/end`)
  await person.submit({ logout: 'yes' })
  return { key, backupCode }
}
