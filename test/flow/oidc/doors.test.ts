/**
 * The provider's addresses, in every spelling that the library's router takes: the same guards, whatever is sent in
 * whatever manner. Requests that other sites post for a person are test/flow/sign-in/by-form.test.ts.
 */
import { beforeAll, expect, test, vi } from 'vitest'
import { AppError } from '../../../src/lib/errors.ts'
import { PROVIDER_DOORS } from '../../../src/oidc/doors.ts'
import { startApp } from '../../support/app/app.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { expectSafe, raw } from '../../support/attack/attack.ts'
import { race, tally } from '../../support/attack/race.ts'
import { basic } from '../../support/oidc/raw-oauth.ts'
import { EMAIL, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
type LibraryRoute = (name: string, path: string, ...steps: unknown[]) => unknown

const counted = countedStore()
let me: Record<string, string>

const here = forAllTests(() => world({ instrument: counted.instrument }))
const house = forAllTests(() => relyingParty(here, 'house'))
beforeAll(async () => {
  me = { ...FORM, ...basic('house', house.secret) }
})

/** Posts a form of which the length is not announced. */
function chunked(path: string, fields: URLSearchParams, headers: Record<string, string>): Promise<Response> {
  const init = { method: 'POST', headers, redirect: 'manual', duplex: 'half' } as const
  return fetch(here.app.origin + path, { ...init, body: new Blob([fields.toString()]).stream() })
}

async function fieldsOf(more: Record<string, string> = {}): Promise<URLSearchParams> {
  return (await house.request(more)).url.searchParams
}

/** Of `length` characters in all. */
async function fieldsOfLength(length: number): Promise<URLSearchParams> {
  const fields = await fieldsOf({ state: 'x' })
  fields.set('state', 'x'.repeat(1 + length - fields.toString().length))
  return fields
}

test('every address that the library serves is a door with a bound, and every door is an address of the library', async () => {
  // Imported as the library itself does, so that it is the same class.
  const file = 'oidc-provider/lib/helpers/router.js'
  const { prototype } = ((await import(file)) as { default: { prototype: Record<string, LibraryRoute> } }).default
  const spies = ['get', 'post', 'put', 'delete', 'options'].map((method) => vi.spyOn(prototype, method))
  const inspected = await startApp()
  await inspected.stop()
  const served = spies.flatMap((spy) => spy.mock.calls.map(([, path]) => path))
  for (const spy of spies) spy.mockRestore()
  expect([...new Set(served)].sort()).toEqual(PROVIDER_DOORS.map(({ path }) => path).sort())
})

test.each(['/auth', '/auth/', '/AUTH', '/Auth/', '/aUTH'])(
  'A-18 more than a sitting may keep is refused at %s too, and what it may keep is not',
  async (path) => {
    const ask = async (length: number) =>
      (await fetch(`${here.app.origin}${path}?${await fieldsOfLength(length)}`, { redirect: 'manual' })).status
    expect(await counted.during(async () => expect(await ask(4097)).toBe(413))).toEqual({})
    expect(await counted.during(async () => expect(await ask(4096)).toBe(303))).toEqual({
      'putArtifact Interaction': 1,
    })
  },
)

test.each(['/request', '/request/', '/REQUEST', '/Request/'])(
  'A-18 more than a pushed request may keep is refused at %s too, its length announced or not, and what it may keep is not',
  async (path) => {
    const announced = (body: URLSearchParams) =>
      fetch(here.app.origin + path, { method: 'POST', headers: me, body: body.toString() })
    for (const send of [announced, (body: URLSearchParams) => chunked(path, body, me)]) {
      const long = await fieldsOfLength(8193)
      expect(await counted.during(async () => expect((await send(long)).status).toBe(413))).toEqual({})
      const fits = await fieldsOfLength(8192)
      expect(await counted.during(async () => expect((await send(fits)).status).toBe(201))).toEqual({
        'putArtifact PushedAuthorizationRequest': 1,
      })
    }
  },
)

test.each([
  '/%61uth',
  '/auth%2f',
  '/auth//',
  '//auth',
  '/./auth',
  '/auth;',
  '/auth%20',
  '/req%75est',
  '/auth/%2e%2e',
  '/auth/a%2fb',
  '/auth/%',
])('A-18 %s is no address of the provider', async (path) => {
  const kept = await counted.during(async () => {
    const query = await fieldsOf()
    const answer = await raw(here.app.origin, `GET ${path}?${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  })
  expect(kept).toEqual({})
})

test('A-18 one sitting that is taken up by several spellings of its address at once gives one code', async () => {
  let outcomes: string[][] = []
  const asked = await counted.during(async () => {
    outcomes = await race({ rounds: 10, contenders: 5 }, prepare)
  })
  expect(tally(outcomes, (answer) => answer.includes('code='))).toEqual({ 1: 10 })
  // One at a time: nobody but the first so much as tried.
  expect(asked['takeArtifact Interaction']).toBe(10)

  async function prepare() {
    const sanne = new Person()
    await sanne.visit((await house.request()).url.href)
    const form = sanne.forms()[0]
    const body = new URLSearchParams({ ...form?.fields, email: EMAIL, password: PASSWORD })
    const proven = await sanne.request('POST', here.app.origin + form?.action, body)
    const { pathname } = new URL(proven.headers.get('location') ?? '', here.app.origin)
    const uid = pathname.slice('/auth/'.length)
    const last = `%${(uid.at(-1) ?? '').charCodeAt(0).toString(16)}`
    const spellings = [pathname, `/AUTH/${uid}`, `/Auth/${uid}/`, `/auth/${uid}/`, `/auth/${uid.slice(0, -1)}${last}`]
    const cookie = sanne.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
    return async (contender: number) => {
      const answer = await fetch(here.app.origin + spellings[contender], { headers: { cookie }, redirect: 'manual' })
      return `${answer.headers.get('location')} ${await answer.text()}`
    }
  }
})

test.each<[string, Record<string, string>, number, string | RegExp]>([
  [
    '/token',
    { grant_type: 'authorization_code', code: 'x', redirect_uri: 'x', code_verifier: 'x'.repeat(43) },
    400,
    'invalid_grant',
  ],
  ['/token/introspection', { token: 'x' }, 200, '"active":false'],
  ['/token/revocation', { token: 'x' }, 200, /^$/],
  ['/me', { access_token: 'x' }, 401, 'invalid_token'],
  ['/session/end/confirm', { xsrf: 'x' }, 400, 'invalid_request'],
])('a body whose length is not announced is read at %s, up to a bound', async (path, fields, status, text) => {
  const { authorization, ...plain } = me
  const headers = { accept: 'application/json', ...(path === '/me' ? plain : { ...plain, authorization }) } as typeof me
  const read = await chunked(path, new URLSearchParams(fields), headers)
  expect([read.status, await read.text()]).toEqual([status, expect.stringMatching(text)])
  expect((await chunked(path, new URLSearchParams({ ...fields, x: 'x'.repeat(16 * 1024) }), headers)).status).toBe(413)
})

test.each(['/token', '/request', '/me', '/token/introspection', '/token/revocation'])(
  'a script of another origin reads why it was refused at %s',
  async (path) => {
    const origin = 'https://spa.example'
    const send = (init: RequestInit) =>
      fetch(here.app.origin + path, { ...init, headers: { ...me, origin, ...init.headers } })
    const body = `x=${'x'.repeat(16 * 1024)}`
    for (const [answer, status] of [
      [await send({ method: 'POST', body }), 413],
      [await send({ method: 'DELETE' }), 404],
    ] as const) {
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, origin])
      expect(answer.headers.get('vary')).toContain('Origin')
      expect(await answer.json()).toEqual({
        error: 'invalid_request',
        error_description: expect.any(String),
        reference: expect.stringMatching(/^[A-Z2-9]{8}$/),
      })
    }
    // A person who ends up here reads a page.
    const page = await send({ method: 'POST', body, headers: { accept: 'text/html,*/*;q=0.8' } })
    expect([page.status, page.headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8'])
  },
)

test('a token that was revoked is answered with nothing, and with the type of nothing (RFC 7009 section 2.2)', async () => {
  const answer = await fetch(`${here.app.origin}/token/revocation`, { method: 'POST', headers: me, body: 'token=x' })
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-length')]).toEqual([
    200,
    null,
    '0',
  ])
  expect(await answer.text()).toBe('')
})

test('a store that cannot say whose turn it is ends in a page that says when to try again', async () => {
  const acquire = () => Promise.reject(new AppError('store-unavailable', 'down', { status: 503, retryAfter: 5 }))
  const leases = { acquire, release: () => Promise.resolve() }
  const down = await startApp({ instrument: (store) => ({ ...store, leases }) })
  const answer = await fetch(`${down.origin}/auth/x`, { headers: { accept: 'text/html' } })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expectSafe(answer.headers, 'down')
  const [, reference] = /<code>([A-Z2-9]{8})<\/code>/.exec(await answer.text()) ?? []
  expect(down.logged.some((line) => line.includes(`"${reference}"`) && line.includes('provider fault'))).toBe(true)
  await down.stop()
})
