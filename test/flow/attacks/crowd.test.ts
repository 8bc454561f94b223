/** More people than can be served: who is asked to come back, how, and who gets in (SECURITY M). */
import { request } from 'node:http'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { activate, atSignIn, PASSWORD, raw, signedIn, signIn } from '../../support/attack/attack.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EMAIL = 'sanne@sigma.example'
const counted = countedStore()
/** Milliseconds that a password waits. */
let wait = 0
const app = forAllTests(async () => {
  const started = await startApp({ instrument: counted.instrument, passwordWait: () => wait })
  await activate(started, EMAIL)
  return started
})
beforeEach(() => {
  wait = 0
})

/** Where a sign-in begins, as the portal sends people there. */
async function beginning(): Promise<string> {
  const answer = await fetch(`${app.portalOrigin}/login`, { redirect: 'manual' })
  return answer.headers.get('location') ?? ''
}

async function refusals(door: string): Promise<number> {
  const text = await (await fetch(`${app.operationsOrigin}/metrics`)).text()
  return Number(new RegExp(`^sigma_busy_refused_total\\{door="${door}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

test('a stranger who begins while it is too busy is asked to come back before anything is kept, and comes back alone', async () => {
  const address = await beginning()
  const person = new Person()
  wait = 2000
  const asked = await counted.during(() => person.visit(address))
  expect(asked).toEqual({})
  const { status, headers, html, url } = person.page
  expect([status, url]).toEqual([503, address])
  expect(html).toContain('It is busy right now')
  expect(html).toContain('tries again by itself')
  expect(html).not.toMatch(/<script|<form|nonce/)
  expect(person.cookies).toEqual([])
  // Its own address, and its language: nothing of the request is in the bytes.
  expect(headers.get('refresh')).toBe(headers.get('retry-after'))
  expect(headers.get('content-language')).toBe('en')
  wait = 0
  await person.visit(address)
  expect(person.page.url).toContain('/interaction/')
})

test('the page has the headers of every page, and runs no script', async () => {
  const address = await beginning()
  const page = await atSignIn(app)
  wait = 2000
  const { headers } = await fetch(address)
  const others = ['set-cookie', 'date', 'content-length', 'x-request-id', 'content-security-policy', 'content-encoding']
  for (const [name, value] of page.page.headers)
    if (!others.includes(name)) expect([name, headers.get(name)]).toEqual([name, value])
  expect(headers.get('content-security-policy')).toContain("script-src 'none'")
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-request-id')).toMatch(/^[A-Z2-9]{8}$/)
})

test('it speaks the language that the application, or else the browser, asks for', async () => {
  const asked = new URL(await beginning())
  asked.searchParams.delete('ui_locales')
  const address = asked.href
  wait = 2000
  const inDutch = await fetch(address, { headers: { 'accept-language': 'nl' } })
  expect(inDutch.headers.get('content-language')).toBe('nl')
  expect(await inDutch.text()).toContain('Het is nu druk')
  expect((await fetch(`${address}&ui_locales=nl`)).headers.get('content-language')).toBe('nl')
})

test('a program gets JSON, and a HEAD the same headers and no body', async () => {
  const address = await beginning()
  wait = 2000
  const program = await fetch(address, { headers: { accept: 'application/json' } })
  expect([program.status, program.headers.get('refresh')]).toEqual([503, null])
  expect(await program.json()).toMatchObject({ error: 'temporarily_unavailable' })
  const head = await raw(
    app.origin,
    `HEAD ${new URL(address).pathname + new URL(address).search} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  )
  expect(head).toMatch(/^HTTP\/1\.1 503 /)
  expect(head).toMatch(/Content-Length: [1-9]/)
  expect(head.endsWith('\r\n\r\n')).toBe(true)
})

