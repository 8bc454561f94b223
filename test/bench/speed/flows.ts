/** What people and applications do, each with what has to come of it. */
import { createHash, randomBytes } from 'node:crypto'
import { Browser, type Line, type Page } from './driver.ts'
import type { Member } from './people.ts'
import { APPLICATION, type Client, forwarded, REDIRECT, SERVICE, type Target } from './target.ts'

export interface Tokens {
  access_token: string
  id_token: string
  refresh_token: string
}

/** Somebody who is signed in, in their browser. */
export interface SignedIn {
  person: Member
  browser: Browser
  tokens: Tokens
}

type Asked = 'password' | 'code' | 'passkey'

/** With the password alone. */
export function withPassword(line: Line, person: Member): Promise<SignedIn> {
  return inNewBrowser(line, person, 'password', ['password'])
}

/** With the password and the code of the app. */
export function withCode(line: Line, person: Member): Promise<SignedIn> {
  return inNewBrowser(line, person, 'mfa', ['password', 'code'])
}

/** With the passkey alone. */
export function withPasskey(line: Line, person: Member): Promise<SignedIn> {
  return inNewBrowser(line, person, 'phishingResistant', ['passkey'])
}

/** Somebody who is signed in is asked for the code alone. */
export async function stepUp(line: Line, { person, browser }: SignedIn): Promise<void> {
  await authorize(line, { browser, person, acr: 'mfa', pages: ['code'], more: line.target.stepUp.asks })
}

/** Nobody is asked for anything. */
export async function silent(line: Line, { person, browser }: SignedIn): Promise<void> {
  await authorize(line, { browser, person, acr: 'password', pages: [], more: { prompt: 'none' } })
}

export async function refresh(line: Line, tokens: Tokens): Promise<Tokens> {
  return tokenRequest(line, APPLICATION, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
}

export async function clientCredentials(line: Line): Promise<void> {
  const { access_token } = await tokenRequest(line, SERVICE, {
    grant_type: 'client_credentials',
    ...line.target.service,
  })
  if (!access_token) throw new Error('no token')
}

export async function introspect(line: Line, { access_token }: Tokens): Promise<void> {
  const { status, text } = await post(line, line.target.paths.introspect, APPLICATION, { token: access_token })
  if (status !== 200 || !text.includes('"active":true')) throw new Error(`introspection: ${status} ${text}`)
}

export async function userinfo(line: Line, { access_token }: Tokens): Promise<void> {
  const headers = { ...asApplication(line.target), authorization: `Bearer ${access_token}` }
  const { status, text } = await line.send('GET', line.target.paths.userinfo, headers)
  if (status !== 200 || !text.includes('"sub"')) throw new Error(`userinfo: ${status} ${text}`)
}

export async function document(line: Line, which: 'discovery' | 'jwks'): Promise<void> {
  const { status, text } = await line.send('GET', line.target.paths[which], asApplication(line.target))
  if (status !== 200 || !text.includes(which === 'jwks' ? '"keys"' : '"issuer"')) throw new Error(`${which}: ${status}`)
}

async function inNewBrowser(line: Line, person: Member, acr: Wanted['acr'], pages: Asked[]): Promise<SignedIn> {
  const browser = new Browser(line, person.number)
  return { person, browser, tokens: await authorize(line, { browser, person, acr, pages }) }
}

interface Wanted {
  browser: Browser
  person: Member
  acr: keyof Target['acr']
  /** What is to be asked for, in order. */
  pages: Asked[]
  more?: Record<string, string>
}

async function authorize(line: Line, { browser, person, acr, pages, more }: Wanted): Promise<Tokens> {
  const { target } = line
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: APPLICATION.id,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    acr_values: target.acr[acr],
    ...more,
  })
  let stop = await browser.open(`${target.paths.authorize}?${query}`)
  for (const asked of pages) {
    const answer = target[asked]
    if (!answer || !stop.page || !SHOWN[asked].test(stop.page.html))
      throw new Error(`no page for the ${asked}: ${told(stop.page)}`)
    stop = await browser.submit(stop.page, answer(person, stop.page))
  }
  const code = stop.back?.get('code')
  if (!code) throw new Error(`no code: ${stop.back ?? told(stop.page)}`)
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier }
  const tokens = await tokenRequest(line, APPLICATION, grant)
  const reached = (
    JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString()) as { acr: unknown }
  ).acr
  if (reached !== target.acr[acr]) throw new Error(`acr is ${reached}`)
  return tokens
}

/** On the page that asks for it. */
const SHOWN: Record<Asked, RegExp> = {
  password: /<input[^>]*type="password"/,
  code: /autocomplete="one-time-code"|name="otp"/,
  passkey: /data-passkey="get"/,
}

function told(page: Page | undefined): string {
  return page ? `${page.status} at ${page.at}: ${page.html.replace(/<[^>]+>|\s+/g, ' ').slice(0, 600)}` : 'nothing'
}

async function tokenRequest(line: Line, client: Client, fields: Record<string, string>): Promise<Tokens> {
  const { status, text } = await post(line, line.target.paths.token, client, fields)
  if (status !== 200) throw new Error(`token: ${status} ${text}`)
  return JSON.parse(text) as Tokens
}

function post(line: Line, path: string, { id, secret }: Client, fields: Record<string, string>) {
  const headers = {
    ...asApplication(line.target),
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  return line.send('POST', path, headers, new URLSearchParams(fields).toString())
}

function asApplication({ issuer }: Target): Record<string, string> {
  return forwarded(issuer, '198.19.0.1')
}
