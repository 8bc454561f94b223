/** Copying a store into another: all of it, once, wherever it is interrupted, and nothing over what is not its own. */
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Copied, copyStore } from '../../src/store/copy.ts'
import { type PortableStore, SECTIONS } from '../../src/store/portable.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openSqlitePortable, ROWS } from '../../src/store/sqlite/portable.ts'
import { OWNED } from '../../src/store/sqlite/portable-people.ts'
import { NOW } from './conformance/samples.ts'
import { contents, inhabit } from './inhabited.ts'
import { stranger, testFile } from './temporary.ts'

const now = () => NOW

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

test('everything is there afterwards, and nothing else', async () => {
  const from = await portable(await inhabited())
  const to = await portable()
  const copied = await copyStore(from, to, { now })
  const all = await contents(from)
  expect(await contents(to)).toEqual(all)
  for (const name of SECTIONS) {
    const records = Object.keys(all[name]).length
    expect(records).toBeGreaterThan(0)
    expect(copied[name]).toEqual({ records, skipped: 0 })
  }
})
