/** Attacks on the pages between the request and its answer: skipped, repeated, swapped, forged, framed. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { beforeEach, expect, test } from 'vitest'
import { answer, asksPassword, EMAIL, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Person

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const guest = forAllTests(() => relyingParty(here, 'guest'))
beforeEach(() => {
  sanne = new Person()
})

function uidOf(person: Person): string {
  return /\/interaction\/([\w-]+)/.exec(person.page.url)?.[1] ?? ''
}

test('A-01 the address that resumes leads back to the page that is pending', async () => {
  await sanne.visit((await house.request()).url.href)
  const uid = uidOf(sanne)
  await sanne.visit(`${here.app.origin}/auth/${uid}`)
  expect(asksPassword(sanne)).toBe(true)
  expect(sanne.trail.some(({ url }) => url.includes('code='))).toBe(false)

  // The same one page later: consent.
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  await sanne.visit((await guest.request()).url.href)
  await sanne.visit(`${here.app.origin}/auth/${uidOf(sanne)}`)
  expect(sanne.page.html).toContain('value="allow"')
})

test('A-02 a form of a step that is not pending decides nothing', async () => {
  await sanne.visit((await guest.request()).url.href)
  const uid = uidOf(sanne)
  const { csrf = '' } = sanne.forms()[0]?.fields ?? {}
  for (const step of ['consent', 'select_account', 'assurance', 'facts', 'finish', 'abort']) {
    await sanne.post(`${here.app.origin}/interaction/${uid}/${step}`, { csrf, action: 'allow', account: EMAIL })
    expect(sanne.trail.some(({ url }) => url.includes('code='))).toBe(false)
  }
  await sanne.visit(`${here.app.origin}/interaction/${uid}`)
  expect(asksPassword(sanne)).toBe(true)
})

test('A-04 a sitting that is over is over: same address, same cookies, no second code without the password', async () => {
  const request = await house.request()
  await sanne.visit(request.url.href)
  const before = sanne.copy()
  const uid = uidOf(sanne)
  const form = sanne.forms()[0]?.fields
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(answer(sanne).has('code')).toBe(true)
  const replay = before.copy()
  await replay.submit({ email: EMAIL, password: 'not the password of anybody' })
  expect([replay.page.status, replay.page.url.startsWith(here.app.origin)]).toEqual([400, true])
  await before.visit(`${here.app.origin}/auth/${uid}`)
  expect([asksPassword(before), before.page.url.startsWith(here.app.origin)]).toEqual([true, true])
  // The browser that has the answer is not given another.
  const since = sanne.trail.length
  await sanne.post(`${here.app.origin}/interaction/${uid}/login`, { ...form, email: EMAIL, password: PASSWORD })
  await sanne.visit(`${here.app.origin}/auth/${uid}`)
  expect(sanne.trail.slice(since).filter(({ next }) => next?.includes('code='))).toEqual([])
})

test('A-05 the uid in the address must be the one of the cookie', async () => {
  const attacker = new Person()
  await attacker.visit((await house.request()).url.href)
  await sanne.visit((await house.request()).url.href)
  const [mine, theirs] = [uidOf(sanne), uidOf(attacker)]
  // The cookie is bound to its path; an attacker who can plant cookies gets around that.
  for (const cookie of sanne.cookies) cookie.path = '/'
  const form = sanne.forms()[0]
  for (const uid of [theirs, otherCase(mine), `${mine}x`, 'x']) {
    await sanne.visit(`${here.app.origin}/interaction/${uid}`)
    expect(sanne.page.status).toBe(400)
    await sanne.post(`${here.app.origin}/interaction/${uid}/login`, {
      ...form?.fields,
      email: EMAIL,
      password: PASSWORD,
    })
    expect(sanne.page.status).toBe(400)
  }
})

/** Every letter in the other case: there may be none in small ones. */
function otherCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
}

test('two tabs are two sittings: each ends with its own answer', async () => {
  const [first, second] = [await house.request(), await guest.request()]
  await sanne.visit(first.url.href)
  const tab = sanne.page
  await sanne.visit(second.url.href)
  sanne.page = tab
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(answer(sanne).get('state')).toBe(first.state)
})

