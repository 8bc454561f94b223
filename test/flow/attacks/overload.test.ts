/** Keeping others out by keeping us busy (SECURITY M). */

import { connect, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { beforeAll, expect, test } from 'vitest'
import { judgePassword } from '../../../src/accounts/password-policy.ts'
import { startApp } from '../../support/app/app.ts'
import { activate, atSignIn, laneOf, PASSWORD, raw, signedIn, signIn, WRONG } from '../../support/attack/attack.ts'
import type { Page, Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { quickest } from '../../support/runner/timing.ts'

const EMAIL = 'sanne@sigma.example'
/** For what comes at once on a machine that has nothing else to do. */
const PATIENT = { timeout: 20_000 }

// One machine plays all of them: what is limited here is work, not addresses.
const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))
beforeAll(async () => {
  await activate(app, EMAIL)
})

function halfOpen(bytes: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(app.origin).port), '127.0.0.1', () => {
      socket.write(bytes)
      resolve(socket)
    })
    socket.on('error', () => undefined)
  })
}

test('M-01: the server has limits on how slow a request may be', () => {
  const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections, timeout } = app.web
  // What is too slow is found by a check every 5 s.
  expect(headersTimeout + 5_000).toBeLessThanOrEqual(15_000)
  expect(requestTimeout).toBeLessThanOrEqual(30_000)
  expect(keepAliveTimeout).toBe(5_000)
  expect(timeout).toBeGreaterThan(0)
  expect(maxConnections).toBeGreaterThan(1000)
  expect(app.operations.requestTimeout).toBeLessThanOrEqual(10_000)
})

test('M-01: 500 half-open requests keep nobody out', async () => {
  const head = 'POST /recover HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
  const sockets = await Promise.all(
    Array.from({ length: 500 }, (_, index) =>
      halfOpen(index % 2 ? `${head}X-Slow: ` : `${head}Content-Length: 100\r\n\r\nem`),
    ),
  )
  const started = performance.now()
  expect(signedIn(app, await signIn(app, EMAIL))).toBe(true)
  // Long before the first of them is given up.
  expect(performance.now() - started).toBeLessThan(app.web.headersTimeout)
  for (const socket of sockets) socket.destroy()
})

test('a sender who goes away in the middle is no fault of ours', async () => {
  const logged = app.logged.length
  const socket = await halfOpen(
    'POST /recover HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nem',
  )
  await expect.poll(async () => app.web.listening && (await openConnections()) > 0, PATIENT).toBe(true)
  socket.destroy()
  await expect.poll(() => app.logged.slice(logged).join(''), PATIENT).toContain('"msg":"fault"')
  expect(app.logged.slice(logged).join('')).not.toContain('"level":"error"')
})

function openConnections(): Promise<number> {
  return new Promise((resolve) => app.web.getConnections((_fault, count) => resolve(count)))
}

test.each([
  ['10,000 header lines', `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`, 431],
  ['101 header lines', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(100)}Host: x\r\n\r\n`, 431],
  ['one line of 1 MB', `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(1_000_000)}\r\n\r\n`, 431],
  ['an address of 1 MB', `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
])('M-03: %s are refused', async (_what, request, status) => {
  const answer = await raw(app.origin, request)
  // So much may still be on its way when the connection closes that the answer is lost; then nothing was served.
  expect(answer === '' || answer.startsWith(`HTTP/1.1 ${status} `), answer.slice(0, 100)).toBe(true)
  expect((await fetch(`${app.origin}/recover`)).status).toBe(200)
})

test.each(['/admin/invitations/plan', '/admin/applications/new'])(
  'M-05: a stranger’s form of a million fields at %s is not read, and nobody waits for it',
  async (path) => {
    const headers = { origin: app.origin, 'content-type': 'application/x-www-form-urlencoded' }
    const began = performance.now()
    const sent = fetch(app.origin + path, { method: 'POST', headers, body: 'a&'.repeat(2 ** 20), redirect: 'manual' })
    // So much may still be on its way when the connection closes that the answer is lost.
    expect([303, 413, undefined]).toContain(await sent.then(({ status }) => status).catch(() => undefined))
    expect((await fetch(`${app.origin}/recover`)).status).toBe(200)
    expect(performance.now() - began).toBeLessThan(2000)
  },
)

