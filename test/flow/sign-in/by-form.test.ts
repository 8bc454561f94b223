/**
 * Forms that an application's page posts for a person (OpenID Connect Core 1.0 section 3.1.2.1, RP-Initiated Logout 1.0
 * section 2). That the browser's cookies come along in the end is test/browser/by-form.test.ts.
 */
import { beforeEach, expect, test } from 'vitest'
import {
  answer,
  asksPassword,
  EMAIL,
  PASSWORD,
  relyingParty,
  type Tokens,
  world,
} from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const ELSEWHERE = { origin: 'https://application.example', 'sec-fetch-site': 'cross-site' }
const FORM = 'application/x-www-form-urlencoded'
let sanne: Person
let tokens: Tokens

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
beforeEach(async () => {
  sanne = new Person()
  tokens = await house.signIn(sanne)
})

/** One form from elsewhere, and what it is answered with. */
async function posted(path: string, body: string | Uint8Array<ArrayBuffer>, type = FORM): Promise<Response> {
  const headers = { ...ELSEWHERE, accept: 'text/html', 'content-type': type }
  return fetch(here.app.origin + path, { method: 'POST', redirect: 'manual', headers, body })
}

test('a sign-in that is asked for by a form ends as one that is asked for by a link', async () => {
  const stranger = new Person()
  const state = 'a&b=c %é\u{1f337}'
  const request = { ...(await house.request({ state })), state }
  await stranger.post(`${here.app.origin}/auth`, request.url.searchParams, ELSEWHERE)
  expect(asksPassword(stranger)).toBe(true)
  await stranger.submit({ email: EMAIL, password: PASSWORD })
  expect((await house.redeem(stranger.page.url, request)).claims()?.sub).toBe(tokens.claims()?.sub)
})

test('who is signed in already is recognized, and nothing is asked', async () => {
  const { url } = await house.request({ prompt: 'none' })
  for (const path of ['/auth', '/auth/', '/AUTH']) {
    await sanne.post(here.app.origin + path, url.searchParams, ELSEWHERE)
    expect(answer(sanne).has('code'), path).toBe(true)
  }
})

test('the answer to the form leads on by 303 with every field as it was, and leaves nothing in the browser', async () => {
  const answered = await posted('/auth', 'client_id=house&state=a%26b&state=%C3%A9+x&x=%zz')
  expect([answered.status, answered.headers.get('location'), answered.headers.getSetCookie()]).toEqual([
    303,
    '/auth?client_id=house&state=a%26b&state=%C3%A9+x&x=%25zz',
    [],
  ])
  // What the address of the form says is not part of the request, as the library has it.
  const both = await posted('/auth?client_id=guest&prompt=none', 'client_id=house')
  expect(both.headers.get('location')).toBe('/auth?client_id=house')
  expect((await posted('/session/end', '')).headers.get('location')).toBe('/session/end')
})

test.each(['/auth', '/session/end'])('the length of a form need not be announced at %s', async (path) => {
  const headers = { ...ELSEWHERE, 'content-type': FORM }
  const init = { method: 'POST', redirect: 'manual', headers, duplex: 'half' } as const
  const send = (body: string) => fetch(here.app.origin + path, { ...init, body: new Blob([body]).stream() })
  expect((await send('client_id=house')).headers.get('location')).toBe(`${path}?client_id=house`)
  expect((await send(`x=${'x'.repeat(8191)}`)).status).toBe(413)
})

test.each(['/auth', '/session/end'])('a parameter that comes twice is refused at %s', async (path) => {
  await sanne.post(
    here.app.origin + path,
    new URLSearchParams([
      ['client_id', 'house'],
      ['state', 'x'],
      ['state', 'y'],
    ]),
    ELSEWHERE,
  )
  expect([sanne.page.status, sanne.page.url.startsWith(here.app.origin)]).toEqual([400, true])
})

test.each([
  ['/auth', 4 * 1024],
  ['/session/end', 8 * 1024],
])('a form at %s is one, is text, and has a bound', async (path, most) => {
  const refusals: Array<[number, string | Uint8Array<ArrayBuffer>, string?]> = [
    [415, '{"client_id":"house"}', 'application/json'],
    [415, 'client_id=house', 'text/plain'],
    [415, '--x--', 'multipart/form-data; boundary=x'],
    [400, Uint8Array.of(0x78, 0x3d, 0xff)],
    [413, `x=${'x'.repeat(most - 1)}`],
    // Longer only once it is written as in an address.
    [413, `x=${'é'.repeat(most / 4)}`],
  ]
  for (const [status, body, type] of refusals) {
    const answered = await posted(path, body, type)
    expect([answered.status, answered.headers.getSetCookie()], String(body).slice(0, 40)).toEqual([status, []])
    expect(await answered.text()).toMatch(/<code>[A-Z2-9]{8}<\/code>/)
  }
  expect((await posted(path, `x=${'x'.repeat(most - 2)}`)).status).toBeLessThan(400)
})

test('signing out by a form asks, or does not, as by a link; the ID token that it brings is in no log', async () => {
  const end = `${here.app.origin}/session/end`
  await sanne.post(end, {}, ELSEWHERE)
  expect(sanne.page.html).toContain('Stay signed in')
  const goodbye = `${here.apps.origin}/house/goodbye`
  const id_token_hint = tokens.id_token ?? ''
  await sanne.post(end, { id_token_hint, post_logout_redirect_uri: goodbye, state: 'x' }, ELSEWHERE)
  expect(sanne.page.html).toContain('data-automatic')
  await sanne.submit({ logout: 'yes' })
  expect(sanne.page.url).toBe(`${goodbye}?state=x`)
  expect(here.app.logged.join()).not.toContain(id_token_hint.split('.')[2])
})

test('fields that are too long for an address go on from a page of ours, which any form can send, and no script has to', async () => {
  const end = `${here.app.origin}/session/end`
  const fields = { id_token_hint: tokens.id_token ?? '', state: 'x'.repeat(5000), ui_locales: 'nl' }
  const kept = [...sanne.cookies]
  await sanne.post(end, fields, ELSEWHERE)
  // The page for it may not disturb those that are open: the form came without their cookie.
  expect(sanne.cookies).toEqual(kept)
  expect(sanne.page.html).toContain('lang="nl"')
  expect(sanne.forms()).toEqual([{ action: '/session/end', fields }])
  expect(sanne.page.headers.get('content-security-policy')).toContain("form-action 'self'")
  await sanne.submit()
  expect([sanne.page.status, sanne.page.html.includes('/session/end/confirm')]).toEqual([200, true])
  expect(sanne.page.html).toContain('data-automatic')
})
