/**
 * What may be left of a person when something ends it: sessions, tokens, a remembered device, sign-ins that are under
 * way, copies of cookies. Each is tried in the way that would let somebody in if it still lived.
 */
import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { at, elsewhere, open } from '../app/settings.ts'
import { codeFields, mint, post } from '../oidc/raw-oauth.ts'
import { ACR, answer, errorOf, PASSWORD, type RelyingParty, type Tokens, type World } from '../oidc/relying-party.ts'
import type { Person } from './person.ts'
import { codeOf, press, scanned } from './second-factor.ts'
import { due, nextCode, obligeAll, outcome, reopen, type Someone } from './step-up.ts'

/** Where it happens: the person in the browser that makes the change, and the two applications that they use. */
export interface Scene {
  here: World
  house: RelyingParty
  second: RelyingParty
  owner: Someone
  /** Tokens of an application in that browser. */
  own: Tokens
  password: string
}

/** What there is of the person besides the browser of the change. */
export interface Left {
  /** A copy of the cookies of that browser. */
  copied: Someone
  /** Signed in at both applications and in the settings, with the tokens of the first and a code of the second. */
  other: Someone
  tokens: Tokens
  code: Awaited<ReturnType<typeof mint>>
  sids: unknown[]
  /** Remembered, and signed in nowhere: a right password was typed here, and leads to `typed`. */
  remembered: Someone
  typed: string
  /** Knew the password and stands before the page that comes then; `key` is in the app that is being set up there. */
  halfway: Someone & { key: string | undefined }
}

/** `alive`, `dead`, or where it ended otherwise. */
export type Verdict = string

export async function leave(scene: Scene): Promise<Left> {
  const { here, house, second, owner } = scene
  const other = elsewhere(owner)
  const tokens = await tokensOf(other, house)
  const more = await tokensOf(other, second)
  await open(here.app, other, '/account')

  const remembered = elsewhere(owner)
  await house.open(remembered.browser, {}, owner.email)
  if (owner.enrolled) await press(remembered.browser, 'verify', { code: nextCode(owner), remember: 'yes' })
  reopen(remembered)
  const halfway = await standHalfway(scene)
  const typed = await typePassword(remembered, house)
  const code = await mint(second, other.browser.copy())
  const sids = [tokens, more].map((each) => each.claims()?.sid)
  return { copied: elsewhere(owner, owner.browser.copy()), other, tokens, code, sids, remembered, typed, halfway }
}

export async function tokensOf(who: Someone, party: RelyingParty): Promise<Tokens> {
  const request = await party.request()
  await who.browser.visit(request.url.href)
  await obligeAll(who)
  const { tokens } = await outcome(who, party, request)
  if (!tokens) throw new Error(`no tokens at ${who.browser.page.url}`)
  return tokens
}

/** Before the code; without an app, before the first code of one: that is how somebody with a stolen password binds theirs. */
async function standHalfway({ house, owner }: Scene): Promise<Left['halfway']> {
  const who = elsewhere(owner)
  await house.open(who.browser, { acr_values: ACR.mfa }, owner.email)
  if (owner.enrolled) return { ...who, key: undefined }
  return { ...who, key: await scanned(who.browser) }
}

/** Posts the right password, and does not go where that leads. */
async function typePassword({ browser, email }: Someone, party: RelyingParty): Promise<string> {
  await browser.visit((await party.request()).url.href)
  const [form] = browser.forms()
  const body = new URLSearchParams({ ...form?.fields, email, password: PASSWORD })
  const answered = await browser.request('POST', new URL(form?.action ?? '', browser.page.url).href, body)
  return answered.headers.get('location') ?? ''
}

/** Prompts of the dispatcher mean that nothing was left: it begins at the beginning. */
function verdict(browser: Person, alive: boolean): Verdict {
  if (alive) return 'alive'
  const screen = due(browser)
  return screen === 'password' || browser.page.status === 400 ? 'dead' : `${screen} at ${browser.page.url}`
}

async function silently(who: Someone, party: RelyingParty): Promise<Verdict> {
  const browser = who.browser.copy()
  await browser.visit((await party.request({ prompt: 'none' })).url.href)
  if (answer(browser).get('error') === 'login_required') return 'dead'
  return verdict(browser, answer(browser).has('code'))
}

