/** The embedded store: the conformance suite, and what only a file can go through. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { artifact, NOW, parcel, winners } from '../support/samples/records.ts'
import { twoStoreConformance } from './conformance/two-stores.ts'
import { conformance } from './conformance.ts'
import { stranger, temporaryFile, testFile } from './temporary.ts'

conformance('SQLite in a file', async () => {
  const { path, remove } = temporaryFile()
  let store = openSqliteStore(path)
  return {
    store,
    async reopen() {
      await store.close()
      store = openSqliteStore(path)
      return store
    },
    async tamper(id) {
      const db = new DatabaseSync(path)
      db.exec('DROP TRIGGER audit_is_final')
      db.prepare(`UPDATE audit SET outcome = 'refused' WHERE id = :id`).run({ id })
      db.close()
    },
    async destroy() {
      await store.close()
      remove()
    },
  }
})

test('a store in memory needs no file', async () => {
  const store = openSqliteStore(':memory:')
  expect(await winners(20, () => store.expiring.insertArtifact(artifact({ key: 'jti' }), NOW))).toBe(1)
  await store.close()
})

function opened(path: string): Store {
  const store = openSqliteStore(path)
  onTestFinished(() => store.close())
  return store
}

describe('two stores on one file', () => {
  function pair() {
    const path = testFile()
    const [one, other] = [opened(path), opened(path)]
    return { one, other, either: (racer: number) => (racer % 2 === 0 ? one : other) }
  }

  test('what one was told is kept, the other finds at once', async () => {
    const { one, other } = pair()
    const kept = artifact()
    await one.expiring.putArtifact(kept)
    expect(await other.expiring.findArtifact(kept.model, kept.key, NOW)).toBeDefined()
  })

  test('50 rounds of 20 at once with one code over both: one consumes it in each', async () => {
    const { one, either } = pair()
    for (let round = 0; round < 50; round += 1) {
      const code = artifact()
      await one.expiring.putArtifact(code)
      const consume = (racer: number) => either(racer).expiring.consumeArtifact(code.model, code.key, NOW)
      expect(await winners(20, consume)).toBe(1)
    }
  })

  twoStoreConformance(async () => {
    const { one, other } = pair()
    return { one: one.durable, other: other.durable }
  })
})

describe('processes that are killed while they write', () => {
  const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

  /** Kills the writer after so many acknowledged writes, and returns those it told of. */
  async function killedAfter(path: string, writes: number): Promise<string[]> {
    const child: ChildProcess = spawn(process.execPath, [WRITER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.split('\n').length > writes) child.kill('SIGKILL')
    })
    await once(child, 'close')
    return said.split('\n').slice(0, -1)
  }

  test('have kept all that they told of, and left the file whole', async () => {
    const path = testFile()
    const told: string[] = []
    for (const writes of [1, 40, 333, 1500]) {
      const ids = await killedAfter(path, writes)
      expect(ids.length).toBeGreaterThanOrEqual(writes)
      told.push(...ids)
      const store = openSqliteStore(path)
      expect((await store.durable.backlog()).waiting).toBeGreaterThanOrEqual(told.length)
      await store.close()
    }
    const db = stranger(path)
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    const kept = new Set(
      db
        .prepare('SELECT id FROM parcel')
        .all()
        .map((row) => row.id),
    )
    expect(told.filter((id) => !kept.has(id))).toEqual([])
  })

  test('four that start on a fresh file at once all come up', async () => {
    const path = testFile()
    const told = await Promise.all([1, 2, 3, 4].map(() => killedAfter(path, 1)))
    for (const ids of told) expect(ids.length).toBeGreaterThan(0)
  })

  test('another process goes on writing meanwhile, and both keep all that they told of', async () => {
    const path = testFile()
    const [mine, told] = [Array.from({ length: 100 }, () => parcel()), killedAfter(path, 500)]
    const store = opened(path)
    for (const one of mine) await store.durable.enqueue([one])
    const ids = [...mine.map((one) => one.id), ...(await told)]
    const kept = new Set(
      stranger(path)
        .prepare('SELECT id FROM parcel')
        .all()
        .map((row) => row.id),
    )
    expect(ids.filter((id) => !kept.has(id))).toEqual([])
  })
})