test('not everybody is told the same time, and nobody an unreasonable one', async () => {
  const address = await beginning()
  wait = 4000
  const told = await Promise.all(
    Array.from({ length: 40 }, async () => Number((await fetch(address)).headers.get('retry-after'))),
  )
  // One second and the wait, and up to two seconds and twice the wait more.
  expect(told.filter((seconds) => seconds < 5 || seconds > 14)).toEqual([])
  expect(new Set(told).size).toBeGreaterThan(3)
  wait = 10 ** 9
  expect((await fetch(address)).headers.get('retry-after')).toBe('60')
})

test('who has begun goes on to the end, and gets tokens', async () => {
  const person = await atSignIn(app)
  wait = 2000
  await person.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(app, person)).toBe(true)
})

test('who is signed in goes before strangers; a cookie that is made up, or whose signature is, does not', async () => {
  const sanne = await signIn(app, EMAIL)
  const address = await beginning()
  wait = 2000
  const opens = async (value: string, signature?: string) => {
    const cookie = `sigma-session=${value}${signature === undefined ? '' : `; sigma-session.sig=${signature}`}`
    return (await fetch(address, { headers: { cookie }, redirect: 'manual' })).status
  }
  const [value = '', signature = ''] = ['sigma-session', 'sigma-session.sig'].map((name) => sanne.cookie(name))
  expect(await opens(value)).toBe(503)
  expect(await opens('made-up', signature)).toBe(503)
  expect(await opens(value, `${signature.slice(0, -1)}_`)).toBe(503)
  expect(await opens(value, signature)).toBe(303)
})

test('a session that has ended goes before nobody, though its cookie is signed; it is looked up, and nothing is kept', async () => {
  const sanne = await signIn(app, EMAIL)
  const address = await beginning()
  const cookie = ['sigma-session', 'sigma-session.sig'].map((name) => `${name}=${sanne.cookie(name)}`).join('; ')
  const opens = async () => (await fetch(address, { headers: { cookie }, redirect: 'manual' })).status
  wait = 2000
  expect(await opens()).toBe(303)
  await sanne.visit(`${app.origin}/session/end`)
  await sanne.submit({ logout: 'yes' })
  const asked = await counted.during(async () => expect(await opens()).toBe(503))
  expect(asked).toEqual({ 'findArtifact Session': 1 })
})

test('the cookie of one session goes before strangers twenty times in ten seconds, and no more', async () => {
  const sanne = await signIn(app, EMAIL)
  const address = await beginning()
  const cookie = ['sigma-session', 'sigma-session.sig'].map((name) => `${name}=${sanne.cookie(name)}`).join('; ')
  wait = 2000
  const statuses: number[] = []
  for (let count = 0; count < 41; count += 1)
    statuses.push((await fetch(address, { headers: { cookie }, redirect: 'manual' })).status)
  expect(statuses).toContain(503)
  expect(statuses.filter((status) => status === 303).length).toBeLessThanOrEqual(40)
})

test('a stranger has no signed session, so that nobody is known who only came before', async () => {
  const { cookies } = await atSignIn(app)
  expect(cookies.map(({ name }) => name).filter((name) => name.startsWith('sigma-session'))).toEqual([])
})

test('a password that would wait for too long is not read, and leads back to its own page', async () => {
  const person = await atSignIn(app)
  const { pathname } = new URL(person.page.url)
  wait = 20_000
  const asked = await counted.during(() => person.submit({ email: EMAIL, password: PASSWORD }))
  expect(asked).toEqual({})
  const { status, headers, html } = person.page
  expect(status).toBe(503)
  expect(headers.get('refresh')).toBe(`${headers.get('retry-after')};url=${pathname}`)
  expect(html).not.toContain(EMAIL)
  // The same sitting: its page is there, however busy it is.
  await person.visit(pathname)
  await expect.poll(() => person.page.html).toContain('name="password"')
  wait = 0
  await person.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(app, person)).toBe(true)
})

