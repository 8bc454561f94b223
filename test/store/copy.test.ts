/** Copying a store into another: all of it, once, wherever it is interrupted, and nothing over what is not its own. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { copyStore } from '../../src/store/copy.ts'
import { KINDS } from '../../src/store/kinds.ts'
import { insistServable, type PortableStore, SECTIONS, type SectionName } from '../../src/store/portable.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable, ROWS } from '../../src/store/sqlite/portable.ts'
import { tablesOf } from '../../src/store/sqlite/record-tables.ts'
import { asked } from '../support/people/asked-people.ts'
import { account, auditRecord, NOW } from '../support/samples/records.ts'
import { contents, failingAt, inhabit } from './inhabited.ts'
import { stranger, testFile } from './temporary.ts'

const now = () => NOW

/** Of kinds that have no key besides their id, or that nobody looks for. */
const UNUSED = new Set([
  'last_backup',
  'known_time',
  tablesOf(KINDS.clients).keys,
  tablesOf(KINDS.clients).searched,
  tablesOf(KINDS.resources).searched,
  tablesOf(KINDS.rootKeys).keys,
  tablesOf(KINDS.rootKeys).searched,
  tablesOf(KINDS.appliedFiles).keys,
  tablesOf(KINDS.appliedFiles).values,
  tablesOf(KINDS.appliedFiles).searched,
  tablesOf(KINDS.clientMemories).keys,
  tablesOf(KINDS.clientMemories).searched,
  tablesOf(KINDS.madeOnce).keys,
  tablesOf(KINDS.madeOnce).searched,
  tablesOf(KINDS.logos).keys,
  tablesOf(KINDS.logos).searched,
  tablesOf(KINDS.invitationRounds).keys,
  tablesOf(KINDS.invitationRounds).searched,
])

async function portable(path = testFile()): Promise<PortableStore> {
  const store = await openSqlitePortable(path)
  onTestFinished(() => store.close())
  return store
}

/** The file of a store with something of everything. */
async function inhabited(people?: number): Promise<string> {
  const path = testFile()
  const store = openSqliteStore(path)
  await inhabit(store, people)
  await store.close()
  return path
}