interface Flood {
  pages: Array<Page | undefined>
  /** Milliseconds of the slowest answer about health meanwhile. */
  health: number
}

/** A person at the sign-in page, with a browser that is known, and nothing else of before. */
async function knownPerson(email: string): Promise<Person> {
  const { cookies } = await activate(app, email)
  const person = await atSignIn(app)
  person.cookies.push(...cookies.filter(({ name }) => name === 'sigma-browser'))
  return person
}

/** 200 sign-ins at once, at addresses of this name, and whether anybody else gets a word in who comes after them. */
async function flood(name: string, after: Array<() => Promise<unknown>> = []): Promise<Flood> {
  const strangers = await Promise.all(Array.from({ length: 4 }, () => atSignIn(app)))
  const attempts = Array.from({ length: 200 }, async (_, index) => {
    const stranger = strangers[index % 4]?.copy()
    await stranger?.submit({ email: `${name}-${index}@sigma.example`, password: WRONG })
    return stranger?.page
  })
  const late = Promise.all(after.map((come) => come()))
  const health: number[] = []
  for (let count = 0; count < 10; count += 1) {
    const started = performance.now()
    expect((await fetch(`${app.operationsOrigin}/healthz`)).status).toBe(200)
    health.push(performance.now() - started)
  }
  const [pages] = await Promise.all([Promise.all(attempts), late])
  return { pages, health: Math.max(...health) }
}

