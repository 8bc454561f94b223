/**
 * `node test/bench/equal-answers.ts [tries of each] [schemes]`: whether the time or the bytes of a wrong password's answer tell whose
 * address it is. One try of every group in turn, in another order each time: addresses of nobody, accounts of ours, and
 * accounts of each scheme that other software made, before their password was first used here and after. Prints p of
 * Mann–Whitney and judges nothing but the bytes, for machines differ: run it on one that does nothing else. Each try waits
 * as long as the slowest scheme takes; `schemes` is a pattern of those to have, such as '^(bcrypt|scrypt)'.
 */
import { readHash } from '../../src/accounts/foreign/spelling.ts'
import { strangersLane } from '../../src/accounts/login.ts'
import { defaultGate, hasher } from '../../src/accounts/password.ts'
import { schemeOf } from '../../src/person/password.ts'
import { type RunningApp, startApp } from '../support/app/app.ts'
import { atSignIn, likeness, PASSWORD, WRONG } from '../support/attack/attack.ts'
import { HASHES } from '../support/foreign/foreign.ts'
import { asked } from '../support/people/asked-people.ts'
import type { Person } from '../support/people/person.ts'
import { mannWhitney, quantile, summary } from '../support/runner/statistics.ts'
import { link, account as sample } from '../support/samples/records.ts'

const EACH = Number(process.argv[2] ?? 100)
const SCHEMES = new RegExp(process.argv[3] ?? '')
/** Accounts whose password was used: how often one was tried is taken back each time. */
const USED = 3
const APART = 0.01

interface Group {
  name: string
  /** What is kept of the password; of nobody, nothing. */
  kept: string | undefined
  /** Of those whose password has been used here, their accounts. */
  used: Array<{ id: string; email: string }>
}

let accounts = 0
let requests = 0
const settings = { trustedProxies: 1, throttle: { perMinute: 1_000_000 }, imported: { passwords: 'keep' } }
const app = await startApp({ settings })
try {
  await measure(await groupsOf(app))
} finally {
  await app.stop()
}

async function groupsOf({ core }: RunningApp): Promise<Group[]> {
  const hashing = hasher({ pepper: core.ring, gate: defaultGate() })
  const groups: Group[] = [
    { name: 'unknown', kept: undefined, used: [] },
    { name: 'ours', kept: await hashing.hash(PASSWORD), used: [] },
  ]
  for (const { hash, password } of HASHES) {
    const read = readHash(hash)
    if (!read.ok) throw new Error(read.reason)
    const kept = await hashing.wrap(read.hash)
    const name = schemeOf(kept) ?? ''
    // One of each scheme and cost: what differs otherwise takes no time.
    if (!SCHEMES.test(name) || groups.some((group) => group.name === name)) continue
    const used = await Promise.all(Array.from({ length: USED }, () => account(kept)))
    const stranger = await atSignIn(app)
    for (const { email } of used) await tried(stranger.copy(), email, password)
    const found = await asked(core.store.durable.people).findAccount(used[0]?.id ?? '')
    // A weak digest opens nothing, and stays what it was until another password is set by a mailed link.
    const stays = schemeOf(found?.passwordHash) !== undefined
    groups.push({ name, kept, used: [] }, ...(stays ? [] : [{ name: `${name}, used`, kept, used }]))
  }
  return groups
}

async function account(passwordHash: string | undefined): Promise<{ id: string; email: string }> {
  accounts += 1
  const email = `${String(accounts).padStart(7, '0')}@sigma.example`
  if (passwordHash === undefined) return { id: '', email }
  const imported = { source: 'bench', externalId: email, at: 0, wrote: {}, run: { plan: '', did: '' } }
  const made = sample({ email, emailKey: email, status: 'active', organizationId: undefined, passwordHash, imported })
  await asked(app.core.store.durable.people).insertAccount(made, link(made.id, { usedAt: Date.now() }), [])
  return { id: made.id, email }
}

/** From another network each time: this is not about the limit of one. */
async function tried(from: Person, email: string, password = WRONG): Promise<{ took: number; answer: string }> {
  requests += 1
  const network = `${10 + (requests >> 16)}.${(requests >> 8) & 255}.${requests & 255}.1`
  const [form] = from.forms()
  const fields = new URLSearchParams({ ...form?.fields, email, password })
  const target = new URL(form?.action ?? '', from.page.url).href
  const began = performance.now()
  const response = await from.request('POST', target, fields, { 'x-forwarded-for': network })
  const html = await response.text()
  const took = performance.now() - began
  const { status, headers, url } = response
  return { took, answer: JSON.stringify(likeness({ status, headers, url, html }, email, encodeURIComponent(email))) }
}

async function measure(groups: Group[]): Promise<void> {
  const stranger = await atSignIn(app)
  const times = new Map(groups.map(({ name }) => [name, [] as number[]]))
  const beside = new Map(groups.map(({ name }) => [name, [] as number[]]))
  const answers = new Map<string, string>()
  // The first three are slow: code that runs for the first time, and schemes whose time is not known yet.
  for (let count = -3; count < EACH; count += 1) {
    const turn = new Map<string, number>()
    for (const { name, kept, used } of groups.toSorted(() => Math.random() - 0.5)) {
      const again = used[(count + 3) % USED]
      const { took, answer } = await tried(stranger, (again ?? (await account(kept))).email)
      if (again) await app.core.attempts.reset(strangersLane(again.id))
      if (count < 0) continue
      times.get(name)?.push(took)
      turn.set(name, took)
      answers.set(answer, name)
    }
    const middle = quantile([...turn.values()], 0.5)
    for (const [name, took] of turn) beside.get(name)?.push(took - middle)
    process.stderr.write(`\r${count + 1} of ${EACH} `)
  }
  report(groups, times)
  // What all answers of a turn have in common is no difference between them, and would hide a small one.
  console.log('\nThe same, each time as what it is more than the middle of its turn')
  report(groups, beside)
  console.log(
    `\nDifferent answers: ${answers.size} (${answers.size === 1 ? 'the same bytes for all' : [...answers.values()].join('; ')})`,
  )
  if (answers.size !== 1) process.exitCode = 1
}

function report(groups: Group[], times: Map<string, number[]>): void {
  const of = (name: string) => times.get(name) ?? []
  const p = (one: string, other: string) => mannWhitney(of(one), of(other)).p
  const rows = groups.map(({ name }) => [
    name,
    {
      'median (quartiles), ms': summary(of(name)),
      'p, unknown': p(name, 'unknown').toFixed(3),
      'p, ours': p(name, 'ours').toFixed(3),
      'p, before it was used': name.endsWith(', used') ? p(name, name.replace(', used', '')).toFixed(3) : '',
    },
  ])
  console.table(Object.fromEntries(rows))
  const pairs = groups.flatMap(({ name: one }, at) =>
    groups.slice(at + 1).map(({ name: other }) => ({ one, other, p: p(one, other) })),
  )
  const low = pairs.filter((pair) => pair.p <= APART).toSorted((one, other) => one.p - other.p)
  console.log(
    `\n${EACH} tries of each. p ≤ ${APART} in ${low.length} of ${pairs.length} pairs (by chance ${Math.round(pairs.length * APART)}):`,
  )
  for (const { one, other, p } of low) console.log(`  ${p.toFixed(5)}  ${one} / ${other}`)
  console.log('\nAll pairs:')
  for (const { one, other, p } of pairs) console.log(`  ${p.toFixed(3)}  ${one} / ${other}`)
}
