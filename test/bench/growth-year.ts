/**
 * A year of sign-ins, on a clock of its own: `node test/bench/growth-year.ts [people] [days]`. What test/bench/growth.ts
 * counts through the front door is told here through the product's own audit, so that a year passes in minutes: on
 * workdays each person signs in with password and code, refreshes eight times and signs out; one in ten is refused once.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientActor } from '../../src/audit/actor.ts'
import { auditing } from '../../src/audit/audit.ts'
import { deed, refusal } from '../../src/audit/event.ts'
import { prune } from '../../src/audit/prune.ts'
import { TOKENS } from '../../src/audit/repeats.ts'
import { cutoffs } from '../../src/audit/retention.ts'
import { verifyTrail } from '../../src/audit/verify.ts'
import { DAY, HOUR, MINUTE } from '../../src/lib/time.ts'
import { backUp } from '../../src/store/sqlite/backup.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import { SEAL } from '../support/samples/pruning.ts'
import { weigh } from './growth/weight.ts'

const [people = 1000, days = 365] = process.argv.slice(2).map(Number)
const KEPT = {
  signIns: 400 * DAY,
  tokens: 90 * DAY,
  refusals: 90 * DAY,
  accounts: 2560 * DAY,
  administration: 2560 * DAY,
}

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-growth-'))
const path = join(folder, 'sigma-id.db')
const store = openSqliteStore(path)
const begun = Date.UTC(2026, 0, 5)
let at = begun
const told = auditing(store.durable, () => at, { onEvent: () => undefined })
const client = 'roster'
const actor = clientActor(client)

async function day(): Promise<void> {
  const morning = at
  for (let group = 0; group < people; group += 200) {
    at = morning + 7 * HOUR + Math.floor(group / 200) * MINUTE
    await Promise.all(Array.from({ length: Math.min(200, people - group) }, (_, n) => person(group + n)))
  }
  at = morning + 18 * HOUR
  await told.writeRepeats({ all: true })
}

/** As they stand in the trail after one day at the front door, see test/bench/growth.ts. */
async function person(n: number): Promise<void> {
  const account = { id: `0195a1b2-c3d4-7e5f-8a9b-${n.toString(16).padStart(12, '0')}` }
  const signIn = `${Math.floor(at / MINUTE)
    .toString(36)
    .slice(-4)}${n.toString(36).padStart(8, '0')}`
  const source = {
    ip: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
    correlation: signIn.slice(-8).toUpperCase(),
    signIn,
  }
  const backend = { ...source, ip: '10.1.2.3' }
  if (n % 10 === 0) await told.audit(refusal('sign-in.password', { account, source }, { known: true }))
  await told.audit(deed('sign-in.password', { account, source }, { known: true }))
  await told.audit(deed('sign-in.second-factor', { account, source }, { method: 'totp' }))
  const details = { acr: 'urn:sigma:acr:mfa', amr: 'pwd otp mfa' }
  await told.audit({ ...deed('sign-in.completed', { account, source }, details), client })
  const token = { type: 'token.issued', outcome: 'ok', actor, client, subject: account.id, source: backend } as const
  const code = { by: 'authorization_code', rule: TOKENS }
  await told.audit({ ...token, details: { grant: 'authorization_code' }, repeats: code })
  for (let refreshes = 1; refreshes <= 8; refreshes += 1) {
    const repeats = { by: account.id, rule: 'daily' } as const
    await told.audit({ ...token, details: { grant: 'refresh_token', refreshes }, repeats })
  }
  await told.audit({ ...deed('session.ended', { account, source }), client })
  await told.audit({ type: 'token.revoked', outcome: 'ok', actor, client, subject: account.id, source })
}

interface Line {
  day: number
  'file, MB': number
  'free, MB': number
  records: number
  'removed so far': number
  'swept in, s': number
}
const lines: Line[] = []
let removed = 0
let sweeping = 0
const started = performance.now()
for (let n = 0; n < days; n += 1) {
  at = begun + n * DAY
  const isWorkday = n % 7 < 5 && Math.floor(n / 7) % 13 < 11
  if (isWorkday) await day()
  at = begun + (n + 1) * DAY
  const from = performance.now()
  while ((await store.durable.shortenAddresses(at - 90 * DAY, 500)) === 500);
  removed += (await prune({ trail: store.durable, seal: SEAL, cutoffs: cutoffs(KEPT, at), now: at })).removed
  sweeping += performance.now() - from
  if (n % 30 === 29 || n === days - 1) lines.push(line(n + 1))
}

function line(n: number): Line {
  const { parts, file, free } = weigh(folder)
  const swept = Math.round(sweeping) / 1000
  sweeping = 0
  const mega = (bytes: number) => Math.round(bytes / 1e5) / 10
  const records = parts.get('audit_by_time')?.rows ?? 0
  return {
    day: n,
    'file, MB': mega(file),
    'free, MB': mega(free),
    records,
    'removed so far': removed,
    'swept in, s': swept,
  }
}

console.log(`${people} people, ${days} days, in ${Math.round((performance.now() - started) / 1000)} s`)
console.table(lines)
const { parts } = weigh(folder)
console.table(
  [...parts]
    .filter(([name]) => name.includes('audit') || name.includes('whole'))
    .map(([name, { bytes, pages, rows }]) => ({ name, rows, MB: Math.round(pages / 25) / 10, bytes })),
)
await timed('verified', () => verifyTrail(store.durable, { seal: SEAL }))
await backUp(path, join(folder, 'back-up.db'), at)
await store.close()
const restored = await openSqlitePortable(join(folder, 'back-up.db'))
await timed('verified in the back-up', () => verifyTrail(restored.trail, { seal: SEAL }))
await restored.close()
console.log(`back-up ${statSync(join(folder, 'back-up.db')).size} bytes`)
rmSync(folder, { recursive: true })

async function timed(what: string, work: () => Promise<string | undefined>): Promise<void> {
  const from = performance.now()
  const broken = await work()
  console.log(`${what}: ${broken ?? 'whole'}, ${Math.round(performance.now() - from)} ms`)
}