test('M-05: of 200 strangers at once those beyond the queue get 503 with Retry-After; health stays quick, and THR-06: known browsers get in', async () => {
  const emails = Array.from({ length: 4 }, (_, n) => `known${n}@sigma.example`)
  const people: Person[] = []
  for (const email of emails) people.push(await knownPerson(email))
  const { pages, health } = await flood(
    'first',
    people.map((person, n) => () => person.submit({ email: emails[n] ?? '', password: PASSWORD })),
  )
  expect(people.map((person) => signedIn(app, person))).toEqual(emails.map(() => true))
  const refused = pages.filter((page) => page?.status === 503)
  const served = pages.filter((page) => page?.status === 400)
  // The pages are four, and each waits with one password when there are many.
  expect(served.length).toBeGreaterThanOrEqual(availableParallelism())
  expect(refused.length).toBeGreaterThan(0)
  for (const page of refused) {
    expect(Number(page?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(page?.html).toContain('It is busy right now')
  }
  expect(pages.every((page) => page?.status === 400 || page?.status === 503)).toBe(true)
  process.stdout.write(`M-05: ${refused.length} of 200 refused, /healthz at most ${health.toFixed(0)} ms\n`)
  // The target is 200 ms; other work on the machine is allowed for, and may fall on one flood, not on three.
  const slowest = [health]
  while (Math.min(...slowest) >= 1000 && slowest.length < 3)
    slowest.push((await flood(`again-${slowest.length}`)).health)
  expect(Math.min(...slowest)).toBeLessThan(1000)
  expect(signedIn(app, await signIn(app, EMAIL))).toBe(true)
  const sent = pages.flatMap((page, index) => (page?.status === 503 ? [`first-${index}@sigma.example`] : []))
  for (const email of sent) expect(await app.core.attempts.count(await laneOf(app, email)), email).toBe(0)
})

test('M-06: starting sign-ins without cookies leaves nothing for longer than 20 minutes', async () => {
  for (let count = 0; count < 20; count += 1) await atSignIn(app)
  const { expiring } = app.core.store
  await expiring.sweepArtifacts(Date.now() + 21 * 60_000)
  const stranger = await atSignIn(app)
  expect(await expiring.sweepArtifacts(Date.now() + 21 * 60_000)).toBeLessThanOrEqual(2)
  // Nor has anybody's page anything to go by but what its browser keeps.
  stranger.cookies = stranger.cookies.filter(({ name }) => name !== 'sigma-requests')
  await stranger.visit(stranger.page.url)
  expect(stranger.page.html).toContain('has expired')
})

test('M-07: no path, method, host or status from outside becomes a metric’s label', async () => {
  for (let count = 0; count < 50; count += 1) {
    await fetch(`${app.origin}/canary${count}/x`)
    await fetch(`${app.origin}/interaction/canary${count}`)
    await fetch(`${app.origin}/activate/canary${count}`, { redirect: 'manual' })
    await fetch(`${app.origin}/auth/canary${count}?client_id=canary${count}`)
    await raw(app.origin, `PROPFIND /canary HTTP/1.1\r\nHost: canary${count}\r\nConnection: close\r\n\r\n`)
  }
  const text = await (await fetch(`${app.operationsOrigin}/metrics`)).text()
  expect(text).not.toContain('canary')
  expect(text).not.toContain('PROPFIND')
  const routes = new Set([...text.matchAll(/sigma_http_request_seconds_count\{([^}]+)\}/g)].map(([, labels]) => labels))
  expect(routes.size).toBeLessThan(60)
})

test('the operators’ listener survives what it is sent', async () => {
  for (const target of ['//', '//x:y/', 'http://[', '*', '/%', '/metrics/../../', `/${'a'.repeat(5000)}`])
    expect(await raw(app.operationsOrigin, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 4/,
    )
  expect((await fetch(`${app.operationsOrigin}/healthz?x=//`)).status).toBe(200)
})

test.each([
  ['digits', '1'.repeat(256)],
  ['repeated words', 'abcdefgh'.repeat(32)],
  ['other spellings', '@4$5!1'.repeat(42)],
  ['dates', '1991-12-20'.repeat(25)],
  ['ligatures', '\ufdfa'.repeat(1000)],
])('M-04: a password of %s is judged in the time of a few hashes', async (_what, password) => {
  const context = { email: 'sanne@sigma.example', name: 'Sanne '.repeat(50), words: ['sigma'] }
  await judgePassword('warm up the lists first please', context, 15)
  expect(await quickest(() => judgePassword(password, context, 15))).toBeLessThan(1000)
})

test('M-04: headers and addresses made to keep a pattern busy are read at once', async () => {
  const long = 'a'.repeat(7000)
  const headers: Array<Record<string, string>> = [
    { 'accept-language': 'nl-'.repeat(2000) },
    { 'accept-language': `${'en;q=0.1,'.repeat(1000)}` },
    { accept: `${long}/${long};q=` },
    { 'user-agent': `${'('.repeat(7000)}` },
    { 'x-forwarded-for': '1.1.1.1,'.repeat(900) },
    { 'x-forwarded-proto': ' '.repeat(7000) },
    { cookie: `${'a=b;'.repeat(1500)}` },
    { 'if-none-match': `${'"'.repeat(7000)}` },
  ]
  for (const odd of headers) {
    const read = async () => (await fetch(`${app.origin}/recover`, { headers: odd })).text()
    expect(await quickest(read), JSON.stringify(odd).slice(0, 60)).toBeLessThan(500)
  }
  const stranger = await atSignIn(app)
  for (const email of [`${'a'.repeat(7000)}@`, '@'.repeat(4000), `a@${'b.'.repeat(3000)}`, ' '.repeat(7000)]) {
    const statuses: number[] = []
    const submit = async () => void statuses.push((await stranger.copy().submit({ email, password: PASSWORD })).status)
    expect(await quickest(submit)).toBeLessThan(1000)
    expect(new Set(statuses)).toEqual(new Set([400]))
  }
})
