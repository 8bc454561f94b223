/** When a commit of the embedded store counts as kept: after a sync that began when it was there already. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { asUnit } from '../../src/lib/unit-of-work.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { type LogSync, logSync, onDisk } from '../../src/store/sqlite/log-sync.ts'
import { testFile } from './temporary.ts'

const unit = <T>(work: () => Promise<T>) => asUnit(work, () => undefined)
const UNAVAILABLE = { code: 'store-unavailable', status: 503, retryAfter: 5 }

async function notebook(log: LogSync, path = testFile(), first = 'CREATE TABLE note (text TEXT) STRICT') {
  const db = openDatabase(path, { log })
  onTestFinished(() => db.close())
  await db.write(() => db.prepare(first).run({}))
  const insert = db.prepare<{ text: string }>('INSERT INTO note (text) VALUES (:text)')
  const all = db.prepare<Record<string, never>, { text: string }>('SELECT text FROM note ORDER BY rowid')
  return {
    db,
    path,
    add: (text: string) => db.write(() => insert.run({ text })),
    notes: async () => (await db.read(() => all.all({}))).map((row) => row.text),
  }
}

/** A disk that syncs when it is told to; from the first on, which the notebook needs. */
function slowDisk() {
  const syncs: Array<PromiseWithResolvers<void>> = []
  let held = false
  const log = onDisk(
    async () => {
      if (!held) return
      const sync = Promise.withResolvers<void>()
      syncs.push(sync)
      await sync.promise
    },
    () => undefined,
  )
  return {
    log,
    syncs,
    hold: () => {
      held = true
    },
    free: () => {
      held = false
      for (const { resolve } of syncs) resolve()
    },
  }
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn()
}

type Notebook = Awaited<ReturnType<typeof notebook>>

const TELLINGS: Record<string, (book: Notebook) => Promise<unknown>> = {
  'a write': ({ add }) => add('one'),
  'a unit that wrote': ({ add }) => unit(() => add('one')),
  'a unit that read what another wrote': async ({ add, notes }) => {
    void add('one')
    await someTurns()
    await unit(async () => expect(await notes()).toEqual(['one']))
  },
  'a read of what another wrote': async ({ add, notes }) => {
    void add('one')
    await someTurns()
    await notes()
  },
  'the end of the store': async ({ add, db }) => {
    void add('one')
    await someTurns()
    await db.close()
  },
}

test.each(Object.entries(TELLINGS))('%s is over when what was committed is on disk', async (_what, telling) => {
  const { log, syncs, hold, free } = slowDisk()
  const book = await notebook(log)
  hold()
  let told = false
  const telt = telling(book).then(() => {
    told = true
  })
  await someTurns()
  await someTurns()
  expect([syncs.length, told]).toEqual([1, false])
  free()
  await telt
})

test('while the disk is busy others go on, and all that was committed meanwhile shares one sync', async () => {
  const { log, syncs, hold, free } = slowDisk()
  const { add, notes } = await notebook(log)
  hold()
  const first = add('first')
  await someTurns()
  const others: Array<Promise<unknown>> = []
  for (let n = 0; n < 10; n += 1) {
    const other = unit(async () => {
      await add(`${n}`)
      expect(await notes()).toHaveLength(n + 2)
    })
    others.push(other)
    await someTurns()
  }
  expect(syncs).toHaveLength(1)
  let toldOthers = 0
  for (const other of others) void other.then(() => (toldOthers += 1))
  syncs[0]?.resolve()
  await first
  await someTurns()
  expect([syncs.length, toldOthers]).toEqual([2, 0])
  free()
  await Promise.all(others)
})

test('a read waits for what was committed when it came, however much is written after that', async () => {
  const { log, syncs, hold, free } = slowDisk()
  const { add, notes } = await notebook(log)
  hold()
  const goOn = Promise.withResolvers<void>()
  const writing = (text: string) =>
    unit(async () => {
      await add(text)
      await goOn.promise
    })
  const first = writing('one')
  await someTurns()
  let read: string[] | undefined
  const reading = notes().then((found) => (read = found))
  await someTurns()
  const second = writing('two')
  await someTurns()
  syncs[0]?.resolve()
  await someTurns()
  const seen = [syncs.length, read]
  goOn.resolve()
  await someTurns()
  free()
  await Promise.all([first, second, reading])
  expect(seen).toEqual([1, ['one']])
})

