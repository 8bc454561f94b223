/** The commands about whole stores, as an operator types them. */
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import {
  commandLine,
  type Installation,
  installation,
  launch,
  launchCommand,
  startServer,
} from '../../support/app/process.ts'
import { layOutAsBefore, makeRoom, stateOf } from '../../support/roomy.ts'
import { describeWith, mongoServer, redisServer } from '../../support/services/services.ts'

const STOPPED = '--nodes-stopped'

/** What a command printed. */
async function done(where: Installation, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}

async function refused(where: Installation, ...args: string[]): Promise<string> {
  const { code, out, err } = await commandLine(where, ...args)
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).not.toMatch(/^\s+at /m)
  return err
}

function invite(where: Installation, name: string) {
  return done(where, 'person:invite', '--email', `${name}@sigma.example`, '--name', name)
}

test('store:backup beside a running server makes one whole copy, for its owner only, and never over another file', async () => {
  const where = await installation()
  const server = await startServer(where)
  await invite(where, 'bob')
  const file = join(where.folder, 'of-today.db')
  const { bytes } = await done(where, 'store:backup', '--to', file)
  expect(statSync(file)).toMatchObject({ size: bytes })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const db = new DatabaseSync(file)
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(db.prepare(`SELECT record->>'$.account.name' AS name FROM people`).all()).toContainEqual({ name: 'bob' })
  expect(db.prepare('SELECT kind FROM not_servable').all()).toEqual([{ kind: 'backup' }])
  db.close()
  // No half of one beside it.
  expect(readdirSync(where.folder).filter((name) => name.includes('of-today'))).toEqual(['of-today.db'])

  expect(await refused(where, 'store:backup', '--to', file)).toMatch(/^--to: .*of-today\.db is there already$/m)
  expect(statSync(file).size).toBe(bytes)
  expect(await refused(where, 'store:backup', '--to', join(file, 'not', 'a', 'folder'))).toMatch(/^--to: /)
  expect(await refused(where, 'store:backup', '--to', join(where.folder, 'none', 'x.db'))).toMatch(
    /^--to: .*folder that is not there/,
  )
  const other = await installation()
  expect(await refused(other, 'store:backup', '--to', join(other.folder, 'x.db'))).toMatch(/there is no .*sigma-id\.db/)
  expect(existsSync(join(other.folder, 'x.db'))).toBe(false)

  const folder = join(where.folder, 'backups')
  const into = ['store:backup', '--folder', folder]
  expect(await refused(where, ...into, '--keep', '1')).toMatch(/^--folder: .*is no folder: make it/)
  mkdirSync(folder, { mode: 0o700 })
  const made = await done(where, ...into, '--keep', '1', '--keep-days', '35')
  expect(await done(where, ...into, '--keep', '1')).toMatchObject({ removed: [made.file], stayed: [] })
  expect(readdirSync(folder)).toEqual([
    expect.stringMatching(/^sigma-id-localhost-\d+-[0-9a-f]{6}-\d{8}T\d{6}\.\d{3}Z\.db$/),
  ])
  for (const wrong of [[], ['--to', file, '--folder', folder]])
    expect(await refused(where, 'store:backup', ...wrong)).toMatch(/^--to: is needed, or --folder, and not both/)
  expect(await refused(where, ...into, '--keep', '0')).toMatch(/--keep.* a number from 1 to 9999/)
  expect(await refused(where, 'store:backup', '--to', join(where.folder, 'y.db'), '--keep', '3')).toMatch(/^--keep: /)

  const { records: told } = (await done(where, 'audit:list')) as { records: Array<{ details?: { verb?: string } }> }
  expect(told.filter(({ details }) => details?.verb === 'store:backup')).toHaveLength(3)
  server.signal('SIGTERM')
  expect(await server.ended).toMatchObject({ code: 0 })
})

test('store:drill prints what it found, ends with 1 if it is no good, and leaves nothing when it is stopped', async () => {
  const where = await installation()
  const server = await startServer(where)
  await invite(where, 'bob')
  const file = join(where.folder, 'backup.db')
  await done(where, 'store:backup', '--to', file)
  const report = await done(where, 'store:drill', '--from', file)
  expect(report).toMatchObject({ restorable: true, problems: [], holds: { people: 1 }, lost: { people: 0 } })
  expect(JSON.stringify(await done(where, 'audit:list'))).not.toContain('store:drill')
  server.signal('SIGTERM')
  await server.ended

  const TMPDIR = join(where.folder, 'temporary')
  mkdirSync(TMPDIR)
  const command = launchCommand({ ...where, env: { ...where.env, TMPDIR } }, 'store:drill', '--from', file)
  const stopped = watch(TMPDIR, () => command.signal('SIGTERM'))
  await command.ended
  stopped.close()
  expect(readdirSync(TMPDIR)).toEqual([])

  const db = new DatabaseSync(file)
  db.exec('DROP TABLE not_servable')
  db.close()
  const { code, out, err } = await commandLine(where, 'store:drill', '--from', file)
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^The back-up cannot be restored: it has no mark/),
  })
  expect(JSON.parse(out)).toMatchObject({ restorable: false })
})

