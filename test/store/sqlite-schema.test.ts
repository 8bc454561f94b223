/** What the schema promises: every query has its index, and audit records stay as they are. */
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { KINDS } from '../../src/store/kinds.ts'
import { migrate } from '../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { makeTables } from '../../src/store/sqlite/record-tables.ts'
import { auditRecord } from '../support/samples/records.ts'
import { stranger, testFile } from './temporary.ts'

describe('no query grows with people or sessions', () => {
  /** Statements that may read a whole table, and why. */
  const WHOLE: Array<[RegExp, string]> = [
    [/count\(\*\) AS waiting/, 'the backlog is the table; it is short unless the carriers are down'],
    [/FROM audit ORDER BY seq DESC LIMIT/, 'walks back from the end and stops at the limit'],
    [/signing_key_set AS s LEFT JOIN/, 'a handful of keys'],
    [/^DELETE FROM signing_key$/, 'a handful of keys'],
    [/instr\(s\.parts, :part\)/, 'a representative’s search: walks back from the newest and stops at the limit'],
    [/WITH RECURSIVE known \(model\)/, 'the models of artifacts, one by one'],
  ]
  const statements = new Set<string>()
  const onPrepare = (sql: string) => void statements.add(sql.trim())
  void openSqliteStore(':memory:', { onPrepare }).close()
  const prepared = [...statements]
  const db = new DatabaseSync(':memory:')
  migrate(db)
  makeTables(db, Object.values(KINDS))

  test('the list of exceptions names statements that exist', () => {
    for (const [exception] of WHOLE) expect(prepared.filter((sql) => exception.test(sql)).length).toBeGreaterThan(0)
  })

  test.each(prepared.filter((sql) => !WHOLE.some(([exception]) => exception.test(sql))))('%s', (sql) => {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    expect(
      plan.map((step) => step.detail).filter((detail) => /^SCAN (?!CONSTANT|json_each )|TEMP B-TREE/.test(`${detail}`)),
    ).toEqual([])
  })
})

