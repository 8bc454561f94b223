/**
 * What is written where: each table and index that a write touches costs at least one page of the log, copied, summed up and
 * written within the commit, on the event loop. Counted exactly, so that a new index on what a sign-in writes is noticed.
 */
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { artifact, auditRecord, NOW } from '../support/samples/records.ts'
import { stranger, testFile } from './temporary.ts'

/** sqlite.org/fileformat2.html, section 4.1. */
const LOG_HEADER = 32
const FRAME_HEADER = 24
const PAGE = 4096

const session = { model: 'Session', uidKey: 'uid', accountId: 'sanne', sealed: 'first' }

function opened() {
  const path = testFile()
  const store = openSqliteStore(path)
  onTestFinished(() => store.close())
  const log = () => readFileSync(`${path}-wal`)

  /** Pages that `work` wrote, by table and index; without the first, which is written when the file grows. */
  async function pages(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const from = Math.max(log().length, LOG_HEADER)
    await work()
    const written = log()
    const names = new Map(
      stranger(path)
        .prepare('SELECT pageno, name FROM dbstat')
        .all()
        .map(({ pageno, name }) => [Number(pageno), `${name}`]),
    )
    const found: Record<string, number> = {}
    for (let at = from; at < written.length; at += FRAME_HEADER + PAGE) {
      const page = written.readUInt32BE(at)
      const name = names.get(page) ?? 'free'
      if (page !== 1) found[name] = (found[name] ?? 0) + 1
    }
    return found
  }
  return { store, pages }
}

function once(...names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 1]))
}

test('a record of the trail that says all: 8 pages', async () => {
  const { store, pages } = opened()
  const source = { ip: '192.0.2.7', correlation: 'ABCD2345' }
  const full = { actor: 'sanne', subject: 'sanne', client: 'roster', source }
  await store.durable.appendAudit(auditRecord(full))
  const by = ['time', 'type', 'actor', 'subject_and_time', 'client', 'correlation'].map((what) => `audit_by_${what}`)
  expect(await pages(() => store.durable.appendAudit(auditRecord(full)))).toEqual(
    once('audit', ...by, 'whole_address_by_age'),
  )
})

test('one that belongs to a sign-in: a page more', async () => {
  const { store, pages } = opened()
  const [own, signIn] = [auditRecord({ client: 'roster' }), auditRecord({ client: 'roster', details: { signIn: 'a' } })]
  await store.durable.appendAudit(signIn)
  const without = await pages(() => store.durable.appendAudit(own))
  expect(await pages(() => store.durable.appendAudit({ ...signIn, id: 'b' }))).toEqual({
    ...without,
    ...once('audit_by_sign_in'),
  })
})

test('a session: 5 pages as it begins, 2 when it is kept anew', async () => {
  const { store, pages } = opened()
  const one = artifact(session)
  const indices = ['sqlite_autoindex_artifact_1', 'artifact_by_uid', 'artifact_by_account', 'artifact_by_expiry']
  expect(await pages(() => store.expiring.putArtifact(one))).toEqual(once('artifact', ...indices))
  const later = { ...one, sealed: 'second', expiresAt: (one.expiresAt ?? NOW) + 5 }
  expect(await pages(() => store.expiring.replaceArtifact(later, 'first', NOW))).toEqual(
    once('artifact', 'artifact_by_expiry'),
  )
})

test('a try that is counted: 3 pages', async () => {
  const { store, pages } = opened()
  expect(await pages(() => store.durable.spendStreak('key', NOW, 5, [0]))).toEqual(
    once('counter', 'sqlite_autoindex_counter_1', 'streak_by_touch'),
  )
})
