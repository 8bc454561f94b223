/** What is measured: the requests of one flow each, as an application and a browser make them. */
import { createHash, randomBytes } from 'node:crypto'
import { Person, whereTo } from '../support/people/person.ts'
import { CLIENT, PASSWORD, PEOPLE } from './installation.ts'

export interface Tokens {
  access_token: string
  refresh_token: string
}

/** Password page, password, back to the application: three requests, and a fourth for the tokens. */
export async function signIn(origin: string, n: number): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const person = new Person()
  const first = await person.request('GET', authorization(origin, verifier))
  await first.body?.cancel()
  await person.visit(new URL(first.headers.get('location') ?? '', origin).href)
  const [form] = person.forms()
  const fields = new URLSearchParams({ ...form?.fields, email: PEOPLE[n % PEOPLE.length] ?? '', password: PASSWORD })
  const answered = await person.request('POST', new URL(form?.action ?? '', origin).href, fields)
  await answered.body?.cancel()
  const resumed = await person.request('GET', new URL(answered.headers.get('location') ?? '', origin).href)
  const code = new URL(whereTo(resumed, await resumed.text()) ?? '', origin).searchParams.get('code')
  if (!code) throw new Error(`no code but ${answered.status}, ${resumed.status}`)
  return token(origin, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CLIENT.redirect,
    code_verifier: verifier,
  })
}

export function refresh(origin: string, tokens: Tokens): Promise<Tokens> {
  return token(origin, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
}

export async function userinfo(origin: string, { access_token }: Tokens): Promise<void> {
  const response = await fetch(`${origin}/me`, { headers: { authorization: `Bearer ${access_token}` } })
  if (!response.ok) throw new Error(`userinfo: ${response.status}`)
  await response.text()
}

export async function discovery(origin: string): Promise<void> {
  await (await fetch(`${origin}/.well-known/openid-configuration`)).text()
}

function authorization(origin: string, verifier: string): string {
  const address = new URL(`${origin}/auth`)
  address.search = new URLSearchParams({
    client_id: CLIENT.id,
    redirect_uri: CLIENT.redirect,
    response_type: 'code',
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  return address.href
}

async function token(origin: string, body: Record<string, string>): Promise<Tokens> {
  const authorization = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`
  const response = await fetch(`${origin}/token`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(body),
  })
  if (!response.ok) throw new Error(`token: ${response.status} ${await response.text()}`)
  return (await response.json()) as Tokens
}
