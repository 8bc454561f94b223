/**
 * What the background does about a great many old rows of each kind in the embedded store:
 * `node --expose-gc test/bench/sweeps.ts [rows] [kind]`. First a round with nothing due, then with all of it due: seconds, calls
 * of the store's ports, the longest stretch in which nobody else had a turn, and the memory that it took besides.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditing } from '../../src/audit/audit.ts'
import { prune } from '../../src/audit/prune.ts'
import { cutoffs } from '../../src/audit/retention.ts'
import { tidy as forgetMade, madeOnceKind } from '../../src/client/made-once.ts'
import { PASSING, PASSING_LIFE, STREAK_LIFE } from '../../src/lib/throttle.ts'
import { DAY } from '../../src/lib/time.ts'
import { sessions } from '../../src/oidc/sessions.ts'
import { personKind } from '../../src/person/kind.ts'
import { emptyPersonRecord } from '../../src/person/person.ts'
import { tidy } from '../../src/person/tidy.ts'
import { sweep } from '../../src/record/sweep.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { RETENTION, SEAL } from '../support/samples/pruning.ts'
import { link } from '../support/samples/records.ts'
import { oldArtifacts, oldCounters, oldParcels, oldRecords, oldTrail } from './growth/old-rows.ts'
import { costOf, counted } from './growth/turns.ts'

const [rows = 100_000] = process.argv.slice(2, 3).map(Number)
const [, , , only] = process.argv
const NOW = Date.UTC(2026, 10, 30)
/** Before this moment rows are put there, a millisecond after the other. */
const OLD = NOW - 500 * DAY

interface Swept {
  what: string
  fill(path: string): void
  round(store: Store, now: number): Promise<unknown>
}

const token = (n: number) => ({
  ...({ type: 'token.issued', outcome: 'ok', client: 'roster', actor: 'client:roster' } as const),
  ...{ subject: `person-${n % 1000}`, source: { ip: '192.0.2.7', correlation: `${n}`.padStart(8, 'A') }, at: OLD + n },
})

function endings({ durable, expiring }: Store, now: number) {
  return sessions({
    people: durable.people,
    store: { ...durable, ...expiring },
    seal: { open: (sealed: string) => sealed },
    wrap: () => undefined,
    clients: { find: () => undefined },
    audit: auditing(durable, () => now, { onEvent: () => undefined }).audit,
    log: console,
    now: () => now,
  } as never)
}

async function rounds(work: () => Promise<{ removed: number }>): Promise<void> {
  while ((await work()).removed > 0);
}

const SWEPT: Swept[] = [
  {
    what: 'records of the trail that go',
    fill: (path) => oldTrail(path, rows, token),
    round: ({ durable: trail }, now) =>
      rounds(() => prune({ trail, seal: SEAL, cutoffs: cutoffs(RETENTION, now), now, ranges: 25 })),
  },
  {
    what: 'addresses that are shortened',
    fill: (path) => oldTrail(path, rows, token),
    async round({ durable }, now) {
      while ((await durable.shortenAddresses(now - 90 * DAY, 500)) === 500);
    },
  },
  {
    what: 'sessions, grants, codes, tokens',
    fill: (path) => oldArtifacts(path, rows, OLD),
    async round(store, now) {
      const { endExpired } = endings(store, now)
      while ((await endExpired(now)) > 0);
      await store.expiring.sweepArtifacts(now)
    },
  },
  ...[
    ['windows of counted tries', { kind: 'window', prefix: 'network/' }, 0],
    ['tries in a row', { kind: 'streak', prefix: 'password/' }, STREAK_LIFE],
    ['tries of what passes', { kind: 'streak', prefix: PASSING }, PASSING_LIFE],
  ].map(
    ([what, how, life]): Swept => ({
      what: what as string,
      fill: (path) => oldCounters(path, rows, { ...(how as { kind: string; prefix: string }), touched: OLD }),
      round: ({ durable }, now) => durable.sweepCounters(now + (life as number)),
    }),
  ),
  {
    what: 'tries in a row, two weeks old, of which none is due',
    fill: (path) => oldCounters(path, rows, { kind: 'streak', prefix: 'password/', touched: OLD }),
    round: ({ durable }) => durable.sweepCounters(OLD + 14 * DAY),
  },
  {
    what: 'mail that was given up',
    fill: (path) => oldParcels(path, rows, OLD),
    round: ({ durable }, now) => durable.removeGivenUp(now),
  },
  {
    what: 'people with links that are over',
    fill: (path) =>
      oldRecords(path, rows, { ...personKind, keys: () => [], search: () => undefined }, (n) => ({
        ...emptyPersonRecord(),
        links: [link(`id-${n}`, { digest: `${n}`, expiresAt: OLD + n })],
      })),
    round: ({ durable: { people } }, now) => sweep(people, 'tidyAt', now, (person) => tidy(person, now)),
  },
  {
    what: 'answers that are kept for a day',
    fill: (path) =>
      oldRecords(path, rows, madeOnceKind, (n) => ({ asked: 'x', busyUntil: 0, answer: 'y', endsAt: OLD + n })),
    round: ({ durable }, now) => sweep(durable.madeOnce, 'endsAt', now, (made) => forgetMade(made, now)),
  },
]

const table = []
for (const { what, fill, round } of SWEPT.filter(({ what }) => only === undefined || what.includes(only))) {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-sweeps-'))
  const path = join(folder, 'sigma-id.db')
  await openSqliteStore(path).close()
  fill(path)
  const store = openSqliteStore(path)
  const calls = { count: 0 }
  const seen = { ...store, durable: counted(store.durable, calls), expiring: counted(store.expiring, calls) }
  const none = await costOf(calls, () => round(seen, OLD - 500 * DAY))
  const all = await costOf(calls, () => round(seen, NOW))
  await store.close()
  rmSync(folder, { recursive: true })
  const line = {
    what,
    'none due, ms': Math.round(none.seconds * 1000),
    'longest, ms': none.longest,
    'all due, s': all.seconds,
    calls: all.calls,
    'longest of it, ms': all.longest,
    'memory, MB': all.memory,
  }
  console.error(JSON.stringify(line))
  table.push(line)
}
console.log(`${rows} old rows of each`)
console.table(table)
