/** One file has one server, whatever becomes of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { RELEASE } from '../../src/lib/release.ts'
import { onlyServer } from '../../src/store/sqlite/one-server.ts'
import { NOW } from '../support/samples/records.ts'
import { testFile } from './temporary.ts'

const CANDIDATE = fileURLToPath(new URL('one-server.ts', import.meta.url))

interface Candidate {
  pid: number
  said: string
  kill(): Promise<unknown>
}

/** Resolves when it has said whether it got the file. */
async function candidate(path: string): Promise<Candidate> {
  const child = spawn(process.execPath, [CANDIDATE, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const over = once(child, 'close')
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data')
  const kill = () => {
    child.kill('SIGKILL')
    return over
  }
  return { pid: child.pid ?? 0, said, kill }
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
  writeFileSync(`${path}.new`, '')
  renameSync(`${path}.new`, path)
  const before = readdirSync(dirname(path)).map((name) => [name, statSync(`${dirname(path)}/${name}`).mtimeMs])
  expect((await candidate(path)).said).toBe(`${refusal(path, winner)}\n`)
  expect(readdirSync(dirname(path)).map((name) => [name, statSync(`${dirname(path)}/${name}`).mtimeMs])).toEqual(before)

  await winner.kill()
  expect((await candidate(path)).said).toBe('mine\n')
})

test('it is free again when its server closed, also for one in the same process, and nobody else may read of it', () => {
  const path = testFile()
  const me = { process: process.pid, host: 'here', release: RELEASE, since: NOW }
  const leave = onlyServer(path, me)
  expect(() => onlyServer(path, me)).toThrow(expect.objectContaining({ code: 'store-served' }))
  // The refusal has not ended the lock.
  expect(() => onlyServer(path, me)).toThrow(refusal(path, process))
  for (const name of readdirSync(dirname(path))) expect(statSync(`${dirname(path)}/${name}`).mode & 0o777).toBe(0o600)
  leave()
  onlyServer(path, me)()
})

test.each<[string, (path: string) => string]>([
  ['the file', (path) => linkTo(path, 'sigma-id.db')],
  ['its folder', (path) => join(linkTo(dirname(path), 'data'), basename(path))],
])('by a link to %s it is the same store', (_what, by) => {
  const path = testFile()
  writeFileSync(path, '')
  const me = { process: process.pid, host: 'here', release: RELEASE, since: NOW }
  const leave = onlyServer(path, me)
  expect(() => onlyServer(by(path), me)).toThrow(refusal(path, process))
  leave()
})

function linkTo(path: string, name: string): string {
  const link = join(mkdtempSync(join(dirname(testFile()), 'linked-')), name)
  symlinkSync(path, link)
  return link
}
