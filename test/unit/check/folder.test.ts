/** check/folder.ts: who else may write where only the product should. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkBackupFolder, checkFolder } from '../../../src/check/folder.ts'

function folder(mode: number): string {
  const made = mkdtempSync(join(tmpdir(), 'sigma-id-check-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  chmodSync(made, mode)
  return made
}

test.each<[string, string, string]>([
  ['700', 'ok', 'is ours alone'],
  ['750', 'ok', 'is ours alone'],
  ['770', 'warning', 'its group may put files into it: .* has the mode 770'],
  ['755', 'warning', 'others may look into it: .* has the mode 755'],
  ['777', 'fault', 'others may put files into it: .* has the mode 777'],
])('a data folder with the mode %s', (mode, level, found) => {
  const findings = checkFolder(folder(Number.parseInt(mode, 8)), []).filter(
    ({ found }) => !found.includes('MB are left'),
  )
  expect(findings[0]).toMatchObject({ level, name: 'data', found: expect.stringMatching(found) })
})

test.each<[string, () => string, string, string]>([
  ['is ours alone', () => folder(0o700), 'ok', 'is ours to write to'],
  ['its group may read', () => folder(0o750), 'ok', 'is ours to write to'],
  ['its group may write to', () => folder(0o770), 'warning', 'its group may remove back-ups.*mode 770'],
  ['everybody may write to', () => folder(0o707), 'warning', 'others may remove back-ups, so none is made.*mode 707'],
  ['is not there', () => join(folder(0o700), 'none'), 'warning', 'is no folder: no back-up can be made'],
  ['is a file', aFile, 'warning', 'is no folder'],
  ['is in a file', () => join(aFile(), 'in'), 'warning', 'is no folder'],
])('a folder for back-ups that %s', (_what, made, level, found) => {
  expect(checkBackupFolder(made())).toMatchObject({ level, name: 'backup.folder', found: expect.stringMatching(found) })
})

function aFile(): string {
  const file = join(folder(0o700), 'file')
  writeFileSync(file, '')
  return file
}

test('what others than the owner may write to is told with what to do', () => {
  const where = folder(0o770)
  expect([checkFolder(where, [])[0], checkBackupFolder(where)].map((one) => one?.remedy)).toEqual([
    `chmod 700 ${where}`,
    `chmod 700 ${where}`,
  ])
})
