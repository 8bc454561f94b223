/**
 * Finding out by the time or the bytes of an answer who was brought along from another system (SECURITY H-02): unknown
 * addresses, accounts of ours, those of each scheme, and those whose password was used here since, interleaved. What was
 * told apart is compared again with new samples, like in timing.test.ts.
 */
import { pbkdf2Sync } from 'node:crypto'
import { hash as bcrypt } from '@node-rs/bcrypt'
import { expect, test } from 'vitest'
import { readHash } from '../../../src/accounts/foreign/spelling.ts'
import { defaultGate, hasher } from '../../../src/accounts/password.ts'
import { schemeOf } from '../../../src/person/password.ts'
import { startApp } from '../../support/app/app.ts'
import { atSignIn, laneOf, likeness, PASSWORD, WRONG } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import type { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { mannWhitney, summary, tellsApart } from '../../support/runner/statistics.ts'
import { link, account as sample } from '../../support/samples/records.ts'

const EACH = Number(process.env.SIGMA_TIMING_EACH ?? 30)
const TRIES = 3
/** Slower than ours by half and more, and no slower than a test has time for. */
const [ROUNDS, COST] = [Number(process.env.SIGMA_TIMING_ROUNDS ?? 30_000), Number(process.env.SIGMA_TIMING_COST ?? 8)]

const app = forAllTests(() => startApp({ settings: { trustedProxies: 1 } }))
const people = () => app.core.store.durable.people
const hashing = () => hasher({ pepper: app.core.ring, gate: defaultGate() })
let [accounts, requests] = [0, 0]

/** What is kept of the password by group; of nobody, nothing. */
async function kept(): Promise<Record<string, string | undefined>> {
  const wrapped = async (text: string) => {
    const read = readHash(text)
    if (!read.ok) throw new Error(read.reason)
    return hashing().wrap(read.hash)
  }
  const key = pbkdf2Sync(PASSWORD, 'salt', ROUNDS, 32, 'sha256').toString('base64')
  return {
    unknown: undefined,
    ours: await hashing().hash(PASSWORD),
    bcrypt: await wrapped(await bcrypt(PASSWORD, COST)),
    pbkdf2: await wrapped(`pbkdf2_sha256$${ROUNDS}$salt$${key}`),
    since: await wrapped(`pbkdf2_sha256$${ROUNDS}$salt$${key}`),
  }
}

async function address(passwordHash: string | undefined): Promise<string> {
  accounts += 1
  const email = `${String(accounts).padStart(6, '0')}@sigma.example`
  if (passwordHash === undefined) return email
  const given = { email, emailKey: email, status: 'active', organizationId: undefined } as const
  const account = sample({ ...given, passwordHash, createdAt: Date.now() })
  await asked(people()).insertAccount(account, link(account.id, { usedAt: Date.now() }), [])
  return email
}

async function tried(stranger: Person, email: string, password = WRONG): Promise<{ took: number; answer: string }> {
  // From another network each time: this is not about the limit of one.
  requests += 1
  const [form] = stranger.forms()
  const fields = new URLSearchParams({ ...form?.fields, email, password })
  const from = { 'x-forwarded-for': `198.${requests >> 8}.${requests & 255}.1` }
  const began = performance.now()
  const response = await stranger.request('POST', new URL(form?.action ?? '', stranger.page.url).href, fields, from)
  const html = await response.text()
  const took = performance.now() - began
  const { status, headers, url } = response
  const page = { status, headers, url, html }
  return { took, answer: JSON.stringify(likeness(page, email, encodeURIComponent(email))) }
}

test('H-02: a wrong password takes as long, and is answered by the same bytes, whatever the password is kept by, before and after it was used', async () => {
  const groups = await kept()
  const stranger = await atSignIn(app)
  const own: string[] = []
  const used = async (email: string) => {
    const own = await atSignIn(app)
    await tried(own, email, PASSWORD)
    const found = await asked(people()).findAccountByEmail(email)
    expect(schemeOf(found?.passwordHash)).toBeUndefined()
  }
  for (let count = 0; count < 5; count += 1) {
    const email = await address(groups.since)
    await used(email)
    own.push(email)
  }

  async function round(each: number): Promise<Record<string, number[]>> {
    const times: Record<string, number[]> = Object.fromEntries(Object.keys(groups).map((name) => [name, []]))
    const answers = new Set<string>()
    for (let count = 0; count < each; count += 1)
      for (const name of Object.keys(groups).toSorted(() => Math.random() - 0.5)) {
        const email = name === 'since' ? (own[count % own.length] ?? '') : await address(groups[name])
        const { took, answer } = await tried(stranger, email)
        times[name]?.push(took)
        // Nobody has to wait for having been tried a few times.
        if (name === 'since') await app.core.attempts.reset(await laneOf(app, email))
        answers.add(answer)
      }
    expect(answers.size).toBe(1)
    return times
  }

  function apart(times: Record<string, number[]>): string[] {
    const unknown = times.unknown ?? []
    const told = Object.entries(times).map(([name, own]) => {
      const { p } = mannWhitney(own, unknown)
      return { name, line: `${name} ${summary(own)} ms, p = ${p.toFixed(3)}`, apart: tellsApart(own, unknown) }
    })
    process.stdout.write(`wrong password: ${told.map(({ line }) => line).join('; ')}\n`)
    return told.filter(({ apart }) => apart).map(({ name }) => name)
  }

  // Code that runs for the first time is slow.
  await round(4)
  let told: string[] = ['all']
  for (let tries = 0; tries < TRIES && told.length > 0; tries += 1) told = apart(await round(EACH))
  expect(told).toEqual([])
}, 120_000)
