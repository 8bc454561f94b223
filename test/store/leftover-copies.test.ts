/** Which copies of drills that were killed are removed, and what is left alone that only looks like one. */
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../src/lib/time.ts'
import { prefixOf, removeLeftovers } from '../../src/store/sqlite/leftover-copies.ts'

const NOW = Date.UTC(2026, 10, 30, 12)
/** Of a process that is gone. */
const { pid: GONE } = spawnSync(process.execPath, ['-e', ''])
const NOBODY = 65_534

/** A folder with a copy in it that was written so long ago. */
function copy(at: string, age = HOUR): string {
  mkdirSync(at, { mode: 0o700 })
  writeFileSync(join(at, 'sigma-id.db'), 'a copy')
  return aged(at, age)
}

function aged(at: string, age: number): string {
  for (const path of [...readdirSync(at).map((name) => join(at, name)), at])
    lutimesSync(path, (NOW - age) / SECOND, (NOW - age) / SECOND)
  return at
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-leftovers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Whose copy this would be, by its name. */
const named = (folder: string, process = GONE) => join(folder, `${prefixOf(process)}aB3xYz`)

test('a copy of a process that is gone is removed an hour after it was written last', () => {
  const folder = temporary()
  const leftover = copy(named(folder), HOUR - SECOND)
  removeLeftovers(folder, NOW)
  expect(existsSync(leftover)).toBe(true)
  removeLeftovers(folder, NOW + SECOND)
  expect(existsSync(leftover)).toBe(false)
  expect(existsSync(folder)).toBe(true)
})

test.each<[string, (folder: string) => string]>([
  ['of a process that is at work', (folder) => copy(named(folder, process.pid))],
  [
    'in which something was written lately',
    (folder) => {
      const at = copy(named(folder))
      utimesSync(join(at, 'sigma-id.db'), NOW / SECOND, (NOW - MINUTE) / SECOND)
      return at
    },
  ],
  ['with another name', (folder) => copy(join(folder, `sigma-id-drill-test-aB3xYz`))],
  ['with a number and more', (folder) => copy(join(folder, `${prefixOf(GONE)}aB3xYz.kept`))],
])('a folder %s stays', (_what, make) => {
  const folder = temporary()
  const at = make(folder)
  removeLeftovers(folder, NOW)
  expect(existsSync(join(at, 'sigma-id.db'))).toBe(true)
})

test('a link with the name of a copy is left alone, and one in a copy goes without what it leads to', () => {
  const [folder, elsewhere] = [temporary(), temporary()]
  const own = copy(join(elsewhere, 'own'))
  symlinkSync(own, named(folder))
  removeLeftovers(folder, NOW)
  expect(existsSync(named(folder))).toBe(true)
  rmSync(named(folder))
  const leftover = copy(named(folder))
  symlinkSync(own, join(leftover, 'link'))
  aged(leftover, HOUR)
  removeLeftovers(folder, NOW)
  expect(existsSync(leftover)).toBe(false)
  expect(existsSync(join(own, 'sigma-id.db'))).toBe(true)
})

test.runIf(process.getuid?.() === 0)('a folder of another user stays', () => {
  const folder = temporary()
  const at = copy(named(folder))
  chownSync(at, NOBODY, NOBODY)
  removeLeftovers(folder, NOW)
  expect(existsSync(at)).toBe(true)
})

test('a temporary folder that is not there is no fault', () => {
  const folder = temporary()
  expect(() => removeLeftovers(join(dirname(folder), `${basename(folder)}-none`), NOW)).not.toThrow()
})
