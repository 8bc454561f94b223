/**
 * Acts as an application, through the front door and by the standards: discovery, a sign-in by somebody made for it, tokens,
 * refresh, a second step, signing out, and a logout token to its address. Where only the application has its secret or its
 * key, its part is not tried, and the result says so: nobody gets in here without it, the doctor neither.
 */
import { createHash } from 'node:crypto'
import type { ClientRecord } from '../../client/record.ts'
import { digest, randomToken } from '../../lib/crypto.ts'
import { type Clock, seconds } from '../../lib/time.ts'
import type { LookAt } from '../../oidc/outgoing.ts'
import type { TrialSessions } from '../../oidc/trial-session.ts'
import { answerOf } from '../back-channel.ts'
import { type Evidence, type Fields, fieldsOf } from '../evidence.ts'
import type { LiveResult } from '../memory.ts'
import { addressResults } from './addresses.ts'
import type { FrontDoor } from './front-door.ts'

export interface ActingParts {
  issuer: string
  door: FrontDoor
  sessions: TrialSessions
  /** Runs with the id of somebody who is there for as long (trial.ts). */
  withPerson: <T>(work: (accountId: string) => Promise<T>) => Promise<T>
  lookAt: LookAt
  sendLogout: (content: { clientId: string; accountId: string; sid?: string }) => Promise<void>
  /** What the environment has under this name. */
  secret: (name: string) => string | undefined
  /** What an application asks for who wants a second step. */
  mfa: string
  now: Clock
}

export type Act = (id: string, record: ClientRecord) => Promise<LiveResult[]>

interface Acting extends ActingParts {
  id: string
  fields: Fields
  record: Evidence['record']
  accountId: string
  proof: Proof | undefined
}

/** How it says who it is, as far as that is known here. */
type Proof = { fields: Record<string, string>; headers: Record<string, string> }

interface Tokens {
  access_token: string
  id_token?: string
  refresh_token?: string
}

export function acting(parts: ActingParts): Act {
  return async (id, record) => {
    const fields = fieldsOf({ record })
    const discovered = await discovery(parts)
    const keySet = typeof record.definition.jwks_uri === 'string' ? record.definition.jwks_uri : undefined
    const looked = await addressResults(fields, keySet, parts.lookAt, parts.now)
    const beside = [discovered, ...looked]
    const opens = record.status === 'active' && fields.signsIn && fields.redirectUris.length > 0
    if (discovered.state !== 'passed' || !opens) return beside
    const proof = proofOf(parts, id, record, fields)
    return parts.withPerson(async (accountId) => {
      const all = { ...parts, id, fields, record, accountId, proof }
      return [...beside, ...(await signIn(all)), ...(await backChannel(all))]
    })
  }
}

async function discovery({ door, issuer }: ActingParts): Promise<LiveResult> {
  try {
    const response = await door.get('/.well-known/openid-configuration')
    const said = ((await response.json()) as { issuer?: unknown }).issuer
    if (said === issuer) return { check: 'discovery', state: 'passed', values: { issuer } }
    return {
      check: 'discovery',
      state: 'failed',
      found: 'differs',
      values: { issuer, said: String(said).slice(0, 200) },
    }
  } catch (fault) {
    const certificate = answerOf(fault) === 'certificate'
    // From within, our own address may lead nowhere, and be in order for everybody else.
    const [state, found] = certificate ? (['failed', 'chain'] as const) : (['unknown', 'away'] as const)
    return { check: 'discovery', state, found, values: { issuer } }
  }
}

