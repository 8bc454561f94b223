/** The file under the embedded store: how writes share a transaction, what happens when one cannot be had. */
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { apart, asUnit } from '../../src/lib/unit-of-work.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../../src/store/sqlite/database.ts'
import { stranger, testFile } from './temporary.ts'

const UNAVAILABLE = { code: 'store-unavailable', status: 503, retryAfter: 5 }

/** A database with a table to write in; `commits` lists how many writes each transaction held. */
async function notebook(options: DatabaseOptions = {}, path = testFile()) {
  const commits: number[] = []
  const db = openDatabase(path, { ...options, onCommit: (writes) => commits.push(writes) })
  onTestFinished(() => db.close())
  await db.write(() => db.prepare('CREATE TABLE IF NOT EXISTS note (text TEXT PRIMARY KEY) STRICT').run({}))
  const insert = db.prepare<{ text: string }>('INSERT INTO note (text) VALUES (:text)')
  const all = db.prepare<Record<string, never>, { text: string }>('SELECT text FROM note ORDER BY rowid')
  commits.length = 0
  return {
    db,
    path,
    commits,
    add: (text: string) => db.write(() => insert.run({ text })),
    insert: (text: string) => insert.run({ text }),
    notes: async () => (await db.read(() => all.all({}))).map((row) => row.text),
  }
}

describe('group commit', () => {
  test('100 writes at once share one transaction', async () => {
    const { add, notes, commits } = await notebook()
    await Promise.all(Array.from({ length: 100 }, (_, i) => add(`${i}`)))
    expect(commits).toEqual([100])
    expect(await notes()).toHaveLength(100)
  })

  test('writes that follow each other have a transaction each', async () => {
    const { add, commits } = await notebook()
    await add('one')
    await add('two')
    expect(commits).toEqual([1, 1])
  })

  test('nobody is told before the transaction is committed, and nobody sees it before', async () => {
    const { add, notes, path, commits } = await notebook()
    const other = stranger(path).prepare('SELECT count(*) AS count FROM note')
    const told = add('one').then(() => {
      expect(commits).toEqual([1])
      expect(other.get()?.count).toBe(1)
    })
    expect(await notes()).toEqual([])
    expect(other.get()?.count).toBe(0)
    await told
  })

  test('a write resolves with what it returned', async () => {
    const { db } = await notebook()
    expect(await Promise.all([db.write(() => 'a'), db.write(() => undefined), db.write(() => 3)])).toEqual([
      'a',
      undefined,
      3,
    ])
  })

  test('a write that fails undoes all of itself and nothing of the others', async () => {
    const { db, add, insert, notes, commits } = await notebook()
    const failing = db.write(() => {
      insert('half')
      throw new Error('changed my mind')
    })
    const [before, failed, double, after] = await Promise.allSettled([
      add('before'),
      failing,
      add('before'),
      add('after'),
    ])
    expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'changed my mind' } })
    // A broken constraint is our own mistake: it is not dressed up as a store that is down.
    expect(double).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SQLITE_ERROR' } })
    expect(await notes()).toEqual(['before', 'after'])
    expect(commits).toEqual([4])
  })

  test('if the commit fails every write of it is refused, none is kept, and the next one works', async () => {
    const { db, add, notes } = await notebook()
    await db.write(() =>
      db.prepare('CREATE TABLE reply (text TEXT REFERENCES note (text) DEFERRABLE INITIALLY DEFERRED)').run({}),
    )
    const orphan = db.write(() => db.prepare(`INSERT INTO reply (text) VALUES ('nowhere')`).run({}))
    const outcomes = await Promise.allSettled([add('one'), orphan, add('two')])
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    expect(await notes()).toEqual([])
    await add('three')
    expect(await notes()).toEqual(['three'])
  })

  test('a write asked for by someone who was just told of one is not forgotten', async () => {
    const { add, notes } = await notebook()
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        add(`${name}1`)
          .then(() => add(`${name}2`))
          .then(() => add(`${name}3`)),
      ),
    )
    expect(await notes()).toHaveLength(9)
  })
})

