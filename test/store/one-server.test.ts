/** One file has one server, whatever becomes of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RELEASE } from '../../src/lib/release.ts'
import { backUp } from '../../src/store/sqlite/backup.ts'
import { inspect } from '../../src/store/sqlite/inspection.ts'
import { lookAtFile } from '../../src/store/sqlite/look.ts'
import { onlyServer } from '../../src/store/sqlite/one-server.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { mountFile, noMount } from '../support/app/mounted-file.ts'
import { auditRecord, NOW } from '../support/samples/records.ts'
import { testFile } from './temporary.ts'

const CANDIDATE = fileURLToPath(new URL('one-server.ts', import.meta.url))

interface Candidate {
  pid: number
  said: string
  /** A sign of life: resolves to what it said of that. */
  asked(): Promise<string>
  kill(): Promise<unknown>
}

/** Resolves when it has said whether it got the file. */
async function candidate(path: string): Promise<Candidate> {
  const child = spawn(process.execPath, [CANDIDATE, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const over = once(child, 'close')
  child.stdout.setEncoding('utf8')
  const answer = async () => (await once(child.stdout, 'data'))[0]
  const said = await answer()
  const asked = () => {
    child.stdin.write('\n')
    return answer()
  }
  const kill = () => {
    child.kill('SIGKILL')
    return over
  }
  return { pid: child.pid ?? 0, said, asked, kill }
}

const refusal = (path: string, { pid }: { pid: number }) =>
  `another server has the store ${path}: process ${pid} on here, Sigma ID ${RELEASE}, since ${new Date(NOW).toISOString()}. ` +
  'Two on one file are refused: stop it first.'

test('of ten that start at once one has it; the next one gets it when that one is killed, and not before', async () => {
  const path = testFile()
  const ten = await Promise.all(Array.from({ length: 10 }, () => candidate(path)))
  const [winner, ...others] = ten.filter(({ said }) => said === 'mine\n')
  expect(others).toEqual([])
  if (!winner) throw new Error('nobody has it')

  // Put in its place as by a restore: the server that runs has the folder.
  replace(path)
  const before = readdirSync(dirname(path)).map((name) => [name, statSync(`${dirname(path)}/${name}`).mtimeMs])
  expect((await candidate(path)).said).toBe(`${refusal(path, winner)}\n`)
  expect(readdirSync(dirname(path)).map((name) => [name, statSync(`${dirname(path)}/${name}`).mtimeMs])).toEqual(before)

  await winner.kill()
  expect((await candidate(path)).said).toBe('mine\n')
})

test('it is free again when its server closed, also for one in the same process, and nobody else may read of it', () => {
  const path = testFile()
  const me = { process: process.pid, host: 'here', release: RELEASE, since: NOW }
  const { leave } = onlyServer(path, me)
  expect(() => onlyServer(path, me)).toThrow(expect.objectContaining({ code: 'store-served' }))
  // The refusal has not ended the lock.
  expect(() => onlyServer(path, me)).toThrow(refusal(path, process))
  for (const name of readdirSync(dirname(path))) expect(statSync(`${dirname(path)}/${name}`).mode & 0o777).toBe(0o600)
  leave()
  onlyServer(path, me).leave()
})

describe('by a link', () => {
  const links: Array<[string, (path: string) => string]> = [
    ['to the file', (path) => linkTo(made(path), 'sigma-id.db')],
    ['to a file that is still to be made', (path) => linkTo(path, 'sigma-id.db')],
    ['to a link to such a file', (path) => linkTo(linkTo(path, 'a.db'), 'sigma-id.db')],
    ['to its folder', (path) => join(linkTo(dirname(path), 'data'), basename(path))],
  ]

  test.each(links)('%s it is the same store: served once, and read whole beside the server', async (_what, by) => {
    const path = testFile()
    const link = by(path)
    const server = await candidate(link)
    expect(server.said).toBe('mine\n')
    expect(await server.asked()).toBe('well\n')
    for (const name of [link, path]) expect((await candidate(name)).said).toBe(`${refusal(path, server)}\n`)
    const command = openSqliteStore(link)
    onTestFinished(() => command.close())
    await command.durable.appendAudit(auditRecord({ at: NOW }))
    // Which is in the log still.
    expect(inspect(link).last).toMatchObject({ at: NOW })
    expect(await lookAtFile(link, 'all')).toMatchObject({ looked: { lastRecordAt: NOW } })
  })

  test.each<[string, (path: string, link: string) => string]>([
    ['its log goes away', (path) => lost(`${path}-wal`)],
    ['the link is turned to another file', (path, link) => turned(link, made(`${path}.other`))],
  ])('%s, and the server ends', async (_what, lose) => {
    const path = testFile()
    const link = linkTo(path, 'sigma-id.db')
    const server = await candidate(link)
    expect(server.said).toBe('mine\n')
    const found = `${lose(path, link)} was moved, removed or replaced while this server had it open`
    expect(await server.asked()).toBe(`ends: ${found}\n`)
  })

  test('that leads to itself nothing is served', async () => {
    const link = testFile()
    symlinkSync(link, link)
    expect((await candidate(link)).said).toContain('ELOOP')
  })
})

describe('the file that keeps others away', () => {
  const TAKEN = 'the file that keeps other servers away was removed or replaced while this one runs: made anew; well\n'
  const lost: Array<[string, (lock: string) => void]> = [
    ['goes away', rmSync],
    ['is replaced', replace],
  ]

  test.each(lost)('%s, and the server that runs takes it anew: nobody else gets in', async (_what, lose) => {
    const path = testFile()
    const server = await candidate(path)
    lose(`${path}.lock`)
    expect(await server.asked()).toBe(TAKEN)
    expect((await candidate(path)).said).toBe(`${refusal(path, server)}\n`)
    expect(await server.asked()).toBe('well\n')
  })

  test.each(lost)(
    '%s, and the first of two that think they have the file ends, and says who has it',
    async (_what, lose) => {
      const path = testFile()
      const server = await candidate(path)
      lose(`${path}.lock`)
      const other = await candidate(path)
      expect(other.said).toBe('mine\n')
      expect(await server.asked()).toBe(`ends: ${refusal(path, other)}\n`)
      expect(await other.asked()).toBe('well\n')
    },
  )
})

test.each<[string, string, (file: string) => void]>([
  ['the file goes away', '', rmSync],
  ['another one is put in its place, as by a restore that did not wait', '', replace],
  ['it is moved', '', (file) => renameSync(file, `${file}.before`)],
  ['its log goes away', '-wal', rmSync],
])('%s, and the server ends: what it writes would be gone at the next start', async (_what, suffix, lose) => {
  const path = testFile()
  const server = await candidate(path)
  lose(`${path}${suffix}`)
  const found = `${path}${suffix} was moved, removed or replaced while this server had it open`
  expect(await server.asked()).toBe(`ends: ${found}\n`)
})

test('a server that lost the file leaves what the one that has it says of itself', () => {
  const path = testFile()
  const servers = [1, 2, 3].map((number) => ({ process: number, host: 'here', release: RELEASE, since: NOW }))
  const [one, other, third] = servers.map((server) => () => onlyServer(path, server))
  const first = one?.()
  rmSync(`${path}.lock`)
  const second = other?.()
  expect(() => first?.insist()).toThrow(refusal(path, { pid: 2 }))
  first?.leave()
  expect(third).toThrow(refusal(path, { pid: 2 }))
  second?.leave()
  expect(existsSync(`${path}.server`)).toBe(false)
})

describe('by another name', () => {
  const elsewhere = (path: string) => join(mkdtempSync(join(dirname(path), 'elsewhere-')), 'sigma-id.db')
  const linked = (path: string) => {
    const other = elsewhere(path)
    linkSync(path, other)
    return other
  }
  const two = (path: string) => `${path} has 2 names (hard links)`

  test('a hard link: no second server, no command, and no back-up of half of it', async () => {
    const path = testFile()
    const server = await candidate(path)
    const other = linked(path)
    expect((await candidate(other)).said).toContain(two(other))
    expect(() => openSqliteStore(other)).toThrow(expect.objectContaining({ code: 'store-two-names' }))
    await expect(backUp(other, `${path}.backup`, NOW)).rejects.toThrow(two(other))
    // Nor does it matter which of the names is asked for.
    expect(() => openSqliteStore(path)).toThrow(two(path))
    expect(readdirSync(dirname(other))).toEqual(['sigma-id.db'])
    rmSync(other)
    expect(await server.asked()).toBe('well\n')
    openSqliteStore(path).close()
  })

  test('moved while a server has it open: no other one, while that one lives', async () => {
    const path = testFile()
    const server = await candidate(path)
    const other = elsewhere(path)
    renameSync(path, other)
    expect((await candidate(other)).said).toContain(`another process has the store ${other} open by another name`)
    await server.kill()
    expect((await candidate(other)).said).toBe('mine\n')
  })

  test('a command that has it open by the same name keeps no server away', async () => {
    const path = testFile()
    const beside = openSqliteStore(path)
    expect((await candidate(path)).said).toBe('mine\n')
    await beside.close()
  })

  test.skipIf(noMount !== undefined)('mounted as a single file: no server, and no command', async () => {
    const path = testFile()
    await openSqliteStore(path).close()
    const other = join(mkdtempSync(join(dirname(path), 'a folder ')), 'sigma-id.db')
    mountFile(path, other)
    expect((await candidate(other)).said).toContain(`${other} is mounted as a single file`)
    expect((await candidate(path)).said).toBe('mine\n')
  })

  test('a copy is another store', async () => {
    const path = testFile()
    await candidate(path)
    const other = elsewhere(path)
    copyFileSync(path, other)
    expect((await candidate(other)).said).toBe('mine\n')
  })
})

test('it costs nothing beside the file: whoever ends without a word leaves nothing that keeps the next one away', async () => {
  const path = testFile()
  for (let time = 0; time < 3; time += 1) {
    const server = await candidate(path)
    expect([server.said, await server.asked()]).toEqual(['mine\n', 'well\n'])
    await server.kill()
  }
})

function replace(file: string): void {
  writeFileSync(`${file}.new`, '')
  renameSync(`${file}.new`, file)
}

function made(file: string): string {
  writeFileSync(file, '')
  return file
}

function lost(file: string): string {
  rmSync(file)
  return file
}

function turned(link: string, to: string): string {
  rmSync(link)
  symlinkSync(to, link)
  return link
}

function linkTo(path: string, name: string): string {
  const link = join(mkdtempSync(join(dirname(testFile()), 'linked-')), name)
  symlinkSync(path, link)
  return link
}
