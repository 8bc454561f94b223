/**
 * The step that writes the trail anew, on a file of the release before: `node test/bench/growth/step.ts make|take <file> [records]`.
 * `make` makes such a file, `take` opens it as a server does. It may be killed over that, and then be called again.
 */

import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { auditId, auditRow, CHAIN_START } from '../../../src/audit/chain.ts'
import { verifyTrail } from '../../../src/audit/verify.ts'
import { MIGRATIONS, migrate } from '../../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'

const [what, path = '', records = 2_000_000] = process.argv.slice(2)
const KINDS = [
  'sign-in.password',
  'sign-in.second-factor',
  'sign-in.completed',
  'token.issued',
  'session.ended',
] as const

if (what === 'make') make()
else await take()

function make(): void {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  migrate(db, MIGRATIONS.slice(0, 4))
  const columns =
    'seq, id, at, type, outcome, actor, subject, client, correlation, details, ip_digest, ip, ip_salt, hash'.split(', ')
  const insert = db.prepare(`INSERT INTO audit (${columns}) VALUES (${columns.map((column) => `:${column}`)})`)
  let last = CHAIN_START
  db.exec('BEGIN')
  for (let n = 0; n < Number(records); n += 1) {
    const person = `0195a1b2-c3d4-7e5f-8a9b-${(n % 20_000).toString(16).padStart(12, '0')}`
    const { previous, ...row } = auditRow(
      {
        ...{ id: auditId(), at: 1.77e12 + n * 1000, type: KINDS[n % KINDS.length] ?? 'fault', outcome: 'ok' },
        ...{
          actor: person,
          subject: person,
          client: 'roster',
          details: { acr: 'urn:sigma:acr:mfa', amr: 'pwd otp mfa' },
        },
        source: { ip: '192.0.2.7', correlation: auditId().slice(0, 8) },
      },
      last,
    )
    insert.run(row)
    last = { seq: row.seq, hash: row.hash }
    if (n % 100_000 === 99_999) db.exec('COMMIT; BEGIN')
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint (TRUNCATE)')
  db.close()
  console.log(`${records} records, ${size('')} MB`)
}

async function take(): Promise<void> {
  const before = size('')
  let most = 0
  const from = performance.now()
  const store = openSqliteStore(path, { onStep: (step) => console.log(`step ${JSON.stringify(step)}`) })
  most = size('-wal')
  console.log(`${before} MB, opened in ${Math.round(performance.now() - from)} ms, ${size('')} MB, log ${most} MB`)
  const rss = process.resourceUsage().maxRSS
  console.log(`memory at most ${Math.round(rss / 1024)} MB`)
  const at = performance.now()
  console.log(`verified: ${(await verifyTrail(store.durable)) ?? 'whole'}, ${Math.round(performance.now() - at)} ms`)
  await store.close()
  console.log(`closed: ${size('')} MB`)
}

function size(suffix: string): number {
  return existsSync(path + suffix) ? Math.round(statSync(path + suffix).size / 1e6) : 0
}
