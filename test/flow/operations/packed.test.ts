/** What a start packs, and when the sources are started instead. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { deserialize } from 'node:v8'
import { expect, onTestFinished, test } from 'vitest'
import { wordLists } from '../../../src/accounts/word-lists.ts'

const root = resolve(import.meta.dirname, '../../..')

/** A copy of all that a pack is made of, with the packages of this one. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-packed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of ['src', 'views', 'package.json', 'package-lock.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function node(folder: string, ...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } })
}

const ASK = "import('./src/packed.js').then(({ entryOf }) => console.log(entryOf('cli')))"

test('what was packed is started, and says what the sources say; after a change of them or of the packages, they are', async () => {
  const folder = copy()
  const sources = `file://${folder}/src/cli.ts\n`
  expect(node(folder, '-e', ASK)).toBe(sources)

  node(folder, 'src/pack.js')
  expect(node(folder, '-e', ASK)).toMatch(/\/\.made\/packed\/[0-9a-f]{32}\/cli\.js\n$/)
  expect(node(folder, 'src/cli.js', '--help')).toBe(node(folder, 'src/cli.ts', '--help'))

  // Passwords are judged by the same lists.
  const [pack = ''] = readdirSync(join(folder, '.made/packed'))
  const kept = readFileSync(join(folder, '.made/packed', pack, 'words'))
  expect(isDeepStrictEqual(deserialize(kept), await wordLists())).toBe(true)

  for (const part of ['package-lock.json', 'src/lib/time.ts']) {
    const before = readFileSync(join(folder, part))
    appendFileSync(join(folder, part), '\n')
    expect(node(folder, '-e', ASK)).toBe(sources)
    writeFileSync(join(folder, part), before)
    expect(node(folder, '-e', ASK)).not.toBe(sources)
  }
})

test('the pack before this one stays, however old it is, for a server may still run on it; those before that go', () => {
  const folder = copy()
  const packs = join(folder, '.made/packed')
  const [last, older] = ['a'.repeat(32), 'b'.repeat(32)]
  for (const [name, days] of [
    [last, 30],
    [older, 31],
    [`${older}.77`, 2],
  ] as const) {
    mkdirSync(join(packs, name), { recursive: true })
    const at = Date.now() / 1000 - days * 86_400
    utimesSync(join(packs, name), at, at)
  }
  node(folder, 'src/pack.js')
  const left = readdirSync(packs)
  expect(left).toHaveLength(2)
  expect(left).toContain(last)
})

test('without a lock file, as where somebody copied the sources and the packages only, the sources are started', () => {
  const folder = copy()
  rmSync(join(folder, 'package-lock.json'))
  expect(node(folder, '-e', ASK)).toBe(`file://${folder}/src/cli.ts\n`)
  expect(node(folder, 'src/cli.js', '--help')).toBe(node(folder, 'src/cli.ts', '--help'))
})
