/** SECURITY R-15: what another release wrote. */
import { expect, onTestFinished, test } from 'vitest'
import { MIGRATIONS, migrate } from '../../src/store/sqlite/migrations.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { UNDOS } from '../../src/store/sqlite/schema-undos.ts'
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

test('an address change of the release before is undone by what its time says', async () => {
  const path = testFile()
  const db = stranger(path)
  migrate(db, MIGRATIONS.slice(0, MIGRATIONS.indexOf(UNDOS)))
  const account = `'nl', '[]', 'active', 3, 5`
  db.exec(`
    INSERT INTO account (id, email, email_key, enrolled_at, name, locale, roles, status, epoch, created_at)
    VALUES ('sanne', 'new@x.example', 'new@x.example', 10, 'Sanne', ${account}),
      ('bram', 'bram@x.example', 'bram@x.example', 25, 'Bram', ${account});
    INSERT INTO email_undo (digest, account_id, email, email_key, created_at, expires_at)
    VALUES ('of sanne', 'sanne', 's@x.example', 's@x.example', 20, 100), ('of bram', 'bram', 'b@x.example', 'b@x.example', 20, 100)`)
  for (const [id, owner, at] of [
    ['before', 'sanne', 19],
    ['since', 'sanne', 20],
    ['first', 'bram', 25],
  ])
    db.exec(`
      INSERT INTO authenticator (id, account_id, kind, label, sealed, last_step, created_at)
      VALUES ('${id}', '${owner}', 'totp', 'App', 's', 0, ${at})`)
  const { durable, close } = openSqliteStore(path)
  onTestFinished(() => close())
  expect(await durable.findEmailUndo('of sanne')).toMatchObject({ enrolledAt: undefined, factors: undefined })
  for (const digest of ['of sanne', 'of bram']) expect(await durable.undoEmail(digest, 50, [])).toBe(true)
  expect(await durable.listAuthenticators('sanne')).toMatchObject([{ id: 'before' }])
  expect(await durable.findAccount('sanne')).toMatchObject({ email: 's@x.example', enrolledAt: 10 })
  expect(await durable.listAuthenticators('bram')).toEqual([])
  expect(await durable.findAccount('bram')).toMatchObject({ email: 'b@x.example', enrolledAt: undefined })
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