describe('a unit of work', () => {
  const unit = <T>(work: () => Promise<T>) => asUnit(work, () => undefined)
  /** A commit fails when a reply to nothing was made. */
  const REPLIES = 'CREATE TABLE reply (text TEXT REFERENCES note (text) DEFERRABLE INITIALLY DEFERRED)'
  const orphan = (db: Database) => db.write(() => db.prepare(`INSERT INTO reply (text) VALUES ('nowhere')`).run({}))

  test('writes that follow each other share a transaction, and are read in it', async () => {
    const { add, notes, commits } = await notebook()
    await unit(async () => {
      await add('one')
      expect(await notes()).toEqual(['one'])
      await add('two')
      expect(commits).toEqual([])
    })
    expect(commits).toEqual([2])
  })

  test('ends when all that it changed is on disk', async () => {
    const { add, path } = await notebook()
    const other = stranger(path).prepare('SELECT count(*) AS count FROM note')
    await unit(async () => {
      await add('one')
      expect(other.get()?.count).toBe(0)
      void add('nobody waits for this')
    })
    expect(other.get()?.count).toBe(2)
  })

  test('is told at once of a write that fails, which undoes nothing else', async () => {
    const { add, notes, commits } = await notebook()
    await unit(async () => {
      await add('one')
      await expect(add('one')).rejects.toMatchObject({ code: 'ERR_SQLITE_ERROR' })
      await add('two')
    })
    expect([await notes(), commits]).toEqual([['one', 'two'], [3]])
  })

  test('what is done in none waits for the disk, and brings the unit’s writes along', async () => {
    const { add, path, commits } = await notebook()
    const other = stranger(path).prepare('SELECT count(*) AS count FROM note')
    await unit(async () => {
      await add('one')
      await apart(() => add('two'))
      expect(other.get()?.count).toBe(2)
      await add('three')
    })
    expect(commits).toEqual([2, 1])
  })

  test('if the commit fails it is refused, whatever it was told, and none of it is kept', async () => {
    const { db, add, notes } = await notebook()
    await db.write(() => db.prepare(REPLIES).run({}))
    let unsaid = 0
    const told: unknown[] = []
    const outcome = asUnit(
      async () => {
        told.push(await add('one'))
        await orphan(db)
        told.push(await notes())
      },
      () => {
        unsaid += 1
      },
    )
    await expect(outcome).rejects.toMatchObject(UNAVAILABLE)
    expect([told, unsaid, await notes()]).toEqual([[1, ['one']], 1, []])
    await unit(() => add('three'))
    expect(await notes()).toEqual(['three'])
  })

  test('what was not kept is followed by nothing: neither a write nor a read of the same unit goes on', async () => {
    const { db, add, notes } = await notebook()
    await db.write(() => db.prepare(REPLIES).run({}))
    const after: unknown[] = []
    const outcome = unit(async () => {
      await add('a code is spent')
      await orphan(db)
      // Somebody else waits, so that the unit's next write comes after the end of the group.
      await apart(() => add('of somebody else')).catch(() => undefined)
      after.push(await add('the sitting says that it was proven').catch((fault: unknown) => fault))
      after.push(await notes().catch((fault: unknown) => fault))
    })
    await expect(outcome).rejects.toMatchObject(UNAVAILABLE)
    expect(after).toMatchObject([UNAVAILABLE, UNAVAILABLE])
    expect(await notes()).toEqual([])
  })

  test('a transaction that a failing read has ended is not written to any more', async () => {
    const { db, add, notes } = await notebook()
    const outcome = unit(async () => {
      await add('a code is spent')
      const failing = () => {
        // As SQLite does where a disk fails.
        db.prepare('ROLLBACK').run({})
        throw new Error('disk I/O error')
      }
      await db.read(failing).catch(() => undefined)
      await add('the sitting says that it was proven')
    })
    await expect(outcome).rejects.toMatchObject(UNAVAILABLE)
    expect(await notes()).toEqual([])
  })

  test('what goes on after one that was lost is in none, and told when it is on disk', async () => {
    const { db, add, commits } = await notebook()
    await db.write(() => db.prepare(REPLIES).run({}))
    const over = Promise.withResolvers<void>()
    let late: Promise<unknown> = Promise.resolve()
    const lost = unit(async () => {
      late = over.promise.then(() => add('one')).then(() => commits.length)
      await orphan(db)
    })
    await expect(lost).rejects.toMatchObject(UNAVAILABLE)
    const before = commits.length
    over.resolve()
    expect(await late).toBe(before + 1)
  })

  test('one that only read what another did is refused with it, and whoever is in none reads nothing of it', async () => {
    const { db, add, notes } = await notebook()
    await db.write(() => db.prepare(REPLIES).run({}))
    const first = Promise.withResolvers<void>()
    const writing = unit(async () => {
      await add('one')
      await orphan(db)
      first.resolve()
      await nextTurn()
    })
    await first.promise
    const [written, read, outside] = await Promise.allSettled([writing, unit(notes), notes()])
    expect(written).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    expect(read).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    expect(outside).toMatchObject({ status: 'fulfilled', value: [] })
  })

  test('100 at once, of five writes each, share a few transactions', async () => {
    const { add, notes, commits } = await notebook()
    const units = Array.from({ length: 100 }, (_, n) =>
      unit(async () => {
        for (let i = 0; i < 5; i += 1) await add(`${n} ${i}`)
      }),
    )
    await Promise.all(units)
    expect(await notes()).toHaveLength(500)
    expect(commits).toHaveLength(1)
  })

  test('one that hangs keeps no other process from writing', async () => {
    const { add, path } = await notebook()
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const hanging = unit(async () => {
      await add('one')
      begun.resolve()
      await goOn.promise
    })
    await begun.promise
    const other = stranger(path)
    const written = async () => {
      for (;;) {
        try {
          return other.exec(`INSERT INTO note (text) VALUES ('from elsewhere')`)
        } catch {
          await nextTurn()
        }
      }
    }
    await written()
    goOn.resolve()
    await hanging
  })

  test('what goes on after its end is in none', async () => {
    const { add, commits } = await notebook()
    const ended = Promise.withResolvers<void>()
    const after = Promise.withResolvers<void>()
    await unit(async () => {
      void ended.promise.then(async () => {
        await add('one')
        await add('two')
        after.resolve()
      })
    })
    ended.resolve()
    await after.promise
    expect(commits).toEqual([1, 1])
  })

  test('closing keeps what one has written and waits for it', async () => {
    const { db, add, path } = await notebook()
    const closed = unit(async () => {
      await add('one')
      await db.close()
    })
    await closed
    expect(stranger(path).prepare('SELECT text FROM note').all()).toEqual([{ text: 'one' }])
  })
})

