/**
 * Every door of the front end, by name (test/support/attack/doors.ts). A route that is not in that list fails the test: whoever
 * adds one says there what guards it (SECURITY 3, harness 7), and the guards are then tried from outside.
 */
import Router from '@koa/router'
import { beforeAll, expect, test, vi } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { atSignIn, expectSafe, PASSWORD } from '../../support/attack/attack.ts'
import { DOORS } from '../../support/attack/doors.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let stranger: Person

const app = forAllTests(startApp)
beforeAll(async () => {
  stranger = await atSignIn(app)
})

/** What the product hands to its router, method by method. The demonstration portal is another application. */
async function registered(): Promise<string[]> {
  const register = vi.spyOn(Router.prototype, 'register')
  const inspected = await startApp({ settings: { portal: undefined } })
  await inspected.stop()
  const layers = register.mock.results.flatMap(({ value }) => ('methods' in value ? [value] : []))
  register.mockRestore()
  // The API of administration has no forms: its doors and their guards are in web/api/routes.ts (test/flow/api).
  return layers
    .filter(({ path }) => !path.startsWith('/admin/api/'))
    .flatMap(({ methods, path }) =>
      methods.filter((method: string) => method !== 'HEAD').map((method: string) => `${method} ${path}`),
    )
}

function addressOf(path: string): string {
  const uid = /interaction\/([^/]+)/.exec(stranger.page.url)?.[1] ?? ''
  return (
    app.origin +
    path
      .replace(':uid', uid)
      .replace(':name', 'sigma.css')
      .replace(':prompt', 'login')
      .replace(':page', 'totp')
      .replace(':token', 'A'.repeat(43))
      .replace(/:(?:id|handle)/, '00000000-0000-4000-8000-000000000000')
      .replace(':number', '12345678')
      .replace(':secret', 'A'.repeat(12))
      .replace(':version', '1')
  )
}

const posts = Object.entries(DOORS).flatMap(([door, guard]) =>
  door.startsWith('POST ') ? [[door.slice(5), guard] as const] : [],
)
const own = Object.entries(DOORS).flatMap(([door, guard]) => (guard.startsWith('own') ? [door] : []))

test('every route is declared, and every declaration is a route', async () => {
  expect((await registered()).sort()).toEqual(Object.keys(DOORS).sort())
})

const foreign: Array<[string, Record<string, string>]> = [
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['a sibling domain', { 'sec-fetch-site': 'same-site' }],
  ['no page at all', { 'sec-fetch-site': 'none' }],
  ['a foreign origin', { origin: 'https://evil.example' }],
  ['an opaque origin', { origin: 'null' }],
  ['an origin that begins like ours', { origin: 'http://localhost:3000.evil.example' }],
]

test.each(posts)('J-14: a form from elsewhere is refused at %s, with the right token too', async (path, _guard) => {
  const [form] = stranger.forms()
  for (const [from, headers] of foreign) {
    const body = new URLSearchParams({ ...form?.fields, email: 'a@sigma.example', password: PASSWORD })
    const answer = await stranger.copy().request('POST', addressOf(path), body, headers)
    expect(answer.status, from).toBe(403)
    expectSafe(answer.headers, from)
  }
})

test.each(posts.filter(([, guard]) => guard === 'token' || guard === 'own'))(
  'J-14: a form without this browser’s token is refused at %s',
  async (path) => {
    const other = await atSignIn(app)
    const tokens = [undefined, '', 'x', other.forms()[0]?.fields.csrf, stranger.cookie('sigma-form')]
    for (const csrf of tokens) {
      const body = new URLSearchParams({ email: 'a@sigma.example', ...(csrf !== undefined && { csrf }) })
      const answer = await stranger.copy().request('POST', addressOf(path), body)
      expect(answer.status, csrf).toBe(403)
    }
    const without = stranger.copy()
    without.cookies = without.cookies.filter(({ name }) => name !== 'sigma-form')
    const body = new URLSearchParams({ csrf: stranger.forms()[0]?.fields.csrf ?? '' })
    expect((await without.request('POST', addressOf(path), body)).status).toBe(403)
  },
)

