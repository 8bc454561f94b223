/** A folder of back-ups: what they are called, which of them go, and when. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backups } from '../../src/app/backups.ts'
import { DAY, HOUR, MINUTE } from '../../src/lib/time.ts'
import {
  type BackupPlace,
  backUpInto,
  nameAt,
  newestIn,
  ownerOf,
  type Retention,
} from '../../src/store/sqlite/backup-folder.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { noSmallDisk, smallDisk } from '../support/app/small-disk.ts'
import { parcel } from '../support/samples/records.ts'
import { stranger, testFile } from './temporary.ts'

/** Bytes. */
const PAGE = 4096
const NOW = Date.UTC(2026, 10, 30, 6, 31, 21, 123)
const ISSUER = 'https://login.example.com'
const OWNER = ownerOf(ISSUER)

const ours = (folder: string): BackupPlace => ({ folder, owner: OWNER })
const nameOf = (at: number) => nameAt(OWNER, at)

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-backups-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function fileIn(folder: string): string {
  writeFileSync(join(folder, 'file'), '')
  return join(folder, 'file')
}

function openedToAll(folder: string): string {
  chmodSync(folder, 0o777)
  return folder
}

/** A store with something in it, not closed: as beside a server. */
async function store(known?: number): Promise<string> {
  const path = testFile()
  const opened = openSqliteStore(path)
  onTestFinished(() => opened.close())
  await opened.durable.enqueue([parcel()])
  if (known !== undefined) await opened.durable.putKnownTime(known)
  return path
}

/** Back-ups of these days before now, as far as their names go. */
function withBackups(folder: string, ages: number[]): void {
  for (const age of ages) writeFileSync(join(folder, nameOf(NOW - age)), 'a back-up')
}

const names = (folder: string) => readdirSync(folder).sort()

test('a back-up is named by its moment, for its owner only, whole, and read without anything beside it', async () => {
  const [path, folder] = [await store(), emptyFolder()]
  const { file, bytes, removed } = await backUpInto(path, ours(folder), {}, NOW)
  expect(names(folder)).toEqual(['sigma-id-login.example.com-4b246b-20261130T063121.123Z.db'])
  expect(file).toBe(join(folder, 'sigma-id-login.example.com-4b246b-20261130T063121.123Z.db'))
  expect(statSync(file)).toMatchObject({ size: bytes, mode: 0o100600 })
  expect(removed).toEqual([])
  const db = new DatabaseSync(file, { readOnly: true })
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
  expect(db.prepare('SELECT count(*) AS count FROM parcel').get()).toEqual({ count: 1 })
  expect(db.prepare('SELECT kind, at FROM not_servable').get()).toEqual({ kind: 'backup', at: NOW })
  db.close()
  expect(names(folder)).toHaveLength(1)
})

test.each<[string, Retention, number[], number[]]>([
  ['nothing is said, and all stay', {}, [DAY, 400 * DAY], [DAY, 400 * DAY]],
  ['three are kept, the new one among them', { keep: 3 }, [DAY, 2 * DAY, 3 * DAY, 4 * DAY], [DAY, 2 * DAY]],
  ['one is kept', { keep: 1 }, [DAY], []],
  ['there are fewer than may be', { keep: 14 }, [DAY], [DAY]],
  ['they are kept for two days', { keepFor: 2 * DAY }, [DAY, 2 * DAY, 2 * DAY + 1], [DAY, 2 * DAY]],
  ['whichever comes first', { keep: 3, keepFor: DAY }, [HOUR, 2 * HOUR, 3 * HOUR, 2 * DAY], [HOUR, 2 * HOUR]],
  [
    'a clock was ahead: those of the future neither count nor go',
    { keep: 2 },
    [-DAY, -2 * DAY, DAY, 2 * DAY],
    [-DAY, -2 * DAY, DAY],
  ],
])('%s', async (_when, retention, before, after) => {
  const [path, folder] = [await store(), emptyFolder()]
  withBackups(folder, before)
  const { removed } = await backUpInto(path, ours(folder), retention, NOW)
  expect(names(folder)).toEqual([nameOf(NOW), ...after.map((age) => nameOf(NOW - age))].sort())
  expect(removed).toHaveLength(before.length - after.length)
})

