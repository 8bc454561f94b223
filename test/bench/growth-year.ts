/**
 * A year of sign-ins, on a clock of its own: `node test/bench/growth-year.ts [people] [days] [of whom at the front door]`. On
 * workdays each person signs in with password and code, refreshes eight times and signs out; one in ten mistypes once. What
 * a day weighs at the front door is printed beside what it weighs through the port, by which the year is told in minutes.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditing } from '../../src/audit/audit.ts'
import { prune } from '../../src/audit/prune.ts'
import { cutoffs } from '../../src/audit/retention.ts'
import { verifyTrail } from '../../src/audit/verify.ts'
import { DAY } from '../../src/lib/time.ts'
import { afterRestore } from '../../src/store/after-restore.ts'
import { backUp } from '../../src/store/sqlite/backup.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable } from '../../src/store/sqlite/portable.ts'
import { SEAL } from '../support/samples/pruning.ts'
import { dayAtTheFrontDoor } from './growth/front-day.ts'
import { dayAtThePort } from './growth/port-day.ts'
import { toldSince, trailOf, weigh } from './growth/weight.ts'

const [people = 1000, days = 365, few = 20] = process.argv.slice(2).map(Number)
const KEPT = {
  signIns: 400 * DAY,
  tokens: 90 * DAY,
  refusals: 90 * DAY,
  accounts: 2560 * DAY,
  administration: 2560 * DAY,
}
const begun = Date.UTC(2026, 0, 5)
/** Ranges in a round, as in src/app/pruning.ts. */
const RANGES = 25

if (few > 0) await compare()
const folder = mkdtempSync(join(tmpdir(), 'sigma-id-growth-'))
const path = join(folder, 'sigma-id.db')
const store = openSqliteStore(path)
const clock = { at: begun }
const told = auditing(store.durable, () => clock.at, { onEvent: () => undefined })
let [removed, rounds, longest, sweeping] = [0, 0, 0, 0]
const started = performance.now()
const lines = []
for (let n = 0; n < days; n += 1) {
  clock.at = begun + n * DAY
  const isWorkday = n % 7 < 5 && Math.floor(n / 7) % 13 < 11
  if (isWorkday) await dayAtThePort(told, people, clock)
  clock.at = begun + (n + 1) * DAY
  await sweep()
  if ([90, 180, 270, days].includes(n + 1)) lines.push(line(n + 1))
}
console.log(`${people} people, ${days} days, in ${Math.round((performance.now() - started) / 1000)} s`)
console.table(lines)
const { parts } = weigh(folder)
console.table(
  [...parts]
    .filter(([name]) => name.includes('audit') || name.includes('whole'))
    .map(([name, { bytes, pages, rows }]) => ({ name, rows, MB: Math.round(pages / 25) / 10, bytes })),
)
await timed('verified', () => verifyTrail(store.durable, { seal: SEAL, now: clock.at }))
await restore()
rmSync(folder, { recursive: true })

/** Rounds as the server makes them, until nothing is due. */
async function sweep(): Promise<void> {
  const from = performance.now()
  while ((await store.durable.shortenAddresses(clock.at - 90 * DAY, 500)) === 500);
  const [trail, now] = [store.durable, clock.at]
  for (let again = true, left = true; left; again = false) {
    const begin = performance.now()
    const pruned = await prune({ trail, seal: SEAL, cutoffs: cutoffs(KEPT, now), now, again, ranges: RANGES })
    longest = Math.max(longest, performance.now() - begin)
    if (pruned.broken.length > 0) throw new Error(`does not verify: ${pruned.broken}`)
    removed += pruned.removed
    rounds += 1
    left = pruned.removed > 0
  }
  sweeping += performance.now() - from
}

function line(day: number): object {
  const { parts, file, free } = weigh(folder)
  const mega = (bytes: number) => Math.round(bytes / 1e5) / 10
  const rows = (part: string) => parts.get(part)?.rows ?? 0
  const found = {
    day,
    'file, MB': mega(file),
    'free, MB': mega(free),
    records: rows('audit_by_time'),
    'removed so far': removed,
    checkpoints: rows('audit_checkpoint'),
    'rounds since': rounds,
    'they took, s': Math.round(sweeping) / 1000,
    'the longest, s': Math.round(longest) / 1000,
  }
  ;[rounds, sweeping, longest] = [0, 0, 0]
  return found
}

/** A back-up, put back as an operator does it: `store:restored`, and a start. */
async function restore(): Promise<void> {
  const [backup, back] = [join(folder, 'back-up.db'), join(folder, 'restored.db')]
  await timed('backed up', async () => void (await backUp(path, backup, clock.at)))
  console.log(`back-up ${statSync(backup).size} bytes`)
  await store.close()
  copyFileSync(backup, back)
  const portable = await openSqlitePortable(back)
  await timed('store:restored', async () => void (await afterRestore(portable, () => clock.at)))
  await portable.close()
  const again = openSqliteStore(back)
  await timed('verified after the restore', () => verifyTrail(again.durable, { seal: SEAL, now: clock.at }))
  const pruned = await prune({ trail: again.durable, seal: SEAL, cutoffs: cutoffs(KEPT, clock.at), now: clock.at })
  console.log(`a round after the restore: ${JSON.stringify(pruned)}`)
  await again.close()
}

async function compare(): Promise<void> {
  const front = await dayAtTheFrontDoor(few)
  const small = mkdtempSync(join(tmpdir(), 'sigma-id-growth-'))
  const other = openSqliteStore(join(small, 'sigma-id.db'))
  const clock = { at: begun }
  const told = auditing(other.durable, () => clock.at, { onEvent: () => undefined })
  await dayAtThePort(told, few, clock)
  clock.at += DAY
  const before = trailOf(small)
  await dayAtThePort(told, few, clock)
  const port = toldSince(small, before)
  await other.close()
  rmSync(small, { recursive: true })
  console.log(`one day of ${few} people`)
  const kinds = new Set([...front.rows.keys(), ...port.rows.keys()])
  console.table(
    [...kinds]
      .map((kind) => ({ kind, 'front door': front.rows.get(kind) ?? 0, port: port.rows.get(kind) ?? 0 }))
      .concat([{ kind: 'bytes of content', 'front door': front.bytes, port: port.bytes }]),
  )
}

async function timed(what: string, work: () => Promise<string | undefined>): Promise<void> {
  const from = performance.now()
  const broken = await work()
  console.log(`${what}: ${broken ?? 'whole'}, ${Math.round(performance.now() - from)} ms`)
}
