/** How a file gets the schema that this release knows. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { digest } from '../../src/lib/crypto.ts'
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { FIRST } from '../../src/store/sqlite/schema-first-release.ts'
import { SECOND_FACTORS } from '../../src/store/sqlite/schema-second-factors.ts'
import { parcel } from './conformance/samples.ts'
import { stranger, testFile } from './temporary.ts'

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

  test('a file of the first release keeps its people, and none of them is enrolled', async () => {
    const path = testFile()
    const db = stranger(path)
    migrate(db, MIGRATIONS.slice(0, 1))
    db.exec(`
      INSERT INTO account (id, email, email_key, name, locale, roles, status, epoch, created_at)
      VALUES ('sanne', 'S@sigma.example', 's@sigma.example', 'Sanne', 'nl', '[]', 'active', 3, 5)`)
    const store = openSqliteStore(path)
    onTestFinished(() => store.close())
    expect(await store.durable.findAccount('sanne')).toMatchObject({ epoch: 3, createdAt: 5, enrolledAt: undefined })
    expect(await store.durable.listAuthenticators('sanne')).toEqual([])
  })

  test('a file of the second release keeps its people, who are found by their names from then on', async () => {
    const path = testFile()
    const db = stranger(path)
    migrate(db, MIGRATIONS.slice(0, 2))
    db.exec(`
      INSERT INTO account (id, email, email_key, name, locale, roles, status, epoch, created_at, enrolled_at)
      VALUES ('emile', 'E@sigma.example', 'e@sigma.example', 'ÉMILE Zöe', 'nl', '[]', 'active', 3, 5, 7);
      INSERT INTO sent_code VALUES ('key', 'emile', 'digest', 'sealed', 1, 2);
      INSERT INTO audit (seq, id, at, type, outcome, subject, hash) VALUES (1, 'a', 1, 'fault', 'ok', 'emile', 'hash')`)
    const store = openSqliteStore(path)
    onTestFinished(() => store.close())
    const fresh = { noticeEmail: undefined, previousEmail: undefined, emailChangedAt: undefined }
    expect(await store.durable.findAccount('emile')).toMatchObject({ ...fresh, epoch: 3, enrolledAt: 7 })
    const [found] = await store.durable.searchAccounts('émile zöe', 10)
    expect(found?.id).toBe('emile')
    expect(await store.durable.shortenAddresses(9, 10)).toBe(0)
  })

  test.each([
    ['the first release', FIRST, 'fiUSQGLreLzfWH4K3cyo_YOuyCJc7ccvK1updAFYSxw'],
    ['second factors', SECOND_FACTORS, 'FtbVtzZHCkRMOCfP3dqNEN0KVVZzppFtLvkd0ajVhS0'],
  ])('a step that was released is never edited: %s', (_step, step, released) => {
    expect(digest(step)).toBe(released)
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