test('A-08 no other door leads around the policy: a floor holds after activation and recovery too', async () => {
  const strict = await relyingParty(here, 'strict')
  await sanne.visit(`${here.app.origin}/recover`)
  await sanne.submit({ email: EMAIL })
  await sanne.visit(await here.app.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  const silent = sanne.copy()
  await strict.open(silent, { prompt: 'none' })
  expect(answer(silent).get('error')).toBe('login_required')
  await strict.open(sanne)
  // The wizard, without a way around it; the password alone is worth no code.
  expect(sanne.page.html).toContain('value="enable"')
  expect(sanne.page.html).not.toContain('value="later"')
  await strict.open(sanne, { prompt: 'none' })
  expect([answer(sanne).get('error'), answer(sanne).get('code')]).toEqual(['interaction_required', null])
})

test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'POST'])(
  'A-18 %s of an address for GET does nothing',
  async (method) => {
    await house.signIn(sanne)
    const { url } = await house.request()
    const raw = await exchange(method, `${url.pathname}${url.search}`, cookieHeader(sanne))
    expect(raw).not.toMatch(/location: .*code=/i)
    expect(raw).toMatch(/^HTTP\/1\.1 (4|200 OK)/)
    expect(raw).not.toMatch(/^HTTP\/1\.1 5/)
  },
)

test.each([
  '//interaction/{uid}',
  '/interaction//{uid}',
  '/./interaction/{uid}',
  '/x/../interaction/{uid}',
  '/%2e%2e/interaction/{uid}',
  '/interaction%2f{uid}',
  '/interaction/{uid}%2flogin',
  '/interaction/{uid}.',
  '/interaction/{uid};x',
  '/interaction/{uid}%00',
  '/interaction/%',
  'evil.example/interaction/{uid}',
])('A-18 %s is not a way to the page', async (path) => {
  await sanne.visit((await house.request()).url.href)
  const raw = await exchange('GET', path.replace('{uid}', uidOf(sanne)), cookieHeader(sanne))
  expect(raw).toMatch(/^HTTP\/1\.1 (400|404)/)
  expect(raw).not.toContain('name="password"')
})

test('A-18 HEAD and another case of the path meet the same guards', async () => {
  const { url } = await house.request()
  expect(await exchange('HEAD', `${url.pathname}${url.search}`, '')).toMatch(/location: \/interaction\//i)
  await sanne.visit(url.href)
  const address = `/Interaction/${uidOf(sanne)}`
  expect(await exchange('GET', address, '')).toMatch(/^HTTP\/1\.1 400/)
  await sanne.post(`${here.app.origin}${address}/login`, { email: EMAIL, password: PASSWORD })
  expect(sanne.page.status).toBeGreaterThanOrEqual(400)
})

test('J-14 a form from elsewhere, without a token, with a token of someone else or of another type is refused', async () => {
  const attacker = new Person()
  await attacker.visit((await house.request()).url.href)
  await sanne.visit((await house.request()).url.href)
  const address = `${sanne.page.url}/login`
  const { csrf = '' } = sanne.forms()[0]?.fields ?? {}
  const right = { csrf, email: EMAIL, password: PASSWORD }
  const refused: Array<[Record<string, string>, Record<string, string>]> = [
    [right, { origin: 'https://evil.example' }],
    [right, { 'sec-fetch-site': 'cross-site' }],
    [right, { 'sec-fetch-site': 'same-site' }],
    [{ ...right, csrf: '' }, {}],
    [{ ...right, csrf: attacker.forms()[0]?.fields.csrf ?? '' }, {}],
    [right, { 'content-type': 'text/plain' }],
    [right, { 'content-type': 'application/json' }],
  ]
  for (const [fields, headers] of refused) {
    await sanne.post(address, fields, headers)
    expect([403, 415]).toContain(sanne.page.status)
  }
  await sanne.post(address, right)
  expect(answer(sanne).has('code')).toBe(true)
})

test('J-15 no page can be framed, and every page says not to keep it', async () => {
  const pages: Person['page'][] = []
  const note = () => pages.push(sanne.page)
  await sanne.visit((await guest.request()).url.href)
  note()
  await sanne.submit({ email: EMAIL, password: 'wrong' })
  note()
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  note()
  await sanne.visit((await house.request({ prompt: 'select_account' })).url.href)
  note()
  for (const path of ['/session/end', '/session/end/success', '/auth', '/nowhere', '/', '/recover', '/auth/x']) {
    await sanne.visit(`${here.app.origin}${path}`)
    note()
  }
  await sanne.visit((await house.request({ response_mode: 'form_post' })).url.href)
  note()
  expect(pages).toHaveLength(12)
  for (const { headers, html } of pages) {
    expect(html).not.toBe('')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toContain('no-store')
  }
})

function cookieHeader(person: Person): string {
  return person.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
}

/** One request as it stands, on a bare socket: fetch would tidy up the path. */
async function exchange(method: string, target: string, cookie: string): Promise<string> {
  const { port, host } = new URL(here.app.origin)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`)
  return text(socket)
}