test('M-05: a password that would wait for too long is not read at any spelling of its address', async () => {
  const person = await atSignIn(app)
  const [, room, uid = ''] = new URL(person.page.url).pathname.split('/')
  const odd = `%${uid.charCodeAt(0).toString(16)}${uid.slice(1)}`
  wait = 20_000
  for (const path of [`${uid}/login/`, `${uid}/login/more`, `${odd}/login`, `${uid}/log%69n`, `${uid}/login?more`]) {
    const { status, headers } = await fetch(`${app.origin}/${room}/${path}`, { method: 'POST' })
    expect([path, status, headers.get('refresh')]).toEqual([
      path,
      503,
      expect.stringMatching(`;url=/interaction/${uid}$`),
    ])
  }
})

test('M-05: one page waits with one password, whoever has it open in a hundred windows', async () => {
  const person = await atSignIn(app)
  const windows = Array.from({ length: 60 }, () => person.copy())
  await Promise.all(
    windows.map((window, n) => window.submit({ email: `nobody-${n}@sigma.example`, password: 'x y z' })),
  )
  const statuses = windows.map(({ page }) => page.status)
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(0)
  expect(statuses).toContain(400)
  // It is not held against the page afterwards.
  await person.submit({ email: EMAIL, password: PASSWORD })
  expect(signedIn(app, person)).toBe(true)
})

test('M-05: a cookie that anybody may copy takes two passwords past the door in ten seconds, and no more', async () => {
  const sanne = await signIn(app, EMAIL)
  const cookie = ['sigma-session', 'sigma-session.sig'].map((name) => `${name}=${sanne.cookie(name)}`).join('; ')
  wait = 20_000
  const statuses: number[] = []
  for (let count = 0; count < 40; count += 1) {
    const path = `${app.origin}/interaction/page-${count}/login`
    statuses.push((await fetch(path, { method: 'POST', headers: { cookie }, redirect: 'manual' })).status)
  }
  // The cluster's other node has its own.
  expect(statuses.filter((status) => status !== 503)).toHaveLength(process.env.SIGMA_TEST_MONGODB ? 4 : 2)
})

test('M-05: nor does it take a second password of one page past the door while there are many', async () => {
  const sanne = await signIn(app, EMAIL)
  const cookie = ['sigma-session', 'sigma-session.sig'].map((name) => `${name}=${sanne.cookie(name)}`).join('; ')
  const { page, cookies } = await atSignIn(app)
  const address = `${page.url}/login`
  const post = (headers: Record<string, string>) => fetch(address, { method: 'POST', headers, redirect: 'manual' })
  // Passwords that are being sent, and never come to their end.
  const headers = {
    origin: app.origin,
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': 100,
  }
  const sending = Array.from({ length: 40 }, () => {
    const sent = request(address, { method: 'POST', headers, agent: false }).on('error', () => undefined)
    sent.write('e')
    return sent
  })
  onTestFinished(() => sending.forEach((sent) => void sent.destroy()))
  const twice = async (more: Record<string, string>) => [(await post(more)).status, (await post(more)).status]
  await expect.poll(() => twice({}), { timeout: 10_000 }).toEqual([503, 503])
  expect(await twice({ cookie })).toEqual([503, 503])
})

test('programs are answered, however busy it is', async () => {
  wait = 10 ** 9
  expect((await fetch(`${app.origin}/.well-known/openid-configuration`)).status).toBe(200)
  expect((await fetch(`${app.origin}/me`)).status).toBe(401)
})

test('being busy is counted, and is no error in the log', async () => {
  const address = await beginning()
  const [before, logged] = [await refusals('first'), app.logged.length]
  wait = 2000
  await fetch(address)
  await fetch(address)
  // The cluster's other node has the rest.
  const counted = (await refusals('first')) - before
  expect(counted).toBe(process.env.SIGMA_TEST_MONGODB ? 1 : 2)
  expect(app.logged.slice(logged).join('')).not.toContain('"level":"error"')
})

test('M-03: of thousands of requests that one connection sends at once none keeps anybody waiting', async () => {
  const flood = 'GET /auth HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2000)
  // Its connection is closed; what is answered before that may be lost with it.
  const answer = await raw(app.origin, flood)
  expect(answer.split('HTTP/1.1 ').length - 1).toBeLessThanOrEqual(16)
  expect((await fetch(`${app.origin}/recover`)).status).toBe(200)
})
