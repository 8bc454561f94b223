/** One file has one server, whatever becomes of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
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
import { onlyServer } from '../../src/store/sqlite/one-server.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { mountFile, noMount } from '../support/app/mounted-file.ts'
import { NOW } from '../support/samples/records.ts'
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

test.each<[string, (path: string) => string]>([
  ['the file', (path) => linkTo(path, 'sigma-id.db')],
  ['its folder', (path) => join(linkTo(dirname(path), 'data'), basename(path))],
])('by a link to %s it is the same store', (_what, by) => {
  const path = testFile()
  writeFileSync(path, '')
  const me = { process: process.pid, host: 'here', release: RELEASE, since: NOW }
  const { leave } = onlyServer(path, me)
  expect(() => onlyServer(by(path), me)).toThrow(refusal(path, process))
  leave()
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

function linkTo(path: string, name: string): string {
  const link = join(mkdtempSync(join(dirname(testFile()), 'linked-')), name)
  symlinkSync(path, link)
  return link
}