test.each<[string, Retention]>([
  ['by their number', { keep: 1 }],
  ['by their age', { keepFor: DAY }],
])(
  'a clock that is years ahead removes none of them %s; when it is right, all is as before',
  async (_how, retention) => {
    const [path, folder] = [await store(NOW), emptyFolder()]
    withBackups(folder, [DAY, 2 * DAY])
    const before = names(folder)
    const ahead = NOW + 2000 * DAY
    const made = await backUpInto(path, ours(folder), retention, ahead)
    expect(made).toMatchObject({ removed: [], held: before.toReversed().map((name) => join(folder, name)) })
    expect(names(folder)).toEqual([...before, nameOf(ahead)])
    await backUpInto(path, ours(folder), { keep: 3 }, NOW)
    expect(names(folder)).toEqual([...before, nameOf(NOW), nameOf(ahead)])
  },
)

test('where the store knows nothing the back-up before says whether the clock is far ahead', async () => {
  const [path, folder] = [await store(), emptyFolder()]
  withBackups(folder, [8 * DAY, 9 * DAY])
  expect((await backUpInto(path, ours(folder), { keep: 1 }, NOW)).held).toHaveLength(2)
  stranger(path).exec('DROP TABLE known_time')
  expect((await backUpInto(path, ours(folder), { keep: 1 }, NOW + 7 * DAY)).removed).toHaveLength(3)
})

test('a store that knows what time it is removes those of weeks ago', async () => {
  const [path, folder] = [await store(NOW - HOUR), emptyFolder()]
  withBackups(folder, [40 * DAY, 50 * DAY])
  expect(await backUpInto(path, ours(folder), { keep: 1 }, NOW)).toMatchObject({ removed: { length: 2 }, held: [] })
})

test.each<[string, Retention]>([
  ['by their number', { keep: 7 }],
  ['by their age', { keepFor: 20 * DAY }],
])('those of a clock that was behind, and was mended, count as what they are %s', async (_how, retention) => {
  const [path, folder] = [await store(NOW - 6 * DAY), emptyFolder()]
  withBackups(folder, [7 * DAY, 8 * DAY, 40 * DAY])
  for (let day = 6; day > 0; day -= 1) {
    const behind = NOW - (30 + day) * DAY
    expect(await backUpInto(path, ours(folder), { keep: 1 }, behind)).toMatchObject({
      removed: [],
      held: { length: 7 - day },
    })
  }
  const { removed } = await backUpInto(path, ours(folder), retention, NOW)
  const gone = 'keep' in retention ? [7, 8, 40] : [40]
  expect(removed.toSorted()).toEqual(gone.map((days) => join(folder, nameOf(NOW - days * DAY))).toSorted())
})

test('those that a clock which was ahead named are told', async () => {
  const [path, folder] = [await store(NOW), emptyFolder()]
  withBackups(folder, [-DAY, -2 * DAY, DAY])
  const { later, removed } = await backUpInto(path, ours(folder), { keep: 1 }, NOW)
  expect(later).toEqual([2, 1].map((days) => join(folder, nameOf(NOW + days * DAY))))
  expect(removed).toEqual([join(folder, nameOf(NOW - DAY))])
})

test('one that cannot be read goes by its name', async () => {
  const [path, folder] = [await store(NOW), emptyFolder()]
  withBackups(folder, [DAY, 2 * DAY])
  expect((await backUpInto(path, ours(folder), { keep: 2 }, NOW)).removed).toEqual([
    join(folder, nameOf(NOW - 2 * DAY)),
  ])
})

