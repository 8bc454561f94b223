/**
 * Finding out who has an account by how long the answer takes (SECURITY H-02, H-03): two samples of 200, interleaved, and
 * the Mann–Whitney U test. One comparison in a hundred tells equal ones apart by chance, and a busy machine adds noise to
 * both samples alike; so what was told apart is compared again with new samples, at most four times: all five are wrong
 * once in ten thousand million. A real difference of a tenth of the hash's time shows in all five.
 */

import { beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { activate, atSignIn, WRONG } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { mannWhitney, summary, tellsApart } from '../../support/runner/statistics.ts'
import { link, account as sample } from '../../support/samples/records.ts'

const EACH = 200
const TRIES = 5
const PATIENCE = 600_000
let hash: string | undefined
let number = 0
let requests = 0

const app = forAllTests(() => startApp({ settings: { trustedProxies: 1 } }))
beforeAll(async () => {
  await activate(app, 'model@sigma.example')
  hash = (await asked(app.core.store.durable.people).findAccountByEmail('model@sigma.example'))?.passwordHash
})

/** An address of fixed length; `known` has an active account with a password of the same cost as any. */
async function address(known: boolean): Promise<string> {
  number += 1
  const email = `${String(number).padStart(6, '0')}@sigma.example`
  if (!known) return email
  const now = Date.now()
  const account = sample({ email, emailKey: email, status: 'active', passwordHash: hash, createdAt: now })
  await asked(app.core.store.durable.people).insertAccount(account, link(account.id, { usedAt: now }), [])
  return email
}

/** Whether an attacker who measures both sees a difference. */
async function showsDifference(name: string, measure: (email: string) => Promise<number>): Promise<boolean> {
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
  const { p } = mannWhitney(times.known, times.unknown)
  process.stdout.write(
    `${name}: known ${summary(times.known)} ms, unknown ${summary(times.unknown)} ms, p = ${p.toFixed(3)}\n`,
  )
  return tellsApart(times.known, times.unknown)
}

async function indistinguishable(name: string, measure: (email: string) => Promise<number>): Promise<void> {
  // Code that runs for the first time is slow.
  for (let count = 0; count < 40; count += 1) await measure(await address(count % 2 === 0))
  let told = 0
  while (told < TRIES && (await showsDifference(name, measure))) told += 1
  expect(told).toBeLessThan(TRIES)
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

test(
  'H-02: a wrong password takes as long for an unknown address as for a known one',
  async () => {
    const stranger = await atSignIn(app)
    const [form] = stranger.forms()
    const url = new URL(form?.action ?? '', stranger.page.url).href
    await indistinguishable('sign-in', (email) => timed(stranger, url, { ...form?.fields, email, password: WRONG }))
  },
  PATIENCE,
)

test(
  'H-03: asking for a link takes as long for an unknown address as for a known one',
  async () => {
    const stranger = new Person()
    await stranger.visit(`${app.origin}/recover`)
    const [form] = stranger.forms()
    await indistinguishable('recover', (email) => timed(stranger, `${app.origin}/recover`, { ...form?.fields, email }))
  },
  PATIENCE,
)