/** Undefined where only the application can. */
function proofOf(
  { secret }: ActingParts,
  id: string,
  record: Evidence['record'],
  { method }: Fields,
): Proof | undefined {
  if (method === 'none') return { fields: { client_id: id }, headers: {} }
  const known = record.secrets.map(({ env }) => (env === undefined ? undefined : secret(env))).findLast(Boolean)
  if (known === undefined) return undefined
  if (method === 'client_secret_post') return { fields: { client_id: id, client_secret: known }, headers: {} }
  if (method !== 'client_secret_basic') return undefined
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(known)}`
  return { fields: {}, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } }
}

async function signIn(acting: Acting): Promise<LiveResult[]> {
  const { sessions, accountId, id, now } = acting
  const at = seconds(now())
  const session = await sessions.open(accountId, id, { password: at, totp: at })
  const asked = await authorize(acting, session.cookie, {})
  if ('result' in asked) return [asked.result]
  const done: LiveResult[] = [{ check: 'sign-in', state: 'passed' }]
  const tokens = await redeem(acting, asked)
  done.push(...tokens.results)
  done.push(await stepUp(acting))
  done.push(await leave(acting, session.cookie, tokens.tokens?.id_token))
  return done
}

interface Answered {
  code: string
  verifier: string
}

async function authorize(
  { door, fields, record, id, proof }: Acting,
  cookie: string,
  more: Record<string, string>,
): Promise<Answered | { result: LiveResult }> {
  const verifier = randomToken()
  const [redirectUri = ''] = fields.redirectUris
  const request = {
    client_id: id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: fields.scopes.filter((scope) => scope !== 'offline_access').join(' '),
    state: randomToken(),
    nonce: randomToken(),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }
  const pushed = record.definition.require_pushed_authorization_requests === true
  const query = pushed ? await push(door, proof, request) : request
  if (query === undefined) return { result: { check: 'sign-in', state: 'unknown', found: 'pushed' } }
  const response = await door.get(`/auth?${new URLSearchParams(query)}`, { cookie })
  await response.body?.cancel()
  const location = response.headers.get('location') ?? ''
  const back = URL.canParse(location) && location.startsWith(redirectUri) ? new URL(location).searchParams : undefined
  const code = back?.get('code')
  if (code) return { code, verifier }
  if (location.includes('/interaction/')) return { result: { check: 'sign-in', state: 'unknown', found: 'page' } }
  const error = back?.get('error') ?? `http-${response.status}`
  if (error === 'not_allowed') return { result: { check: 'sign-in', state: 'unknown', found: 'staff' } }
  return { result: { check: 'sign-in', state: 'failed', values: { error: error.slice(0, 80) } } }
}

async function push(door: FrontDoor, proof: Proof | undefined, request: Record<string, string>) {
  if (!proof) return undefined
  const response = await door.post('/request', { ...request, ...proof.fields }, proof.headers)
  const { request_uri } = (await response.json()) as { request_uri?: string }
  return request_uri && { client_id: request.client_id ?? '', request_uri }
}

async function redeem(
  { door, fields, record, proof }: Acting,
  { code, verifier }: Answered,
): Promise<{ results: LiveResult[]; tokens?: Tokens }> {
  if (record.definition.dpop_bound_access_tokens === true)
    return { results: [{ check: 'token', state: 'unknown', found: 'key' }] }
  if (!proof) return { results: [{ check: 'token', state: 'unknown', found: 'secret' }] }
  const [redirectUri = ''] = fields.redirectUris
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const answer = await door.post('/token', { ...grant, ...proof.fields }, proof.headers)
  const tokens = (await answer.json()) as Tokens & { error?: string }
  if (answer.status !== 200)
    return { results: [{ check: 'token', state: 'failed', values: { error: String(tokens.error).slice(0, 80) } }] }
  const results: LiveResult[] = [{ check: 'token', state: 'passed' }, await userinfo(door, tokens)]
  if (tokens.refresh_token === undefined) return { results, tokens }
  const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  const again = await door.post('/token', { ...refresh, ...proof.fields }, proof.headers)
  await again.body?.cancel()
  results.push({ check: 'refresh', state: again.status === 200 ? 'passed' : 'failed' })
  return { results, tokens }
}

async function userinfo(door: FrontDoor, { access_token }: Tokens): Promise<LiveResult> {
  const response = await door.get('/me', { authorization: `Bearer ${access_token}` })
  await response.body?.cancel()
  return { check: 'userinfo', state: response.status === 200 ? 'passed' : 'failed' }
}

/** A session of the password alone must not be enough; with the second step it must be. */
async function stepUp(acting: Acting): Promise<LiveResult> {
  const { sessions, accountId, id, mfa, now } = acting
  const session = await sessions.open(accountId, id, { password: seconds(now()) })
  const before = await authorize(acting, session.cookie, { acr_values: mfa })
  const asked = 'result' in before && before.result.found === 'page'
  await sessions.prove(session.uid, { totp: seconds(now()) })
  const after = await authorize(acting, session.cookie, { acr_values: mfa })
  return { check: 'step-up', state: asked && 'code' in after ? 'passed' : 'failed' }
}

/** As far as our page: that it is posted on by itself, and to where, stands in it. Nobody is signed out by it. */
async function leave({ door, fields, id }: Acting, cookie: string, hint: string | undefined): Promise<LiveResult> {
  const [address] = fields.logoutUris
  const query = new URLSearchParams({
    ...(hint === undefined ? { client_id: id } : { id_token_hint: hint }),
    ...(address !== undefined && { post_logout_redirect_uri: address }),
  })
  const response = await door.get(`/session/end?${query}`, { cookie, accept: 'text/html' })
  await response.body?.cancel()
  const found = address === undefined ? 'nowhere' : undefined
  return { check: 'sign-out', state: response.status === 200 ? 'passed' : 'failed', ...(found && { found }) }
}

/** A real logout token, about somebody and a session that the application never heard of. */
async function backChannel({ fields, sendLogout, id, accountId }: Acting): Promise<LiveResult[]> {
  if (fields.backChannel === undefined) return []
  try {
    await sendLogout({ clientId: id, accountId, sid: digest(accountId).slice(0, 22) })
    return [{ check: 'back-channel', state: 'passed' }]
  } catch (fault) {
    return [{ check: 'back-channel', state: 'failed', found: answerOf(fault) }]
  }
}