test('store:compact needs the server stopped, gives room back, and is in the trail; killed in the middle it left all as it was', async () => {
  const where = await installation()
  const file = join(where.data, 'sigma-id.db')
  expect(await refused(where, 'store:compact')).toMatch(/there is no store/)
  expect(existsSync(file)).toBe(false)
  mkdirSync(where.data, { mode: 0o700 })
  layOutAsBefore(file)
  await makeRoom(file, 150)
  const server = await startServer(where)
  await invite(where, 'bob')
  expect(await refused(where, 'store:compact')).toMatch(/another server has the store .*stop it first/)
  server.signal('SIGTERM')
  await server.ended

  const before = stateOf(file)
  expect(before).toMatchObject({ whole: 'ok', rows: { n: 150 }, layout: 0 })
  const killed = launchCommand(where, 'store:compact')
  // SQLite has made its copy, and puts it into the log.
  let copies: string[] = []
  const watcher = watch(where.data, () => {
    if (logOf(file) < 2 ** 20 || copies.length > 0) return
    copies = namelessFilesOf(killed.pid)
    killed.signal('SIGKILL')
  })
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL', out: '' })
  watcher.close()
  // Not in /tmp, where there may be no room and others are.
  expect(copies.map(dirname)).toEqual([where.data])
  expect(stateOf(file)).toEqual(before)

  const bytes = statSync(file).size
  const compacted = await done(where, 'store:compact')
  expect(compacted).toEqual({ file, bytesBefore: bytes, bytesAfter: expect.any(Number), seconds: expect.any(Number) })
  expect(compacted.bytesAfter).toBeLessThan(bytes / 5)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(where.data).filter((name) => /etilqs|server$/.test(name))).toEqual([])
  expect(stateOf(file)).toEqual({ ...before, layout: 2 })
  await startServer(where)
  expect(await done(where, 'audit:verify')).toEqual({ intact: true })
  const { records: told } = (await done(where, 'audit:list')) as { records: Array<{ details?: { verb?: string } }> }
  expect(told.filter(({ details }) => details?.verb === 'store:compact')).toHaveLength(1)
})

test('store:compact of the many says what MongoDB has for it, and asks nothing of it', async () => {
  const env = {
    SIGMA_MONGODB_URL: 'mongodb://127.0.0.1:9/none',
    SIGMA_REDIS_URL: 'redis://127.0.0.1:9',
    SIGMA_KEYS: `k:${randomBytes(32).toString('base64')}`,
  }
  const where = await installation({ settings: { store: { kind: 'cluster' } }, env })
  expect(await refused(where, 'store:compact')).toMatch(/^MongoDB gives room back by its own command, compact: see /)
  expect(existsSync(where.data)).toBe(false)
})

/** That it has open and that are in no folder any more. */
function namelessFilesOf(pid: number): string[] {
  const open = readdirSync(`/proc/${pid}/fd`).map((name) => readlinkSync(`/proc/${pid}/fd/${name}`))
  return open.filter((file) => file.endsWith(' (deleted)'))
}

function logOf(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
}

test('store:restored needs every node stopped, and leaves what a server can start on', async () => {
  const where = await installation()
  const data = join(where.data, 'sigma-id.db')
  const file = join(where.folder, 'backup.db')
  const server = await startServer(where)
  await invite(where, 'bob')
  await done(where, 'store:backup', '--to', file)
  await invite(where, 'late')
  expect(await refused(where, 'store:restored')).toMatch(/^--nodes-stopped: /)
  expect(await refused(where, 'store:restored', STOPPED)).toMatch(/sigma-id\.db is in use: stop every node first/)
  server.signal('SIGTERM')
  await server.ended

  for (const name of [data, `${data}-wal`, `${data}-shm`]) rmSync(name, { force: true })
  expect(await refused(where, 'store:restored', STOPPED)).toMatch(/there is no .*sigma-id\.db/)
  expect(existsSync(data)).toBe(false)
  copyFileSync(file, data)
  expect(await refused(where, 'person:find', '--text', 'bob')).toMatch(/run store:restored first/)
  expect(await launch(where).ended).toMatchObject({ code: 1, err: expect.stringMatching(/run store:restored first/) })
  const restored = await done(where, 'store:restored', STOPPED)
  expect(restored).toMatchObject({ people: 1, devices: 0, links: 1 })
  await startServer(where)
  expect(await done(where, 'audit:verify')).toEqual({ intact: true })
  expect(await refused(where, 'person:show', '--person', 'late@sigma.example')).toMatch(/no such person/)
  expect(await done(where, 'person:show', '--person', 'bob@sigma.example')).toMatchObject({ status: 'invited' })
})

