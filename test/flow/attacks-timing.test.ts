/**
 * Finding out who has an account by how long the answer takes (SECURITY H-02, H-03): two samples of 200, interleaved, and
 * the Mann–Whitney U test. Under the null hypothesis one run in a hundred fails by chance, and a busy machine adds noise
 * to both samples alike; so a failure is repeated with new samples, at most twice. A real difference of a tenth of the
 * hash's time fails all three.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digest, randomToken } from '../../src/lib/crypto.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { activate, atSignIn, WRONG } from '../support/attack.ts'
import { Person } from '../support/person.ts'
import { type Comparison, mannWhitney, quantile, summary } from '../support/statistics.ts'

const EACH = 200
const TRIES = 3
let app: RunningApp
let hash: string | undefined
let number = 0
let requests = 0

beforeAll(async () => {
  app = await startApp({ settings: { trustedProxies: 1 } })
  await activate(app, 'model@sigma.example')
  hash = (await app.core.store.durable.findAccountByEmail('model@sigma.example'))?.passwordHash
})
afterAll(() => app.stop())

/** An address of fixed length; `known` has an active account with a password of the same cost as any. */
async function address(known: boolean): Promise<string> {
  number += 1
  const email = `${String(number).padStart(6, '0')}@sigma.example`
  if (!known) return email
  const id = randomUUID()
  const account = {
    id,
    email,
    emailKey: email,
    name: 'Sanne',
    locale: 'en' as const,
    organization: undefined,
    roles: [],
    status: 'active' as const,
    passwordHash: hash,
    passwordChangedAt: Date.now(),
    epoch: 1,
    enrolledAt: undefined,
    noticeEmail: undefined,
    previousEmail: undefined,
    emailChangedAt: undefined,
    createdAt: Date.now(),
  }
  const link = {
    digest: digest(randomToken()),
    accountId: id,
    purpose: 'activation' as const,
    createdAt: 0,
    expiresAt: 0,
    usedAt: 0,
  }
  await app.core.store.durable.insertAccount(account, link, [])
  return email
}

async function compare(
  name: string,
  measure: (email: string) => Promise<number>,
): Promise<Comparison & { apart: number }> {
  const addresses: Array<{ known: boolean; email: string }> = []
  for (let count = 0; count < 2 * EACH; count += 1) {
    const known = count % 2 === 0
    addresses.push({ known, email: await address(known) })
  }
  // Pairs in random order, so that nothing periodic falls on one of the two.
  for (let pair = 0; pair < addresses.length; pair += 2)
    if (Math.random() < 0.5) addresses.splice(pair, 2, ...addresses.slice(pair, pair + 2).reverse())
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  for (const { known, email } of addresses) times[known ? 'known' : 'unknown'].push(await measure(email))
  const result = mannWhitney(times.known, times.unknown)
  const apart = Math.abs(quantile(times.known, 0.5) - quantile(times.unknown, 0.5))
  process.stdout.write(
    `${name}: known ${summary(times.known)} ms, unknown ${summary(times.unknown)} ms, p = ${result.p.toFixed(3)}\n`,
  )
  return { ...result, apart }
}

async function indistinguishable(name: string, measure: (email: string) => Promise<number>): Promise<void> {
  // Code that runs for the first time is slow.
  for (let count = 0; count < 40; count += 1) await measure(await address(count % 2 === 0))
  const results: Array<Comparison & { apart: number }> = []
  while (results.length < TRIES && !results.some(({ p }) => p > 0.01)) results.push(await compare(name, measure))
  expect(Math.max(...results.map(({ p }) => p))).toBeGreaterThan(0.01)
  expect(Math.min(...results.map(({ apart }) => apart))).toBeLessThan(5)
}

async function timed(person: Person, url: string, fields: Record<string, string>): Promise<number> {
  // From another network each time: this is not about the limit of one.
  requests += 1
  const client = `198.${requests >> 8}.${requests & 255}.1`
  const started = performance.now()
  const response = await person.request('POST', url, new URLSearchParams(fields), { 'x-forwarded-for': client })
  await response.text()
  const took = performance.now() - started
  expect([200, 400]).toContain(response.status)
  return took
}

test('H-02: a wrong password takes as long for an unknown address as for a known one', async () => {
  const stranger = await atSignIn(app)
  const [form] = stranger.forms()
  const url = new URL(form?.action ?? '', stranger.page.url).href
  await indistinguishable('sign-in', (email) => timed(stranger, url, { ...form?.fields, email, password: WRONG }))
}, 180_000)

test('H-03: asking for a link takes as long for an unknown address as for a known one', async () => {
  const stranger = new Person()
  await stranger.visit(`${app.origin}/recover`)
  const [form] = stranger.forms()
  await indistinguishable('recover', (email) => timed(stranger, `${app.origin}/recover`, { ...form?.fields, email }))
}, 180_000)
