/** The API of administration as its callers see it: services with each role, and people who sign in to use it. */
import { randomUUID } from 'node:crypto'
import { ADMIN_SCOPES } from '../../../src/client/scopes.ts'
import { obligeAll, outcome, type Someone, somebody } from '../people/step-up.ts'
import { record } from './client-records.ts'
import { basic, post } from './raw-oauth.ts'
import { type RelyingParty, relyingParty, type World, type WorldOptions, world } from './relying-party.ts'
import { secretOf } from './secret-of.ts'

export const SCOPE = ADMIN_SCOPES.join(' ')

/** Of an application by which people administer: as strict as our own pages. */
export const STRICT = {
  scope: `openid ${SCOPE}`,
  minimum_acr: 'mfa',
  second_factors: ['totp'],
  remembered_devices: false,
  mfa_max_age: 900,
  staff_only: true,
}

export function service(id: string, admin_role: string, fields: Record<string, unknown> = {}) {
  return record(id, {
    ...{ redirect_uris: [], post_logout_redirect_uris: [], grant_types: ['client_credentials'] },
    ...{ scope: SCOPE, first_party: false, admin_role },
    ...fields,
  })
}

export function adminWorld(options: WorldOptions = {}): Promise<World> {
  return world({
    ...options,
    more: [
      service('robot', 'client-admin'),
      service('reader', 'auditor'),
      service('helper', 'help-desk'),
      service('holder', 'client-admin', { dpop_bound_access_tokens: true }),
      record('console', STRICT),
      ...(options.more ?? []),
    ],
  })
}

export interface Called {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test expects of it
  body: any
}

export interface Caller {
  token: string
  get(path: string, headers?: Record<string, string>): Promise<Called>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Called>
  /** With a key of its own. */
  make(path: string, body?: unknown, headers?: Record<string, string>): Promise<Called>
}

export const API = '/admin/api/v1'

export async function call(
  origin: string,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Called> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...(sent !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(sent !== undefined && { body: sent }),
  })
  const text = await response.text()
  const json = /^application\/(problem\+)?json(;|$)/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: json && text ? JSON.parse(text) : text }
}

export function callerWith(origin: string, token: string): Caller {
  const send: Caller['send'] = (method, path, body, headers) =>
    call(origin, API + path, { method, body, headers: { authorization: `Bearer ${token}`, ...headers } })
  return {
    token,
    get: (path, headers) => send('GET', path, undefined, headers),
    send,
    make: (path, body, headers) => send('POST', path, body, { 'idempotency-key': `"${randomUUID()}"`, ...headers }),
  }
}

/** A token of an application that acts for itself. */
export async function serviceToken(
  { app }: World,
  id: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<string> {
  const asked = { grant_type: 'client_credentials', scope: SCOPE, resource: app.origin + API, ...fields }
  const { body } = await post(`${app.origin}/token`, asked, { ...basic(id, secretOf(app, id)), ...headers })
  if (typeof body.access_token !== 'string') throw new Error(JSON.stringify(body))
  return body.access_token
}

export async function serviceCaller(at: World, id: string, fields?: Record<string, string>): Promise<Caller> {
  return callerWith(at.app.origin, await serviceToken(at, id, fields))
}

/** Somebody with these roles, signed in at `console`. */
export async function administratorBy(at: World, roles: string[], id = 'console', organization = 'Bakkerij') {
  const who = await somebody(at.app, organization, roles)
  const party = await relyingParty(at, id)
  return { who, party, caller: callerWith(at.app.origin, await tokenOf(at, who, party)) }
}

export async function tokenOf(
  { app }: World,
  who: Someone,
  party: RelyingParty,
  parameters: Record<string, string> = {},
): Promise<string> {
  const request = await party.request({ scope: `openid ${SCOPE}`, resource: app.origin + API, ...parameters })
  await who.browser.visit(request.url.href)
  await obligeAll(who)
  const { tokens, told } = await outcome(who, party, request)
  if (!tokens) throw new Error(JSON.stringify(told))
  return tokens.access_token
}