test.each(['in a unit', 'in none'])(
  'a read %s of what another process committed is over when that is on disk',
  async (where) => {
    const path = testFile()
    const writer = slowDisk()
    const reader = slowDisk()
    const written = await notebook(writer.log, path)
    const db = openDatabase(path, { log: reader.log })
    onTestFinished(() => db.close())
    const all = db.prepare<Record<string, never>, { text: string }>('SELECT text FROM note')
    const look = () => db.read(() => all.all({}))
    const read = () => (where === 'in none' ? look() : unit(look))
    expect(await read()).toEqual([])
    writer.hold()
    reader.hold()
    const writing = written.add('one')
    await someTurns()
    let told = 0
    const first = read().then(() => (told += 1))
    await someTurns()
    const second = read().then(() => (told += 1))
    await someTurns()
    const before = [reader.syncs.length, told]
    reader.free()
    await Promise.all([first, second])
    // Only once.
    reader.hold()
    const again = read()
    await someTurns()
    const after = reader.syncs.length
    reader.free()
    writer.free()
    expect(await again).toMatchObject([{ text: 'one' }])
    await writing
    expect([before, after]).toEqual([[1, 0], 1])
  },
)

test('a sync that fails is the end: what it was for is refused, and so is all that comes', async () => {
  const { log, syncs, hold } = slowDisk()
  const { add, notes } = await notebook(log)
  hold()
  const outside = add('one')
  const inUnit = unit(() => add('two'))
  await someTurns()
  syncs[0]?.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
  const told = [outside, inUnit, add('three'), notes(), unit(notes)]
  for (const one of await Promise.allSettled(told)) expect(one).toMatchObject({ reason: UNAVAILABLE })
  // Waiting does not help, so whoever reads the log is told what does.
  const message = expect.stringContaining('has to be started again')
  await expect(notes()).rejects.toMatchObject({ ...UNAVAILABLE, message })
  let wentOn = false
  const late = unit(async () => {
    await add('four')
    wentOn = true
  })
  await expect(late).rejects.toMatchObject(UNAVAILABLE)
  expect(wentOn).toBe(false)
})

test('what a failed sync was for does not go into the file out of memory at closing', async () => {
  const { log, syncs, hold } = slowDisk()
  const { db, path, add } = await notebook(log)
  hold()
  const lost = add('one')
  await someTurns()
  syncs[0]?.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
  await expect(lost).rejects.toMatchObject(UNAVAILABLE)
  await expect(log.failed).resolves.toMatchObject(UNAVAILABLE)
  const before = readFileSync(`${path}-wal`)
  await db.close()
  expect(readFileSync(`${path}-wal`).equals(before)).toBe(true)
  expect(before.length).toBeGreaterThan(0)
})

/** After a power cut the disk has what the last sync that ended had found, and no more. */
test('whatever was told is there after a power cut', async () => {
  const path = testFile()
  const disk = `${path}.disk`
  let copies = 0
  const take = async () => {
    copies += 1
    const copy = `${disk}${copies}`
    for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end)
    await nextTurn()
    last = copy
  }
  let last = ''
  const { add } = await notebook(
    onDisk(take, () => undefined),
    path,
  )
  const kept = () => {
    const found = new DatabaseSync(last)
    const rows = found.prepare('SELECT text FROM note').all() as Array<{ text: string }>
    found.close()
    return rows.map(({ text }) => text)
  }
  await Promise.all(
    Array.from({ length: 60 }, async (_, n) => {
      for (let turn = 0; turn < n % 13; turn += 1) await nextTurn()
      const texts = [`${n}a`, `${n}b`]
      if (n % 3 === 0) await add(texts[0] ?? '').then(() => texts.pop())
      else
        await unit(async () => {
          for (const text of texts) await add(text)
        })
      expect(kept()).toEqual(expect.arrayContaining(texts))
    }),
  )
  expect(copies).toBeGreaterThan(3)
})

test('what a process left in the log that was killed is in the file when the next one is open', async () => {
  const { path, add } = await notebook(slowDisk().log)
  await add('one')
  const killed = `${path}.killed`
  for (const end of ['', '-wal']) copyFileSync(path + end, killed + end)
  await notebook(slowDisk().log, killed, 'CREATE TABLE other (text TEXT) STRICT')
  const fileAlone = `${path}.alone`
  copyFileSync(killed, fileAlone)
  const found = new DatabaseSync(fileAlone)
  expect(found.prepare('SELECT text FROM note').all()).toEqual([{ text: 'one' }])
  found.close()
})

test('the log of a file is synced by the system, and one that is closed is not', async () => {
  const path = testFile()
  await notebook(slowDisk().log, path)
  const log = logSync(path)
  await log.sync()
  log.close()
  await expect(log.sync()).rejects.toMatchObject({ ...UNAVAILABLE, cause: { code: 'EBADF' } })
})
