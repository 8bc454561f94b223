/**
 * Every door of the front end, by name. A route that is not in this list fails the test: whoever adds one says here what
 * guards it (SECURITY 3, harness 7), and the guards are then tried from outside.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningApp, startApp } from '../support/app.ts'
import { atSignIn, expectSafe, PASSWORD } from '../support/attack.ts'
import { Person } from '../support/person.ts'

/** Guards of a POST: `token` is the form's CSRF token, `link` the page's own name for the link in the cookie (JSON only). */
const DOORS: Record<string, 'page' | 'token' | 'link'> = {
  'GET /assets/:name': 'page',
  'GET /favicon.ico': 'page',
  'GET /': 'page',
  'GET /dev/outbox': 'page',
  'GET /dev/outbox.json': 'page',
  'GET /interaction/:uid': 'page',
  'GET /interaction/:uid/:prompt': 'page',
  'GET /interaction/:uid/:prompt/:page': 'page',
  'POST /interaction/:uid/:prompt': 'token',
  'POST /interaction/:uid/:prompt/:page': 'token',
  'GET /activate': 'page',
  'GET /activate/set': 'page',
  'POST /activate/set': 'token',
  'GET /activate/again': 'page',
  'POST /activate/again': 'token',
  'POST /activate/check': 'link',
  'GET /activate/:token': 'page',
  'GET /recover': 'page',
  'POST /recover': 'token',
  'GET /recover/set': 'page',
  'POST /recover/set': 'token',
  'GET /recover/again': 'page',
  'POST /recover/again': 'token',
  'POST /recover/check': 'link',
  'GET /recover/:token': 'page',
}

let app: RunningApp
let stranger: Person

beforeAll(async () => {
  app = await startApp()
  stranger = await atSignIn(app)
})
afterAll(() => app.stop())

/** What the sources say there is: `router.get('/path'`, with the router's prefix and the two link pages spelled out. */
function declared(): string[] {
  const folder = resolve(import.meta.dirname, '../../src/web')
  return readdirSync(folder).flatMap((file) => {
    const source = readFileSync(join(folder, file), 'utf8')
    const prefix = /new Router\(\{ prefix: '([^']+)'/.exec(source)?.[1] ?? ''
    return [...source.matchAll(/router\.(get|post|put|patch|delete|del|all|head)\(\s*['`]([^'`]+)['`]/g)].flatMap(
      ([, method = '', path = '']) =>
        ['/activate', '/recover']
          .map((link) => `${method.toUpperCase()} ${prefix}${path.replace('$' + '{path}', link)}`)
          .filter((door, index, doors) => doors.indexOf(door) === index),
    )
  })
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
  )
}

const posts = Object.entries(DOORS).flatMap(([door, guard]) =>
  door.startsWith('POST ') ? [[door.slice(5), guard] as const] : [],
)

test('every route is declared here, and every declaration is a route', () => {
  expect(declared().sort()).toEqual(Object.keys(DOORS).sort())
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

test.each(posts.filter(([, guard]) => guard === 'token'))(
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

test.each(posts.filter(([, guard]) => guard === 'link'))(
  '%s answers only whoever sees the page of an open link',
  async (path) => {
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
      expect(answer.status).toBe(410)
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
  const secure = await startApp({ settings: { issuer: 'https://id.sigma.example' } })
  const answer = await fetch(`${secure.origin}/recover`)
  expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  const cookies = answer.headers.getSetCookie()
  expect(cookies).not.toEqual([])
  for (const cookie of cookies) expect(cookie).toMatch(/^__Host-.*; path=\/; .*samesite=lax; secure; httponly$/i)
  const link = await fetch(`${secure.origin}/activate/${'A'.repeat(43)}`, { redirect: 'manual' })
  for (const cookie of link.headers.getSetCookie()) expect(cookie).toMatch(/^__Secure-.*path=\/activate.*; secure/i)
  await secure.stop()
})
