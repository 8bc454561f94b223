/** store:drill says of a back-up whether a restore would work, and changes nothing. */
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stores, stores } from '../../../src/app/stores.ts'
import type { Config } from '../../../src/config.ts'
import { HOUR } from '../../../src/lib/time.ts'
import { MIGRATIONS } from '../../../src/store/sqlite/migrations.ts'
import type { RunningApp } from '../../support/app/app.ts'
import { startTwoStep, victim } from '../../support/people/second-factor-attack.ts'

let app: RunningApp
let folder: string
let backup: string
/** Where copies to try on are made, and nothing else is. */
let temporary: string
const before = process.env.TMPDIR

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sigma-id-drill-test-'))
  temporary = mkdtempSync(join(tmpdir(), 'sigma-id-temporary-'))
  app = await startTwoStep({ folder: join(folder, 'data') })
  await victim(app, 'sanne@sigma.example')
  backup = join(folder, 'backup.db')
  await doings().backUp(backup)
  process.env.TMPDIR = temporary
})
afterAll(async () => {
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  await app.stop()
  for (const one of [folder, temporary]) rmSync(one, { recursive: true, force: true })
})

function doings(changed: Partial<Config> = {}): Stores {
  const { config, log, now } = app.core
  return stores({ config: { ...config, ...changed }, now, log, operator: 'anna' })
}

/** All that there is of the back-up and the store, down to when it was written. */
function state(): unknown {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && !file.endsWith('-shm'))
    .map((file) => [file, statSync(file).mtimeMs, createHash('sha256').update(readFileSync(file)).digest('hex')])
}

/** Another back-up, made of this one. */
function changed(how: (db: DatabaseSync) => void): string {
  const file = join(temporary, `${randomBytes(4).toString('hex')}.db`)
  copyFileSync(backup, file)
  const db = new DatabaseSync(file)
  // Whoever edits the trail takes these away first.
  const triggers = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'`).all()
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`)
  how(db)
  db.close()
  return file
}

const left = () => readdirSync(temporary).filter((name) => name.startsWith('sigma-id-drill-'))

test('of a good one it says what is in it, that all of it opens, and what would be lost', async () => {
  expect(await doings().drill(backup)).toMatchObject({
    ...{ restorable: true, problems: [] },
    backup: { file: backup, bytes: statSync(backup).size, madeAt: expect.any(Number) },
    schema: { backup: MIGRATIONS.length, release: MIGRATIONS.length },
    holds: { people: 1, factors: 1, signingKeys: 4, newestRecordAt: expect.any(Number) },
    // The app, and the keys that sign.
    keys: { sealedBy: ['dev'], opened: 5, unopened: 0 },
    restored: { people: 1, backupCodes: 1 },
    // What told of the back-up itself.
    lost: { people: 0, auditRecords: 1 },
  })
  await app.core.links.invite({ email: 'bram@sigma.example', name: 'Bram', locale: 'en' })
  const { lost } = await doings().drill(backup)
  expect(lost).toMatchObject({ people: 1, auditRecords: 2, newestRecordAt: expect.any(Number) })
})

test('nothing is changed by it: not the back-up, the store or the trail, and nothing stays behind', async () => {
  const then = state()
  await doings().drill(backup)
  await doings().drill(changed((db) => db.exec('DELETE FROM audit WHERE seq = 2')))
  expect(state()).toEqual(then)
  expect(left()).toEqual([])
})

test('what a drill that was killed has left goes with the next one', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  const leftover = mkdtempSync(join(temporary, `sigma-id-drill-${pid}-`))
  const file = join(leftover, 'sigma-id.db')
  writeFileSync(file, '')
  const then = (app.core.now() - HOUR) / 1000
  for (const each of [file, leftover]) utimesSync(each, then, then)
  await doings().drill(backup)
  expect(left()).toEqual([])
})

test('a store that nobody has open is compared with, and nothing is made beside it', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sigma-id-closed-'))
  copyFileSync(backup, join(data, 'sigma-id.db'))
  // As a server leaves it.
  const db = new DatabaseSync(join(data, 'sigma-id.db'))
  db.exec('PRAGMA journal_mode = WAL')
  db.close()
  expect(await doings({ data }).drill(backup)).toMatchObject({ lost: { people: 0, auditRecords: 0 } })
  expect(readdirSync(data)).toEqual(['sigma-id.db'])
  rmSync(join(data, 'sigma-id.db'))
  const { restorable, lost } = await doings({ data }).drill(backup)
  expect({ restorable, lost }).toEqual({ restorable: true, lost: undefined })
})

function forgeCheckpoint(db: DatabaseSync, by = 'dev'): void {
  const after = db.prepare('SELECT hash FROM audit WHERE seq = 2').get()?.hash
  db.exec('DELETE FROM audit WHERE seq <= 2')
  const covered = {
    from: 1,
    to: 2,
    before: '',
    after,
    kept: '',
    stays: 0,
    oldest: {},
    removed: {},
    removing: false,
    at: 1,
  }
  db.prepare('INSERT INTO audit_checkpoint VALUES (1, 2, ?, ?)').run(JSON.stringify(covered), `${by}.forged`)
}

const OTHER_KEYS = [{ id: 'dev', key: randomBytes(32) }]

test.each<[string, (db: DatabaseSync) => void, RegExp]>([
  [
    'whose trail was edited',
    (db) => db.exec(`UPDATE audit SET outcome = 'x' WHERE seq = 2`),
    /audit trail was changed at/,
  ],
  ['whose first records went under a checkpoint that is not ours', forgeCheckpoint, /trail was changed: checkpoint 1$/],
  [
    'whose checkpoint is of a key that was retired',
    (db) => forgeCheckpoint(db, 'stolen'),
    /no key with id "stolen" .*: 1 checkpoint$/,
  ],
  [
    'of a later release',
    (db) => db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`),
    /a later release has made it/,
  ],
  ['without a mark', (db) => db.exec('DROP TABLE not_servable'), /no mark of store:backup/],
  ['marked as half a copy', (db) => db.exec(`UPDATE not_servable SET kind = 'copy'`), /no mark of store:backup/],
  ['that lacks a table', (db) => db.exec('DROP TABLE people'), /cannot be read as a store/],
  [
    'with an app of somebody else',
    (db) => db.exec(`UPDATE people SET record = json_set(record, '$.authenticators[0].id', 'other')`),
    /^1 sealed texts in it do not open/,
  ],
])('one %s is not restorable, and it says why', async (_what, how, reason) => {
  const report = await doings().drill(changed(how))
  expect(report).toMatchObject({ restorable: false, problems: [expect.stringMatching(reason)] })
  expect(left()).toEqual([])
})

