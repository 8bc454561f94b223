/** SECURITY R-15: what another release wrote. */
import { expect, onTestFinished, test } from 'vitest'
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { equip } from './conformance/mfa-samples.ts'
import { stranger, testFile } from './temporary.ts'

test('a file that the release before wrote is opened, and works', async () => {
  const path = testFile()
  const db = stranger(path)
  migrate(db, MIGRATIONS.slice(0, -1))
  db.exec(`
    INSERT INTO account (id, email, email_key, name, locale, roles, status, epoch, created_at)
    VALUES ('sanne', 'S@sigma.example', 's@sigma.example', 'Sanne', 'nl', '[]', 'active', 3, 5)`)
  const store = openSqliteStore(path)
  onTestFinished(() => store.close())
  expect(await store.durable.findAccountByEmail('s@sigma.example')).toMatchObject({ id: 'sanne', epoch: 3 })
  await equip(store.durable)
  await store.ping()
})

test('a file of a later release is refused by its name, and works again with that release', async () => {
  const path = testFile()
  await openSqliteStore(path).close()
  const db = stranger(path)
  migrate(db, [...MIGRATIONS, 'CREATE TABLE passkey (id TEXT)'])
  expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: 'store-too-new' }))
  migrate(db, [...MIGRATIONS, 'this is not taken again'])
  db.exec(`INSERT INTO passkey (id) VALUES ('a')`)
})