test('what is not one of them is left alone: other names, links, folders', async () => {
  const [path, folder, elsewhere] = [await store(), emptyFolder(), emptyFolder()]
  const foreign = [
    'sigma-id.db',
    'sigma-id-2020.db',
    `${nameOf(NOW - DAY)}.gz`,
    `x-${nameOf(NOW - DAY)}`,
    'notes.unfinished',
  ]
  for (const name of foreign) writeFileSync(join(folder, name), 'somebody else’s')
  const valued = join(elsewhere, 'valued.db')
  writeFileSync(valued, 'valued')
  symlinkSync(valued, join(folder, nameOf(NOW - 3 * DAY)))
  symlinkSync(valued, join(folder, `${nameOf(NOW - 4 * DAY)}.unfinished`))
  mkdirSync(join(folder, nameOf(NOW - 5 * DAY)))
  for (const name of names(folder)) if (!foreign.includes(name)) foreign.push(name)
  withBackups(folder, [2 * DAY])
  await backUpInto(path, ours(folder), { keep: 1, keepFor: DAY }, NOW)
  expect(names(folder)).toEqual([...foreign, nameOf(NOW)].sort())
  expect(existsSync(valued)).toBe(true)
})

test.each<[string, string]>([
  ['https://login.example.com', 'login.example.com'],
  ['https://login.example.com:8443/tenant/', 'login.example.com-8443-tenant'],
  ['http://localhost:3000', 'localhost-3000'],
  ['https://[::1]:3000', '1-3000'],
])('an installation at %s is called %s, and by six digits', (issuer, name) =>
  expect(ownerOf(issuer)).toMatch(new RegExp(`^${name}-[0-9a-f]{6}$`)),
)

test.each<[string, string]>([
  ['/a-b', '/a/b'],
  [':8443', '/8443'],
  ['/é', '/ü'],
])('two installations at %s and %s of one host keep their back-ups apart', async (one, other) => {
  const [path, folder] = [await store(), emptyFolder()]
  const [first, second] = [one, other].map((where) => ({ folder, owner: ownerOf(`${ISSUER}${where}`) }))
  if (!first || !second) throw new Error('there are two')
  const { file } = await backUpInto(path, first, { keep: 1 }, NOW - DAY)
  expect(await backUpInto(path, second, { keep: 1 }, NOW)).toMatchObject({ removed: [], others: 1 })
  expect(existsSync(file)).toBe(true)
})

test('two installations with one folder: each counts and removes its own, and is told of the other', async () => {
  const [path, folder] = [await store(), emptyFolder()]
  // The name of one begins as that of the other; one of before says nothing; and one is half made for a week.
  const others = ['login.example.com.other', 'login.example.com-8443', 'other'].map((owner) => nameAt(owner, NOW - DAY))
  const foreign = [
    ...others,
    nameOf(NOW - DAY).replace(`${OWNER}-`, ''),
    `${nameAt('other', NOW - 7 * DAY)}.unfinished`,
  ]
  for (const name of foreign) {
    writeFileSync(join(folder, name), 'a back-up')
    utimesSync(join(folder, name), (NOW - 7 * DAY) / 1000, (NOW - 7 * DAY) / 1000)
  }
  withBackups(folder, [DAY, 2 * DAY])
  expect(newestIn({ folder, owner: 'third' }, NOW)).toBeUndefined()
  const made = await backUpInto(path, ours(folder), { keep: 2, keepFor: 2 * DAY }, NOW)
  expect(made).toMatchObject({ removed: [join(folder, nameOf(NOW - 2 * DAY))], others: 3, nameless: 1 })
  expect(names(folder)).toEqual([...foreign, nameOf(NOW), nameOf(NOW - DAY)].sort())
})

test('what a killed run left goes when it is a day old, and not before', async () => {
  const [path, folder] = [await store(), emptyFolder()]
  const left = (age: number, suffix: string, content = 'half') => {
    const file = join(folder, `${nameOf(NOW - age)}${suffix}`)
    writeFileSync(file, content)
    utimesSync(file, (NOW - age) / 1000, (NOW - age) / 1000)
    return `${nameOf(NOW - age)}${suffix}`
  }
  left(2 * DAY, '.unfinished')
  left(2 * DAY, '.unfinished-journal')
  // Killed between the two moments in which it gets its name.
  left(3 * DAY, '', '')
  const young = [left(HOUR, '.unfinished'), left(2 * HOUR, '', '')]
  await backUpInto(path, ours(folder), { keep: 1 }, NOW)
  expect(names(folder)).toEqual([nameOf(NOW), ...young].sort())
  // One that is empty is no back-up.
  expect(newestIn(ours(folder), NOW - 1)).toBeUndefined()
})