test.each(own)('A-03: %s sends a stranger to the dispatcher, whatever they send, and shows nothing', async (door) => {
  const [method = '', path = ''] = door.split(' ')
  const [form] = stranger.forms()
  const body = method === 'POST' ? new URLSearchParams({ ...form?.fields, for: form?.fields.csrf ?? '' }) : undefined
  const answer = await stranger.copy().request(method, addressOf(path), body)
  expect([answer.status, await answer.text()]).toEqual([303, expect.stringMatching(/^Redirecting to [^\s<]+\.$/)])
  const to = new URL(answer.headers.get('location') ?? '')
  const client = path.startsWith('/admin') ? 'sigma-admin' : 'sigma-account'
  expect([to.origin + to.pathname, to.searchParams.get('client_id')]).toEqual([`${app.origin}/auth`, client])
})

test('the way back from the dispatcher leads to the front of the pages, unless it is the one that was set out on', async () => {
  for (const pages of ['/account', '/admin']) {
    const browser = new Person()
    const away = await browser.request('GET', app.origin + pages)
    const state = new URL(away.headers.get('location') ?? '').searchParams.get('state')
    const stranger = new Person()
    for (const [who, query] of [
      [stranger, ''],
      [stranger, '?code=x&state='],
      [stranger, '?code=x&state=undefined'],
      [stranger, `?code=x&state=${state}`],
      [browser, '?code=x&state=x'],
    ] as const) {
      const back = await who.copy().request('GET', `${app.origin}${pages}/callback${query}`)
      expect([back.status, back.headers.get('location')], query).toEqual([303, pages])
    }
    const guessed = await browser.request('GET', `${app.origin}${pages}/callback?code=x&state=${state}`)
    expect(guessed.status).toBe(400)
    expect(browser.cookie(`sigma-${pages.slice(1)}`)).toBeUndefined()
  }
})

test.each(posts.filter(([, guard]) => guard === 'link' || guard === 'sitting'))(
  '%s answers only whoever sees the page of an open %s',
  async (path, guard) => {
    for (const body of [
      '{}',
      '{"password":"vier losse woorden samen"}',
      '{"password":"x","link":"AAAAAAAAAAAAAAAA"}',
    ]) {
      const answer = await fetch(addressOf(path), {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      expect(answer.status).toBe(guard === 'link' ? 410 : 400)
    }
    // A form of another site can be sent as text or as a form, but not as JSON without being asked first (CORS).
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect(
        (await fetch(addressOf(path), { method: 'POST', body: '{}', headers: { 'content-type': type } })).status,
      ).toBe(415)
    const preflight = await fetch(addressOf(path), {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  },
)

test('A-18: reading changes nothing: a GET with the fields of a form is a page', async () => {
  for (const [path] of posts) {
    const answer = await stranger
      .copy()
      .request('GET', `${addressOf(path)}?email=a@sigma.example&password=x&action=cancel`)
    expect([200, 303, 404, 410], path).toContain(answer.status)
  }
  await app.drain()
  const trail = await app.core.store.durable.listAudit({ limit: 100 })
  expect(trail.filter(({ type }) => type === 'sign-in.password' || type === 'link.requested')).toEqual([])
})

test('WEB-02: every page carries the headers', async () => {
  for (const door of Object.keys(DOORS)) {
    const [method = '', path = ''] = door.split(' ')
    for (const verb of [method, 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await new Person().request(verb, addressOf(path))
      expectSafe(answer.headers, `${verb} ${path}`)
      expect(answer.status, `${verb} ${path}`).toBeLessThan(500)
    }
  }
})

test('WEB-02: with https every answer asks for https, and cookies are bound to this host', async () => {
  const secure = await startApp({ settings: { issuer: 'https://localhost:8443' } })
  const answer = await fetch(`${secure.origin}/recover`)
  expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  const cookies = answer.headers.getSetCookie()
  expect(cookies).not.toEqual([])
  for (const cookie of cookies) expect(cookie).toMatch(/^__Host-.*; path=\/; .*samesite=lax; secure; httponly$/i)
  const link = await fetch(`${secure.origin}/activate/${'A'.repeat(43)}`, { redirect: 'manual' })
  for (const cookie of link.headers.getSetCookie()) expect(cookie).toMatch(/^__Host-.*; path=\/; .*; secure/i)
  await secure.stop()
})