async function settings({ here }: Scene, who: Someone): Promise<Verdict> {
  const browser = who.browser.copy()
  await browser.visit(`${here.app.origin}/account`)
  return verdict(browser, at(browser) === '/account' && browser.page.html.includes('/account/password'))
}

async function tokenVerdict(request: Promise<unknown>, gone: string): Promise<Verdict> {
  const error = await errorOf(request)
  if (error === 'no error') return 'alive'
  return error === gone ? 'dead' : error
}

/** One way in each. Those that need the 60 seconds of a code come first. */
export const PROBES: Record<string, (scene: Scene, left: Left) => Promise<Verdict>> = {
  async 'code not yet redeemed'({ here, second }, { code }) {
    const client = { client_id: second.clientId, client_secret: second.secret }
    const { status, body } = await post(`${here.app.origin}/token`, { ...codeFields(second, code), ...client })
    if (status === 200) return 'alive'
    return body.error === 'invalid_grant' ? 'dead' : String(body.error)
  },
  'session in another browser, silently': ({ house }, { other }) => silently(other, house),
  'the same at a second application': ({ second }, { other }) => silently(other, second),
  'the same in the settings': (scene, { other }) => settings(scene, other),
  'access token': ({ house }, { tokens }) =>
    tokenVerdict(oidc.fetchUserInfo(house.config, tokens.access_token, tokens.claims()?.sub ?? ''), 'invalid_token'),
  'refresh token': ({ house }, { tokens }) => tokenVerdict(house.refresh(tokens.refresh_token), 'invalid_grant'),
  'refresh token of this browser': ({ house, own }) => tokenVerdict(house.refresh(own.refresh_token), 'invalid_grant'),
  'copy of this browser’s cookies, silently': ({ house }, { copied }) => silently(copied, house),
  'the same copy in the settings': (scene, { copied }) => settings(scene, copied),

  async 'application that was not told'({ here }, { sids }) {
    const heard = await sidsTold(here)
    return sids.every((sid) => heard.includes(sid)) ? 'dead' : 'alive'
  },

  async 'password typed, not gone on with'({ house }, { remembered, typed }) {
    const browser = remembered.browser.copy()
    await browser.visit(typed)
    return verdict(browser, browser.page.url.startsWith(house.redirectUri) && answer(browser).has('code'))
  },

  async 'page half-way'(scene, { halfway }) {
    const { browser, key } = halfway
    if (key === undefined) {
      await press(browser, 'verify', { code: nextCode(scene.owner) })
      return verdict(browser, browser.page.url.startsWith(scene.house.redirectUri) && answer(browser).has('code'))
    }
    await press(browser, 'code', { code: codeOf(key, Date.now()) })
    return verdict(browser, browser.page.html.includes('value="skip"'))
  },

  /** With the password of now; whether it saves the code. */
  async 'remembered device'({ house, owner, password }, { remembered }) {
    const browser = remembered.browser.copy()
    const request = await house.request()
    await browser.visit(request.url.href)
    await browser.submit({ email: owner.email, password })
    if (due(browser) === 'password') return 'refused'
    if (due(browser) !== undefined) return 'dead'
    const { told } = await outcome({ ...remembered, browser }, house, request)
    return Array.isArray(told.amr) && told.amr.includes('device') ? 'alive' : 'dead'
  },
}

/** Sessions that applications were told the end of (Back-Channel Logout 1.0 section 2.4). */
export async function sidsTold({ app, apps }: World): Promise<unknown[]> {
  await app.drain()
  return apps.received.map(({ body }) => decodeJwt(body.get('logout_token') ?? '').sid)
}

export async function verdicts(scene: Scene, left: Left): Promise<Record<string, Verdict>> {
  const found: Record<string, Verdict> = {}
  for (const [name, probe] of Object.entries(PROBES)) found[name] = await probe(scene, left)
  return found
}

/** A row of the table in which every cell says the same, but those that are given. */
export function row(said: Verdict, but: Record<string, Verdict> = {}): Record<string, Verdict> {
  return { ...Object.fromEntries(Object.keys(PROBES).map((name) => [name, said])), ...but }
}