test('two at once are two back-ups, each whole, and the newer stays', async () => {
  const [path, folder] = [await store(), emptyFolder()]
  withBackups(folder, [DAY, 2 * DAY])
  const both = [NOW, NOW + 1].map((at) => backUpInto(path, ours(folder), { keep: 2 }, at))
  const made = await Promise.all(both)
  expect(names(folder)).toContain(nameOf(NOW + 1))
  for (const { file } of made.filter(({ file }) => existsSync(file)))
    expect(stranger(file).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(names(folder).filter((name) => name.includes('unfinished'))).toEqual([])
  await expect(backUpInto(path, ours(folder), { keep: 1 }, NOW + 1)).rejects.toMatchObject({ code: 'invalid-input' })
  expect(names(folder)).toContain(nameOf(NOW + 1))
})

test.skipIf(noSmallDisk !== undefined)(
  'a full disk leaves no half file, and every back-up that there was',
  async () => {
    const [path, disk] = [await store(), smallDisk()]
    withBackups(disk.folder, [DAY, 2 * DAY])
    const before = names(disk.folder)
    disk.fill()
    await expect(backUpInto(path, ours(disk.folder), { keep: 1 }, NOW)).rejects.toThrow(/has no room/)
    disk.free()
    expect(names(disk.folder)).toEqual(before)
    await backUpInto(path, ours(disk.folder), { keep: 1 }, NOW)
    expect(names(disk.folder)).toEqual([nameOf(NOW)])
  },
)

test('a store that is damaged makes no back-up, and removes none', async () => {
  const [path, folder] = [testFile(), emptyFolder()]
  const opened = openSqliteStore(path)
  for (let count = 0; count < 100; count += 1) await opened.durable.enqueue([parcel()])
  await opened.close()
  withBackups(folder, [DAY])
  const handle = openSync(path, 'r+')
  writeSync(handle, Buffer.alloc(PAGE, 0xff), 0, PAGE, statSync(path).size - PAGE)
  closeSync(handle)
  await expect(backUpInto(path, ours(folder), { keep: 1 }, NOW)).rejects.toMatchObject({ code: 'store-damaged' })
  expect(names(folder)).toEqual([nameOf(NOW - DAY)])
})

test('what only integrity_check finds makes no back-up either', async () => {
  const [path, folder] = [testFile(), emptyFolder()]
  const db = stranger(path)
  db.exec('CREATE TABLE t (a); INSERT INTO t VALUES (NULL)')
  db.enableDefensive(false)
  db.exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a NOT NULL)'`)
  db.close()
  await expect(backUpInto(path, ours(folder), {}, NOW)).rejects.toMatchObject({ code: 'store-damaged' })
  expect(names(folder)).toEqual([])
})

test.each<[string, (folder: string) => string, RegExp]>([
  ['is not there', (folder) => join(folder, 'none'), /is no folder: make it/],
  ['is a file', fileIn, /is no folder/],
  ['anybody may write to', openedToAll, /everybody may write/],
])('a folder that %s is refused', async (_what, at, reason) => {
  const [path, folder] = [await store(), emptyFolder()]
  await expect(backUpInto(path, ours(at(folder)), {}, NOW)).rejects.toThrow(reason)
})

/** The server's own. */
async function server(settings: Partial<{ keep: number; every: number }> = {}, held = false, believed?: number) {
  const [path, folder] = [await store(), emptyFolder()]
  let now = NOW
  const record = vi.fn(async () => undefined)
  const note = vi.fn(async () => undefined)
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  const plan = { ...ours(folder), every: DAY, keep: 2, keepFor: 35 * DAY, ...settings }
  const hold = {
    believed: async () => (held ? undefined : (believed ?? now)),
    isHeld: () => held,
    look: () => undefined,
  }
  const made = backups({ path, plan, hold, note, record, log: log as never, now: () => now })
  return {
    ...{ folder, record, note, log, path },
    stop: made.stop,
    round: async () => made.tasks[0]?.run(),
    pass(time: number) {
      now += time
    },
  }
}