test('store:copy is refused without what it needs, each with its name', async () => {
  const where = await installation()
  const cluster = {
    SIGMA_MONGODB_URL: 'mongodb://127.0.0.1:9/none',
    SIGMA_REDIS_URL: 'redis://127.0.0.1:9',
    SIGMA_KEYS: `k:${randomBytes(32).toString('base64')}`,
  }
  const configured = { ...where, env: { ...where.env, ...cluster } }
  const [to, from] = [
    ['--from', 'embedded', '--to', 'cluster'],
    ['--from', 'cluster', '--to', 'embedded'],
  ]
  expect(await refused(configured, 'store:copy', ...to)).toMatch(/^--nodes-stopped: /)
  expect(await refused(configured, 'store:copy', '--from', 'embedded', STOPPED)).toMatch(/--to/)
  expect(await refused(configured, 'store:copy', '--from', 'paper', '--to', 'cluster', STOPPED)).toMatch(
    /embedded, cluster/,
  )
  expect(await refused(configured, 'store:copy', '--from', 'cluster', '--to', 'cluster', STOPPED)).toMatch(/^--to: /)
  expect(await refused(configured, 'store:copy', ...to, STOPPED)).toMatch(
    /^there is no store \S+\/sigma-id\.db, which /,
  )
  expect(await refused(configured, 'store:copy', ...from, STOPPED)).toMatch(/MongoDB/)
  // Not even an empty store.
  expect(existsSync(join(where.data, 'sigma-id.db'))).toBe(false)
  expect(await refused(where, 'store:copy', ...to, STOPPED)).toMatch(/SIGMA_MONGODB_URL[\s\S]*SIGMA_REDIS_URL/)
})

describeWith(['mongo', 'redis'], 'from one machine to many, and back', () => {
  test('store:copy takes everything along, says how much, and is in both trails', async () => {
    const [mongo, redis] = await Promise.all([mongoServer(), redisServer()])
    for (const service of [mongo, redis]) onTestFinished(() => service.remove())
    const where = await installation({
      env: {
        SIGMA_KEYS: `k:${randomBytes(32).toString('base64')}`,
        SIGMA_MONGODB_URL: `${mongo.uri}/sigma-id`,
        SIGMA_REDIS_URL: redis.uri,
      },
    })
    const many = await withStore(where, 'cluster')
    const server = await startServer(where)
    await invite(where, 'bob')
    const to = ['store:copy', '--from', 'embedded', '--to', 'cluster', STOPPED]
    expect(await refused(where, ...to)).toMatch(/is in use/)
    server.signal('SIGTERM')
    await server.ended

    const copied = await done(where, ...to)
    expect(copied).toMatchObject({
      ...{ from: 'embedded', to: 'cluster', trailIntact: true, seconds: expect.any(Number) },
      records: { people: { records: 1, skipped: 0 }, keys: { records: 1, skipped: 0 } },
    })
    expect(await done(many, 'audit:verify')).toEqual({ intact: true })
    expect(await done(many, 'person:show', '--person', 'bob@sigma.example')).toMatchObject({ status: 'invited' })
    expect(await phases(many)).toEqual(['done', 'begun'])
    expect(await phases(where)).toEqual(['begun'])
    expect(await refused(where, ...to)).toMatch(/only an empty store is filled/)
    await invite(many, 'new')

    const node = await startServer(many)
    rmSync(where.data, { recursive: true })
    const back = ['store:copy', '--from', 'cluster', '--to', 'embedded', STOPPED]
    expect(await refused(where, ...back)).toMatch(/Redis is in use/)
    node.signal('SIGTERM')
    await node.ended
    expect(await done(where, ...back)).toMatchObject({ records: { people: { records: 2, skipped: 0 } } })
    expect(await done(where, 'audit:verify')).toEqual({ intact: true })
    expect(await done(where, 'person:show', '--person', 'new@sigma.example')).toMatchObject({ status: 'invited' })
    await startServer(where)
    // Four servers and sixteen processes, one after the other, take long on a busy machine.
  }, 180_000)

  async function phases(where: Installation): Promise<unknown[]> {
    const { records: told } = (await done(where, 'audit:list')) as {
      records: Array<{ details?: { verb?: string; phase?: string } }>
    }
    return told.filter(({ details }) => details?.verb === 'store:copy').map(({ details }) => details?.phase)
  }

  /** The same installation, configured for another store. */
  function withStore(where: Installation, kind: string): Promise<Installation> {
    const { SIGMA_CONFIG: _own, ...env } = where.env
    return installation({ settings: { store: { kind } }, env })
  }
})
