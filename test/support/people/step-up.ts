/**
 * People in front of applications that ask for more: they answer whatever page is due, and know which ones came up.
 * For tests that fake the clock: an app shows a new code after half a minute, so that is how long people wait for one.
 */
import { SECOND } from '../../../src/lib/time.ts'
import type { RunningApp } from '../app/app.ts'
import { pass } from '../app/clock.ts'
import { ACR, answer, type RelyingParty, type Request, type Tokens } from '../oidc/relying-party.ts'
import { invite } from './organizations.ts'
import { make, makesPasskey, use } from './passkey.ts'
import { Person } from './person.ts'
import { apart, codeOf, type Enrolled, enroll, PASSWORD, press } from './second-factor.ts'
import { type SoftKey, softKey } from './soft-key.ts'

/** `needed` asks for a passkey that there is none of. `enroll` stands for the whole wizard, where it cannot wait; `offer` is its first page where it can. */
export type Screen =
  | 'password'
  | 'accounts'
  | 'code'
  | 'sms'
  | 'passkey'
  | 'offer'
  | 'enroll'
  | 'needed'
  | 'consent'
  | 'other'

export interface Someone {
  email: string
  browser: Person
  enrolled: Enrolled | undefined
  /** Where a passkey is asked for they use it; signing in they use it only if they do without the password. */
  passkey?: { key: SoftKey; alone: boolean }
}

/** What an application has in the end: an error, or what the ID token says. */
export interface Outcome {
  pages: Screen[]
  error?: string
  acr?: unknown
  amr?: unknown
  authTime?: unknown
}

let people = 0

/** Somebody with a password, in a browser that knows nothing of them. */
export async function somebody(app: RunningApp, organization = 'Bakkerij', roles: string[] = []): Promise<Someone> {
  people += 1
  const email = `person${people}@sigma.example`
  await invite(app, { email, name: 'Sanne de Vries', locale: 'en', organization, roles })
  const visitor = new Person()
  await visitor.visit(await app.linkFor(email))
  await visitor.submit({ password: PASSWORD, repeat: PASSWORD })
  return { email, browser: new Person(), enrolled: undefined }
}

const SCREENS: Record<string, Screen> = {
  login: 'password',
  select_account: 'accounts',
  'challenge/totp': 'code',
  'challenge/sms': 'sms',
  'challenge/passkey': 'passkey',
  consent: 'consent',
}

/** The page that is due; undefined once the browser is back at the application. */
export function due(browser: Person): Screen | undefined {
  const { page } = browser
  if (!page.url.includes('/interaction/')) return undefined
  if (page.html.includes('value="later"')) return 'offer'
  if (page.html.includes('value="enable"')) return 'enroll'
  if (makesPasskey(browser)) return 'needed'
  const prompt = /action="\/interaction\/[^/"]+\/([a-z_/]+)"/.exec(page.html)?.[1]
  return SCREENS[prompt ?? ''] ?? 'other'
}

/** Does what the page that is due asks for. */
export async function oblige(who: Someone): Promise<void> {
  const { browser, email, passkey } = who
  const screen = due(browser)
  if (passkey && (screen === 'passkey' || (screen === 'password' && passkey.alone))) await use(browser, passkey.key)
  else if (screen === 'password') await browser.submit({ email, password: PASSWORD })
  else if (screen === 'code') await press(browser, 'verify', { code: nextCode(who) })
  else if (screen === 'offer') await press(browser, 'later')
  else if (screen === 'needed') who.passkey = await passkeyMade(who)
  else if (screen === 'enroll') who.enrolled = await enroll(browser, () => Date.now())
  else if (screen === 'consent') await browser.submit({ action: 'allow' })
  else throw new Error(`nobody answers ${screen} at ${browser.page.url}`)
  // The session of another person ends by a form that posts itself; this browser has no scripts.
  if (browser.page.html.includes('/session/end/confirm')) await browser.submit()
}

/** One that the page asks to be made. */
async function passkeyMade({ browser }: Someone): Promise<Someone['passkey']> {
  const { origin, hostname: rpId } = new URL(browser.page.url)
  const key = softKey({ origin, rpId })
  await make(browser, key)
  return { key, alone: false }
}

/** A code that was not used before: each is good once. `other` is the key of an app that it must be no code of. */
export function nextCode({ enrolled }: Pick<Someone, 'enrolled'>, other?: string): string {
  if (!enrolled) throw new Error('nobody without an app has codes')
  do pass(30 * SECOND)
  while (other !== undefined && !apart(enrolled.key, other, Date.now()))
  return codeOf(enrolled.key, Date.now())
}

/** Answers page after page until the browser is back at the application; which ones, in order. */
export async function obligeAll(who: Someone): Promise<Screen[]> {
  const pages: Screen[] = []
  for (let screen = due(who.browser); screen; screen = due(who.browser)) {
    pages.push(screen)
    if (pages.length > 8) throw new Error(`page after page: ${pages}`)
    await oblige(who)
  }
  return pages
}

/** One authorization request from its start to what the application has in the end. */
export async function ask(who: Someone, party: RelyingParty, parameters?: Record<string, string>): Promise<Outcome> {
  const request = await party.request(parameters)
  await who.browser.visit(request.url.href)
  const pages = await obligeAll(who)
  return { pages, ...(await outcome(who, party, request)).told }
}

export async function outcome(
  { browser }: Someone,
  party: RelyingParty,
  request: Request,
): Promise<{ told: Omit<Outcome, 'pages'>; tokens?: Tokens }> {
  const error = answer(browser).get('error')
  if (error !== null) return { told: { error } }
  const tokens = await party.redeem(browser.page.url, request)
  const claims = tokens.claims()
  return { told: { acr: claims?.acr, amr: claims?.amr, authTime: claims?.auth_time }, tokens }
}

/** The browser is closed and opened again: no session; what is kept for longer is still there. */
export function reopen({ browser }: Someone): void {
  browser.cookies = browser.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
}

export type Starts = Record<'stranger' | 'password' | 'enrolled' | 'knownDevice' | 'mfa', () => Promise<Someone>>

/** Each brings somebody to where a test begins. `house` is where they signed in. */
export function startsOf(app: RunningApp, house: RelyingParty): Starts {
  const starts: Starts = {
    /** No session; never set anything up. */
    stranger: () => somebody(app),
    /** Signed in with a password; nothing set up. */
    async password() {
      const who = await somebody(app)
      await ask(who, house)
      return who
    },
    /** No session; has an app. */
    async enrolled() {
      const who = await starts.mfa()
      reopen(who)
      return who
    },
    /** Signed in on a remembered device. */
    async knownDevice() {
      const who = await starts.enrolled()
      await house.open(who.browser, {}, who.email)
      await press(who.browser, 'verify', { code: nextCode(who), remember: 'yes' })
      reopen(who)
      await ask(who, house)
      return who
    },
    /** Signed in with a password and the app. */
    async mfa() {
      const who = await somebody(app)
      await ask(who, house, { acr_values: ACR.mfa })
      return who
    },
  }
  return starts
}