test('a server makes one when there is none, and the next when it is due; it tells each in the trail', async () => {
  const { folder, record, note, round, pass } = await server()
  await round()
  expect(names(folder)).toEqual([nameOf(NOW)])
  pass(DAY - 1)
  await round()
  expect(names(folder)).toHaveLength(1)
  pass(1)
  await round()
  pass(DAY)
  await round()
  expect(names(folder)).toEqual([nameOf(NOW + DAY), nameOf(NOW + 2 * DAY)])
  expect(note.mock.calls).toEqual([[NOW], [NOW + DAY], [NOW + 2 * DAY]])
  expect(record).toHaveBeenLastCalledWith({
    ...{ type: 'admin.verb', outcome: 'ok' },
    details: { verb: 'store:backup', via: 'schedule' },
  })
})

test('a server whose clock is not believed makes one, and removes none', async () => {
  const { folder, round } = await server({ keep: 1 }, true)
  withBackups(folder, [2 * DAY, 3 * DAY])
  await round()
  expect(names(folder)).toHaveLength(3)
})

test('a server names its back-ups by the moment that was believed, and tells of those of a later one', async () => {
  const { folder, round, log } = await server({}, false, NOW - MINUTE)
  withBackups(folder, [-DAY])
  await round()
  expect(names(folder)).toEqual([nameOf(NOW - MINUTE), nameOf(NOW + DAY)])
  expect(log.warn).toHaveBeenCalledExactlyOnceWith({ later: 1 }, expect.stringContaining('a later moment'))
})

test('a server tells of back-ups of another installation, and of those without a name, as what they are', async () => {
  const { folder, round, log } = await server()
  for (const name of [nameAt('other', NOW), nameOf(NOW).replace(OWNER, 'third'), nameOf(NOW).replace(`${OWNER}-`, '')])
    writeFileSync(join(folder, name), 'a back-up')
  await round()
  expect(log.warn.mock.calls).toEqual([
    [{ others: 2 }, expect.stringContaining('another installation')],
    [{ nameless: 1 }, expect.stringContaining('without a name')],
  ])
})

test('one that fails is told of, and tried again within the hour', async () => {
  const { folder, log, note, round, pass } = await server()
  openedToAll(folder)
  await round()
  expect(log.error).toHaveBeenCalledTimes(1)
  chmodSync(folder, 0o700)
  pass(MINUTE)
  await round()
  expect(names(folder)).toEqual([])
  expect(note).not.toHaveBeenCalled()
  pass(HOUR)
  await round()
  expect(names(folder)).toHaveLength(1)
})

test('a server that stops before its process has begun makes none', async () => {
  const { folder, round, stop, log, note } = await server()
  withBackups(folder, [2 * DAY])
  const running = round()
  await stop()
  await running
  await round()
  expect(names(folder)).toEqual([nameOf(NOW - 2 * DAY)])
  expect([log.error.mock.calls, note.mock.calls]).toEqual([[], []])
})

test('a server that stops in the middle of it leaves nothing of it', async () => {
  const { folder, path, round, stop } = await server()
  // Takes longer to copy than it takes to hear of it.
  stranger(path).exec('CREATE TABLE filler (a); INSERT INTO filler VALUES (zeroblob(50000000))')
  const begun = new Promise<void>((resolve) => {
    const watcher = watch(folder, () => resolve())
    onTestFinished(() => watcher.close())
  })
  const running = round()
  await begun
  await stop()
  await running
  expect(names(folder)).toEqual([])
})

test('the process that makes it gets no secret, and says in JSON what is wrong', async () => {
  const folder = emptyFolder()
  const script = resolve(import.meta.dirname, '../../src/store/sqlite/backup-process.ts')
  const job = JSON.stringify({ path: join(folder, 'none.db'), ...ours(folder), at: NOW })
  const child = spawn(process.execPath, [script, job], { stdio: ['ignore', 'pipe', 'pipe'], env: {} })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(JSON.parse(out)).toMatchObject({ fault: { message: expect.stringContaining('there is no') } })
})