describe('a file that someone else is writing to', () => {
  test('a read of several statements sees it as it is at one moment, and the next one what came since', async () => {
    const { db, notes, path } = await notebook()
    const count = db.prepare<Record<string, never>, { count: number }>('SELECT count(*) AS count FROM note')
    const other = stranger(path)
    const seen = await db.read(() => {
      const before = count.get({})?.count
      other.exec(`INSERT INTO note (text) VALUES ('from elsewhere')`)
      return [before, count.get({})?.count]
    })
    expect([seen, await notes()]).toEqual([[0, 0], ['from elsewhere']])
  })

  test('a read that fails leaves no transaction open', async () => {
    const { db, add, notes } = await notebook()
    await expect(db.read(() => JSON.parse('{'))).rejects.toThrow(SyntaxError)
    await add('one')
    expect(await notes()).toEqual(['one'])
  })

  test('a write waits, without holding up the process, and goes through when it can', async () => {
    const { add, notes, path, commits } = await notebook()
    const other = stranger(path)
    other.exec('BEGIN IMMEDIATE')
    const writes = [add('one')]
    for (let turn = 0; turn < 5; turn += 1) await nextTurn()
    // Reads need no lock.
    expect(await notes()).toEqual([])
    writes.push(add('two'))
    expect(commits).toEqual([])
    other.exec('COMMIT')
    await Promise.all(writes)
    expect(await notes()).toEqual(['one', 'two'])
  })

  test('a write is refused as unavailable when patience is at its end, and leaves nothing behind', async () => {
    const { add, notes, path } = await notebook({ patience: 50 })
    const other = stranger(path)
    other.exec('BEGIN IMMEDIATE')
    const outcomes = await Promise.allSettled([add('one'), add('two')])
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: UNAVAILABLE })
    other.exec('COMMIT')
    await add('three')
    expect(await notes()).toEqual(['three'])
  })
})

describe('a full disk', () => {
  test('refuses the writes as unavailable, keeps what was kept, and is got over without hand work', async () => {
    const { db, add, notes, path } = await notebook()
    await add('before')
    const limit = (pages: string) =>
      db.prepare<Record<string, never>, unknown>(`PRAGMA max_page_count = ${pages}`).get({})
    await db.read(() => limit('1'))
    await expect(add('x'.repeat(1_000_000))).rejects.toMatchObject(UNAVAILABLE)
    expect(await notes()).toEqual(['before'])
    await db.read(() => limit('1000000'))
    await add('after')
    expect(await notes()).toEqual(['before', 'after'])
    expect(stranger(path).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  })
})

describe('opening', () => {
  test('makes the folder and the file for its owner only; what a commit wrote is synced by itself, what a checkpoint wrote by SQLite', async () => {
    const path = join(dirname(testFile()), 'deep', 'data', 'sigma-id.db')
    const { db } = await notebook({}, path)
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600)
    const pragma = (name: string) => db.prepare<Record<string, never>, unknown>(`PRAGMA ${name}`).get({})
    expect(pragma('journal_mode')).toEqual({ journal_mode: 'wal' })
    expect(pragma('synchronous')).toEqual({ synchronous: 1 })
    expect(pragma('foreign_keys')).toEqual({ foreign_keys: 1 })
  })

  test('refuses at once where there can be no file', () => {
    const file = testFile()
    writeFileSync(file, 'not a folder')
    expect(() => openDatabase(join(file, 'sigma-id.db'))).toThrow('EEXIST')
    expect(() => openDatabase(file)).toThrow('file is not a database')
  })

  test('closing puts the log back into the file and forgets nothing', async () => {
    const path = testFile()
    const { db, add } = await notebook({}, path)
    const last = add('last')
    await db.close()
    await last
    expect(() => statSync(`${path}-wal`)).toThrow('ENOENT')
    expect(stranger(path).prepare('SELECT text FROM note').all()).toEqual([{ text: 'last' }])
  })
})
