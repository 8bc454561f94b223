/** How a file gets the schema that this release knows. */
import { describe, expect, test } from 'vitest'
import { digest } from '../../src/lib/crypto.ts'
import { numberOf, ROW } from '../../src/store/sqlite/audit-rows.ts'
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { parcel } from '../support/samples/records.ts'
import { stranger, testFile } from './temporary.ts'

/** Of the steps that 0.1.0 has. Those of a later release come to them when it is out. */
const RELEASED = [
  '4sO-NLxQXe-oVWvi-i53D3a5XnAidgKfdrm8NOmKNA4',
  '-rThjl4ao0iuxnlPFqLprfFqNfgXL6HbL5-hBdTf8R0',
  'I1s5EX4aab5-RiytAtEYEvnrW9sfT-jaqhGxY88hInI',
  'r7dKSIQFqbZ8O6r0DGn90UhuxL959cUXDVJD-i7xwXI',
]

test('no released step was edited: files are what they were made to be', () => {
  expect(MIGRATIONS.slice(0, RELEASED.length).map(digest)).toEqual(RELEASED)
})

describe('migrations', () => {
  const version = (path: string) => stranger(path).prepare('PRAGMA user_version').get()?.user_version

  test('a fresh file takes every step, and opening it again takes none', async () => {
    const path = testFile()
    await openSqliteStore(path).close()
    expect(version(path)).toBe(MIGRATIONS.length)
    const store = openSqliteStore(path)
    await store.durable.enqueue([parcel()])
    await store.close()
    await openSqliteStore(path).close()
    expect(version(path)).toBe(MIGRATIONS.length)
    expect(stranger(path).prepare('SELECT count(*) AS count FROM parcel').get()).toEqual({ count: 1 })
  })

  test('a later step finds everything that was kept before it', async () => {
    const path = testFile()
    const store = openSqliteStore(path)
    await store.durable.enqueue([parcel({ sealed: 'before' })])
    await store.close()
    const db = stranger(path)
    migrate(db, [
      ...MIGRATIONS,
      `ALTER TABLE parcel ADD COLUMN weight INTEGER; UPDATE parcel SET weight = length(sealed)`,
    ])
    expect(version(path)).toBe(MIGRATIONS.length + 1)
    expect(db.prepare('SELECT weight FROM parcel').all()).toEqual([{ weight: 6 }])
  })

  test('what is done about a file of a release before is told as it begins and when it is done; about a new one nothing is', () => {
    const path = testFile()
    const told: unknown[] = []
    const db = stranger(path)
    migrate(db, MIGRATIONS.slice(0, -1), (each) => told.push(each))
    expect(told).toEqual([])
    migrate(db, MIGRATIONS, (each) => told.push(each))
    const last = { step: MIGRATIONS.length, of: MIGRATIONS.length }
    expect(told).toEqual([
      { ...last, state: 'begun' },
      { ...last, state: 'done' },
    ])
  })

  test('a file of a later release is refused and left as it is', async () => {
    const path = testFile()
    await openSqliteStore(path).close()
    stranger(path).exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: 'store-too-new' }))
    expect(version(path)).toBe(MIGRATIONS.length + 1)
  })

  test('steps are taken in order, from where the file is', () => {
    const db = stranger(testFile())
    migrate(db, ['CREATE TABLE one (a TEXT)'])
    migrate(db, ['this is not taken again', 'ALTER TABLE one ADD COLUMN b TEXT', `INSERT INTO one VALUES ('a', 'b')`])
    expect(db.prepare('SELECT a, b FROM one').all()).toEqual([{ a: 'a', b: 'b' }])
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 })
  })

  test('a step that fails half-way leaves no trace, and the steps before it stand', () => {
    const db = stranger(testFile())
    expect(() => migrate(db, ['CREATE TABLE one (a TEXT)', 'CREATE TABLE two (a TEXT); nonsense'])).toThrow('nonsense')
    expect(db.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'one' }])
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
    expect(db.isTransaction).toBe(false)
  })
})

test('a file of a release that did not note the time knows that of its newest record', async () => {
  const path = testFile()
  const db = stranger(path)
  migrate(db, MIGRATIONS.slice(0, 4))
  const known = async () => {
    const store = openSqliteStore(path)
    return store.durable.findKnownTime().finally(() => store.close())
  }
  db.exec(`
    INSERT INTO audit (seq, id, at, type, outcome, hash)
    VALUES (1, 'r1', 9, 'fault', 'ok', 'h'), (2, 'r2', 7, 'fault', 'ok', 'h')`)
  db.close()
  expect(await known()).toBe(7)
})

describe('a file of a release that wrote each record of the trail into three indices more', () => {
  /** As it was before the fourth step, with this many records, every second one with a whole address. */
  function before(count: number): string {
    const path = testFile()
    const db = stranger(path)
    migrate(db, MIGRATIONS.slice(0, 3))
    db.exec(`
      WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ${count})
      INSERT INTO audit (seq, id, at, type, outcome, actor, subject, client, correlation, ip, ip_salt, hash)
      SELECT seq, 'r' || seq, seq, 'sign-in.completed', 'ok', iif(seq % 3 = 0, '', 'a' || (seq % 500)),
        iif(seq % 499 = 0, NULL, 's' || (seq % 500)), iif(seq % 5 = 0, 'roster', NULL), 'c' || seq,
        '192.0.2.7', iif(seq % 2 = 0, 'salt', NULL), 'h' || seq FROM n`)
    db.close()
    return path
  }
  const trail = (path: string, columns = '*') =>
    stranger(path).prepare(`SELECT ${columns} FROM audit ORDER BY seq`).all()
  const names = (path: string) =>
    stranger(path)
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'audit'`)
      .all()
      .map(({ name }) => name)

  test('keeps all 100,000 of them, and somebody’s are found and shortened', async () => {
    const path = before(100_000)
    const kept = trail(path)
    const store = openSqliteStore(path)
    expect(trail(path, ROW)).toEqual(kept.map((row) => ({ ...row, previous: null })))
    expect(names(path)).not.toEqual(expect.arrayContaining(['audit_by_subject']))
    expect((await store.durable.listAudit({ subject: 's7', limit: 2 })).map(({ id }) => id)).toEqual([
      'r99507',
      'r99007',
    ])
    await store.durable.forgetAddresses('s8')
    await store.durable.forgetAddresses('a10')
    await store.close()
    const whole = (column: string, name: string) =>
      stranger(path)
        .prepare(`SELECT count(*) AS count FROM audit WHERE ${column} = ${numberOf('?')} AND ip_salt IS NOT NULL`)
        .get(name)?.count
    expect([whole('subject', 's8'), whole('actor', 'a10'), whole('subject', 's12')]).toEqual([0, 0, 200])
  })
})