test.each([
  [/DELETE FROM artifact .* expires_at <= :now/, 'artifact_by_expiry (model=? AND expires_at<?)'],
  [/INDEXED BY artifact_by_expiry/, 'artifact_by_expiry (model=? AND expires_at<?)'],
  [/DELETE FROM counter .* = 'passing/, 'passing_by_touch (touched_at<?)'],
  [/DELETE FROM counter .* <> 'passing/, 'streak_by_touch (touched_at<?)'],
])('a sweep finds what is due and reads nothing else: %s', (statement, index) => {
  const sqls: string[] = []
  void openSqliteStore(':memory:', { onPrepare: (sql) => void sqls.push(sql) }).close()
  const sql = sqls.find((each) => statement.test(each)) ?? expect.fail('no such statement')
  const db = new DatabaseSync(':memory:')
  migrate(db)
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
  expect(plan.map(({ detail }) => `${detail}`)).toContainEqual(expect.stringContaining(index))
})

describe('audit records', () => {
  async function kept() {
    const path = testFile()
    const store = openSqliteStore(path)
    onTestFinished(() => store.close())
    const record = auditRecord({ subject: 'sanne', source: { ip: '192.0.2.77', correlation: 'c-1' } })
    await store.durable.appendAudit(record)
    await store.durable.appendAudit(auditRecord())
    return { store, db: stranger(path), record }
  }
  const SHORTEN = `UPDATE audit SET ip = '192.0.2.0', ip_salt = NULL WHERE ip IS NOT NULL`

  test.each([
    'at',
    'seq',
    'id',
    'type',
    'outcome',
    'actor',
    'subject',
    'client',
    'correlation',
    'details',
    'ip_digest',
    'hash',
  ])('cannot be edited: %s', async (column) => {
    const { db } = await kept()
    const isNumber =
      db.prepare(`SELECT type FROM pragma_table_info('audit') WHERE name = ?`).get(column)?.type === 'INTEGER'
    const edit = `UPDATE audit SET ${column} = ${isNumber ? 99 : `'edited'`}`
    expect(() => db.exec(`${edit} WHERE seq = 1`)).toThrow('not changed')
    expect(() => db.exec(`${edit}, ip_salt = NULL WHERE seq = 1`)).toThrow('not changed')
  })

  test('cannot be deleted', async () => {
    const { db } = await kept()
    expect(() => db.exec('DELETE FROM audit')).toThrow('not deleted')
  })

  test('name nobody else: what a number stands for stays, and whoever changes it all the same is found out', async () => {
    const { db, store, record } = await kept()
    expect(() => db.exec(`UPDATE audit_name SET name = 'els' WHERE name = 'sanne'`)).toThrow('not changed')
    expect(() => db.exec(`DELETE FROM audit_name WHERE name = 'sanne'`)).toThrow('not deleted')
    db.exec(`DROP TRIGGER audit_name_is_final; UPDATE audit_name SET name = 'els' WHERE name = 'sanne'`)
    expect(await store.durable.verifyAudit()).toBe(record.id)
    db.exec(`DROP TRIGGER audit_name_is_kept; DELETE FROM audit_name WHERE name = 'els'`)
    expect(await store.durable.verifyAudit()).toBe(record.id)
  })

  test('that go take along the names that no other record has, so that strangers cannot fill the file with them', async () => {
    const path = testFile()
    const store = openSqliteStore(path)
    onTestFinished(() => store.close())
    const { durable } = store
    for (const client of ['nobody-1', 'nobody-2', 'portal']) await durable.appendAudit(auditRecord({ client }))
    await durable.appendAudit(auditRecord({ client: 'portal', subject: 'els' }))
    await durable.putCheckpoint({ from: 1, to: 3, content: '', seal: '' }, undefined)
    await durable.removeAudit([1, 2, 3].map((seq) => ({ seq, next: undefined })))
    const names = stranger(path).prepare('SELECT name FROM audit_name').all()
    expect(names.map(({ name }) => name)).toEqual(expect.arrayContaining(['portal', 'els']))
    expect(names.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['nobody-1']))
    expect((await durable.listAudit({ limit: 9 })).map(({ client }) => client)).toEqual(['portal'])
  })

  test('the address can be shortened once, and the chain still holds', async () => {
    const { db, store, record } = await kept()
    db.exec(SHORTEN)
    expect(await store.durable.verifyAudit()).toBeUndefined()
    const [shortened] = await store.durable.listAudit({ subject: 'sanne', limit: 1 })
    expect(shortened).toEqual({ ...record, source: { ip: '192.0.2.0', correlation: 'c-1' } })
    expect(() => db.exec(SHORTEN)).toThrow('not changed')
    expect(() => db.exec(`UPDATE audit SET ip_salt = 'salt'`)).toThrow('not changed')
  })

  test('a false address is found while the whole address is kept', async () => {
    const { db, store, record } = await kept()
    db.exec('DROP TRIGGER audit_is_final')
    db.exec(`UPDATE audit SET ip = '198.51.100.1' WHERE seq = 1`)
    expect(await store.durable.verifyAudit()).toBe(record.id)
  })

  test.each([
    ['dropped', 'DELETE FROM audit WHERE seq = 1'],
    [
      'put in',
      `INSERT INTO audit SELECT 0, 'forged', at, type, outcome, actor, subject, client, correlation, details, ip, ip_salt, ip_digest, hash, previous FROM audit WHERE seq = 1`,
    ],
    ['moved', 'UPDATE audit SET seq = 9 WHERE seq = 1'],
  ])('one that was %s is found', async (_how, sql) => {
    const { db, store } = await kept()
    db.exec(`DROP TRIGGER audit_is_final; DROP TRIGGER audit_is_kept; ${sql}`)
    expect(await store.durable.verifyAudit()).toBeDefined()
  })
})