test.each<[string, (file: string) => void]>([
  ['was cut off', (file) => truncateSync(file, statSync(file).size - 8192)],
  ['is no database', (file) => writeFileSync(file, randomBytes(9000))],
  ['is empty', (file) => truncateSync(file, 0)],
])('a file that %s is not restorable', async (_what, how) => {
  const file = changed(() => undefined)
  how(file)
  const { restorable, problems } = await doings().drill(file)
  expect(restorable).toBe(false)
  expect(problems.length).toBeGreaterThan(0)
  expect(left()).toEqual([])
})

test('a key that is missing is named, and one of the same name that is another opens nothing', async () => {
  const none = await doings({ keys: [{ id: 'new', key: randomBytes(32) }] }).drill(backup)
  expect(none).toMatchObject({
    restorable: false,
    problems: [expect.stringMatching(/^no key with id "dev" .* 1 password, 4 signing keys$/)],
  })
  const other = await doings({ keys: OTHER_KEYS }).drill(backup)
  expect(other).toMatchObject({ restorable: false, problems: [expect.stringMatching(/^5 sealed texts/)] })
})

test('of another store nobody says what would be lost, and what is not there is told as such', async () => {
  const stranger = changed((db) => db.exec('DELETE FROM audit'))
  const data = mkdtempSync(join(tmpdir(), 'sigma-id-other-'))
  copyFileSync(stranger, join(data, 'sigma-id.db'))
  const { lost } = await doings({ data }).drill(backup)
  expect(lost).toEqual({ unknown: expect.stringMatching(/is another store$/) })
  await expect(doings().drill(join(folder, 'none.db'))).rejects.toMatchObject({
    faults: [{ path: 'from', reason: expect.stringMatching(/is not there$/) }],
  })
  await expect(doings().drill(folder)).rejects.toMatchObject({ faults: [{ path: 'from' }] })
})
