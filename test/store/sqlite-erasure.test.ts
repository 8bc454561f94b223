/** What is left of an erased account in the file: a tombstone, and the audit trail (SECURITY DAT-04, attack Q-05). */
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { HOUR } from '../../src/lib/time.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { equip, recoveryCase } from './conformance/mfa-samples.ts'
import { account, addressCode, artifact, auditRecord, emailUndo, link, NOW } from './conformance/samples.ts'
import { stranger, testFile } from './temporary.ts'

/** Tables of the expiring half: what ends there is the caller's to end. */
const EXPIRING = ['artifact']

async function erased() {
  const path = testFile()
  const store = openSqliteStore(path)
  onTestFinished(() => store.close())
  const { durable, expiring } = store
  const given = { name: 'Lieve Vertrekker', email: 'lieve@leaver.example', emailKey: 'lieve@leaver.example' }
  const lieve = account({ ...given, passwordHash: 'hash-1', noticeEmail: 'second@leaver.example' })
  const { id } = lieve
  await durable.insertAccount(lieve, link(id), [])
  await durable.rememberBrowser('browser', id, 'hash-1', NOW + HOUR)
  const [proof, code, change] = [addressCode(id), addressCode(id), { email: 'new@leaver.example', emailKey: 'new' }]
  for (const each of [proof, code]) await durable.putAddressCode(each, [])
  const { epoch } = lieve
  await durable.changeEmail({ accountId: id, epoch, code: proof, ...change, at: NOW, undo: emailUndo(lieve) }, [])
  await equip(durable, id)
  await durable.insertCase(recoveryCase({ accountId: id }), [])
  await expiring.putArtifact(artifact({ accountId: id }))
  await durable.appendAudit(auditRecord({ subject: id, source: { ip: '203.0.113.77', correlation: 'c' } }))
  const db = stranger(path)
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  const holding = () => {
    const held = tables.map(({ name }) => ({ name: `${name}`, rows: db.prepare(`SELECT * FROM ${name}`).all() }))
    return held.filter(({ rows }) => JSON.stringify(rows).includes(id)).map(({ name }) => name)
  }
  return { path, store, db, id, holding }
}

test('every table that tells of an account is emptied of it; a new one is missed here', async () => {
  const { db, store, id, holding } = await erased()
  const owned = db
    .prepare(`
      SELECT DISTINCT t.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
      WHERE t.type = 'table' AND c.name = 'account_id'`)
    .all()
    .map(({ name }) => `${name}`)
  expect(holding().toSorted()).toEqual(['account', 'audit', ...owned].toSorted())
  await store.durable.eraseAccount(id, NOW, [])
  expect(holding().toSorted()).toEqual(['audit', 'erased_account', ...EXPIRING].toSorted())
})

test('no name, address or client address of the person is to be found in the file', async () => {
  const { path, store, id } = await erased()
  await store.durable.eraseAccount(id, NOW, [])
  await store.close()
  const bytes = readFileSync(path, 'latin1')
  for (const trace of ['Vertrekker', 'leaver.example', '203.0.113.77']) expect(bytes).not.toContain(trace)
  expect(bytes).toContain('203.0.113.0/24')
})
