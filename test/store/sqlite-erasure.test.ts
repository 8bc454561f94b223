/** What is left of an erased account in the file: a tombstone, and the audit trail (SECURITY DAT-04, attack Q-05). */

import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { forgetAddresses } from '../../src/accounts/erasure.ts'
import { HOUR } from '../../src/lib/time.ts'
import { emptyPersonRecord } from '../../src/person/person.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { asked, withAsked } from '../support/people/asked-people.ts'
import { equip, recoveryCase } from '../support/samples/factors.ts'
import { account, addressCode, artifact, auditRecord, emailUndo, link, NOW } from '../support/samples/records.ts'
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
  await asked(durable.people).insertAccount(lieve, link(id), [])
  await asked(durable.people).rememberBrowser('browser', id, 'hash-1', NOW + HOUR)
  const [proof, code, change] = [addressCode(id), addressCode(id), { email: 'new@leaver.example', emailKey: 'new' }]
  for (const each of [proof, code]) await asked(durable.people).putAddressCode(each, [])
  const { epoch } = lieve
  await asked(durable.people).changeEmail(
    { accountId: id, epoch, code: proof, ...change, at: NOW, undo: emailUndo(lieve) },
    [],
  )
  await equip(withAsked(durable), id)
  await asked(durable.people).insertCase(recoveryCase({ accountId: id }), [])
  await expiring.putArtifact(artifact({ accountId: id }))
  await durable.appendAudit(auditRecord({ subject: id, source: { ip: '203.0.113.77', correlation: 'c' } }))
  const db = stranger(path)
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  const holding = () => {
    const held = tables.map(({ name }) => ({ name: `${name}`, rows: db.prepare(`SELECT * FROM ${name}`).all() }))
    return held.filter(({ rows }) => JSON.stringify(rows).includes(id)).map(({ name }) => name)
  }
  return { path, durable, store, id, holding }
}

test('every table that tells of an account is emptied of it but for the tombstone; a new one is missed here', async () => {
  const { durable, id, holding } = await erased()
  expect(holding()).toEqual(expect.arrayContaining(['people', 'audit_name', ...EXPIRING]))
  await asked(durable.people).eraseAccount(id, NOW, [])
  await forgetAddresses({ people: durable.people, trail: durable }, id)
  expect(holding().toSorted()).toEqual(['audit_name', 'people', ...EXPIRING].toSorted())
  expect(await durable.people.find(id)).toEqual({ ...emptyPersonRecord(), erasedAt: NOW })
})

test('no name, address or client address of the person is to be found in the file', async () => {
  const { path, durable, store, id } = await erased()
  await asked(durable.people).eraseAccount(id, NOW, [])
  await forgetAddresses({ people: durable.people, trail: durable }, id)
  await store.close()
  const bytes = readFileSync(path, 'latin1')
  for (const trace of ['Vertrekker', 'leaver.example', '203.0.113.77']) expect(bytes).not.toContain(trace)
  expect(bytes).toContain('203.0.113.0/24')
})