/** Every row of every table, in order, but what is counted by itself. */
function rows(path: string): Array<[table: unknown, rows: unknown[]]> {
  const db = stranger(path)
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'heartbeat' ORDER BY name`)
  const found = tables.all().map(({ name }): [unknown, unknown[]] => {
    // People are copied by their ids; that what belongs to one keeps its order, `contents` shows.
    const order = ['artifact', 'parcel', 'counter'].includes(`${name}`) ? 'rowid' : '1, 2'
    // How often a record was written is the store's own.
    const all = db.prepare(`SELECT * FROM ${name} ORDER BY ${order}`).all()
    return [name, all.map(({ revision: _revision, ...row }) => row)]
  })
  db.close()
  return found
}

describe('a copy', () => {
  test('has everything that was in the source, table by table, and nothing else', async () => {
    const [path, copy] = [await inhabited(), testFile()]
    const [from, to] = [await portable(path), await portable(copy)]
    const copied = await copyStore(from, to, { now })
    const all = await contents(from)
    for (const name of SECTIONS) {
      const records = Object.keys(all[name]).length
      expect(records).toBeGreaterThan(0)
      expect(copied[name]).toEqual({ records, skipped: 0 })
    }
    expect(await to.trail.verifyAudit()).toBeUndefined()
    for (const store of [from, to]) await store.close()
    expect(rows(copy)).toEqual(rows(path))
    const empty = rows(copy).flatMap(([table, found]) => (found.length === 0 ? [table] : []))
    expect(empty.filter((table) => !UNUSED.has(`${table}`))).toEqual([])
  })

  test('of a new store is a new store', async () => {
    const path = testFile()
    await openSqliteStore(path).close()
    const copied = await copyStore(await portable(path), await portable(), { now })
    expect(Object.values(copied).every(({ records }) => records === 0)).toBe(true)
  })

  test('knows every column of every table', async () => {
    const path = testFile()
    await openSqliteStore(path).close()
    const db = stranger(path)
    const known = new Map(ROWS.map(({ table, columns }): [string, string[]] => [table, columns]))
    // Read and written by the store's own statements, or not the store's content.
    const others = ['audit', 'audit_name', 'audit_checkpoint', 'signing_key_set', 'heartbeat', 'derived', 'last_backup']
    others.push('known_time')
    others.push(...Object.values(KINDS).flatMap((kind) => Object.values(tablesOf(kind))))
    for (const { name } of db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()) {
      if (others.includes(`${name}`)) continue
      const columns = db.prepare(`SELECT name FROM pragma_table_info('${name}')`).all()
      expect([name, known.get(`${name}`)?.toSorted()]).toEqual([name, columns.map((column) => column.name).sort()])
    }
  })
})

describe('a copy that was interrupted', () => {
  test('at any of its writes goes on where it was, and is whole then', async () => {
    const from = await portable(await inhabited(2))
    const all = await contents(from)
    const writes = SECTIONS.reduce((sum, name) => sum + Object.keys(all[name]).length, 0)
    for (let at = 0; at < writes; at += 1) {
      const to = await openSqlitePortable(testFile())
      await expect(copyStore(from, failingAt(to, at), { now })).rejects.toThrow('power cut')
      const mark = await to.marks.find()
      expect(() => insistServable(mark)).toThrow('store:copy')
      const copied = await copyStore(from, to, { now })
      const skipped = SECTIONS.reduce((sum, name) => sum + copied[name].skipped, 0)
      expect(skipped).toBeGreaterThanOrEqual(at)
      expect(await to.marks.find()).toBeUndefined()
      expect(await contents(to)).toEqual(all)
      await to.close()
    }
  })

  test('by kill -9 goes on where it was, and leaves the file whole', async () => {
    const COPIER = fileURLToPath(new URL('copier.ts', import.meta.url))
    const [path, copy] = [await inhabited(4), testFile()]
    for (const writes of ['0', '2', '7', '30']) {
      const child = spawn(process.execPath, [COPIER, path, copy, writes], { stdio: 'inherit' })
      onTestFinished(() => void child.kill('SIGKILL'))
      expect(await once(child, 'close')).toEqual([null, 'SIGKILL'])
    }
    const [from, to] = [await portable(path), await portable(copy)]
    const copied = await copyStore(from, to, { now })
    expect(copied.audit.skipped).toBeGreaterThan(0)
    expect(await contents(to)).toEqual(await contents(from))
    await to.close()
    expect(stranger(copy).prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  })

  test('takes up what was changed in the source meanwhile', async () => {
    const path = await inhabited(2)
    const to = await portable()
    const from = await openSqlitePortable(path)
    await expect(copyStore(from, failingAt(to, 20), { now })).rejects.toThrow('power cut')
    await from.close()
    const source = openSqliteStore(path)
    const [{ id } = account()] = await asked(source.durable.people).searchAccounts('sigma', 1)
    await asked(source.durable.people).setStatus({ accountId: id, from: ['active'], to: 'disabled' }, [])
    await source.durable.appendAudit(auditRecord())
    await source.close()
    const changed = await portable(path)
    await copyStore(changed, to, { now })
    expect(await contents(to)).toEqual(await contents(changed))
  })
})

describe('a copy is refused before anything is written', () => {
  const refused = { code: 'store-not-empty' }

  async function untouched(from: PortableStore, to: PortableStore, code: string, said: RegExp): Promise<void> {
    const before = await contents(to)
    const mark = await to.marks.find()
    const fault = await copyStore(from, to, { now }).catch((error: unknown) => error)
    expect(fault).toMatchObject({ code })
    expect(fault).toHaveProperty('message', expect.stringMatching(said))
    expect(await contents(to)).toEqual(before)
    expect(await to.marks.find()).toEqual(mark)
  }

  test('into a store that is in use for something else', async () => {
    const [from, to] = [await portable(await inhabited(1)), await portable(await inhabited(1))]
    await untouched(from, to, refused.code, /there are audit in the target/)
  })

  test('into a store that was copied to completely', async () => {
    const [from, to] = [await portable(await inhabited(1)), await portable()]
    await copyStore(from, to, { now })
    await untouched(from, to, refused.code, /only an empty store/)
  })

  test.each<SectionName>(['people', 'parcels', 'counters', 'artifacts'])(
    'into an unfinished copy that has %s which the source has not',
    async (name) => {
      const [from, other, to] = [
        await portable(await inhabited(1)),
        await portable(await inhabited(1)),
        await portable(),
      ]
      await expect(copyStore(from, failingAt(to, 10), { now })).rejects.toThrow('power cut')
      const [[key, record] = ['', {}]] = Object.entries((await contents(other))[name])
      await to.sections[name].put(key, record as never)
      await untouched(from, to, refused.code, new RegExp(`the target has ${name}/`))
    },
  )

  test('into an unfinished copy of another installation: its audit trail is another', async () => {
    const [from, other, to] = [await portable(await inhabited(1)), await portable(await inhabited(1)), await portable()]
    await expect(copyStore(other, failingAt(to, 1), { now })).rejects.toThrow('power cut')
    await untouched(from, to, refused.code, /the target has audit\/\d+, which is not from this source/)
  })

  test('from an unfinished copy, and into a back-up', async () => {
    const [from, to] = [await portable(await inhabited(1)), await portable()]
    await to.marks.put({ kind: 'backup', at: NOW })
    await untouched(from, to, 'store-not-servable', /store:restored/)
    await from.marks.put({ kind: 'copy', at: NOW })
    await untouched(from, await portable(), 'store-not-servable', /store:copy/)
  })
})

test.each(SECTIONS)(
  'a record of %s that the target does not keep as it is stops the copy, unsaid what it holds',
  async (name) => {
    const from = await portable(await inhabited(1))
    const to = await portable()
    const section = to.sections[name]
    const find = async (key: string) => ({ ...(await section.find(key)), sealed: 'something else' })
    const forgetful = { ...to, sections: { ...to.sections, [name]: { ...section, find } } }
    const fault = await copyStore(from, forgetful, { now }).catch((error: unknown) => error)
    expect(fault).toMatchObject({
      code: 'store-differs',
      message: expect.stringMatching(`^${name}/\\S+ is not the same`),
    })
    expect(await to.marks.find()).toBeDefined()
  },
)

test('a record that comes up in the target by itself is counted', async () => {
  const [from, to] = [await portable(await inhabited(1)), await portable()]
  const put: typeof to.sections.counters.put = async (key, record) => {
    await to.sections.counters.put(key, record)
    await to.sections.counters.put('other', { ...record, key: 'other' })
  }
  const other = { ...to, sections: { ...to.sections, counters: { ...to.sections.counters, put } } }
  await expect(copyStore(from, other, { now })).rejects.toMatchObject({ code: 'store-differs' })
})

test.each(['copy', 'backup', 'restore'] as const)('a file that is marked as a %s is not served from', async (kind) => {
  const path = testFile()
  const marked = await openSqlitePortable(path)
  await marked.marks.put({ kind, at: NOW })
  await marked.close()
  expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ code: 'store-not-servable' }))
  const mended = await openSqlitePortable(path)
  await mended.marks.remove()
  await mended.close()
  await openSqliteStore(path).close()
})

test('a file that a server has open is not copied, and one that is copied lets no server in', async () => {
  const path = await inhabited(1)
  const server = openSqliteStore(path)
  await expect(openSqlitePortable(path)).rejects.toMatchObject({ code: 'store-in-use' })
  await server.durable.appendAudit(auditRecord())
  await server.close()
  const copying = await portable(path)
  await expect(openSqlitePortable(path)).rejects.toMatchObject({ code: 'store-in-use' })
  expect(() => openSqliteStore(path, { patience: 20 })).toThrow(expect.objectContaining({ code: 'store-unavailable' }))
  await copying.close()
  await openSqliteStore(path).close()
})
