/** Variables, and files that are named for them. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { environmentOf, type Variables } from '../../../src/lib/environment.ts'

const folder = mkdtempSync(join(tmpdir(), 'sigma-id-environment-'))
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = 'canary-7KQ2'

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const at = (name: string) => join(folder, name)
mkdirSync(at('folder'))
symlinkSync(at('circle'), at('circle'))
spawnSync('mkfifo', [at('pipe')])

test.each<[string, Variables, string | undefined]>([
  ['a variable', { KEY: SECRET }, SECRET],
  ['a file', { KEY_FILE: file('plain', SECRET) }, SECRET],
  ['a file with a newline at its end, which is no part of it', { KEY_FILE: file('line', `${SECRET}\n`) }, SECRET],
  ['the same from Windows', { KEY_FILE: file('windows', `${SECRET}\r\n`) }, SECRET],
  ['two newlines, of which one is meant', { KEY_FILE: file('lines', `${SECRET}\n\n`) }, `${SECRET}\n`],
  ['blanks, which are meant', { KEY_FILE: file('blanks', ` ${SECRET} `) }, ` ${SECRET} `],
  ['as much as there may be', { KEY_FILE: file('most', 'x'.repeat(65_536)) }, 'x'.repeat(65_536)],
  ['a path from the folder of the product', { KEY_FILE: 'plain' }, SECRET],
  ['a variable that a container passes on though nobody set it', { KEY: '', KEY_FILE: at('plain') }, SECRET],
  ['the same of the file', { KEY: SECRET, KEY_FILE: '' }, SECRET],
  ['neither', { OTHER: SECRET, OTHER_FILE: at('plain') }, undefined],
])('%s', (_what, variables, value) => {
  const environment = environmentOf(variables, folder)
  expect(environment.value('KEY')).toBe(value)
  expect(environment.fault('KEY')).toBeUndefined()
})

test.each<[string, Variables, string, RegExp]>([
  ['both', { KEY: SECRET, KEY_FILE: at('plain') }, 'KEY', /^is given twice: leave out KEY or KEY_FILE$/],
  ['no such file', { KEY_FILE: at('none') }, 'KEY_FILE', /none: there is no such file$/],
  ['a file in a file', { KEY_FILE: at('plain/in') }, 'KEY_FILE', /in: a part of the path is no folder$/],
  ['a folder', { KEY_FILE: at('folder') }, 'KEY_FILE', /folder: is a folder, and has to be a file$/],
  ['a pipe that nobody writes to', { KEY_FILE: at('pipe') }, 'KEY_FILE', /pipe: is no plain file$/],
  ['a link to itself', { KEY_FILE: at('circle') }, 'KEY_FILE', /circle: is a link that leads around/],
  ['nothing in it', { KEY_FILE: file('empty', '') }, 'KEY_FILE', /empty: is empty$/],
  ['a newline only', { KEY_FILE: file('newline', '\n') }, 'KEY_FILE', /newline: is empty$/],
  ['too much', { KEY_FILE: file('large', 'x'.repeat(65_537)) }, 'KEY_FILE', /large: is larger than 64 kB/],
  [
    'bytes that are no text',
    { KEY_FILE: file('bytes', Buffer.concat([Buffer.from(SECRET), Buffer.from([0xff, 0xfe])])) },
    'KEY_FILE',
    /bytes: is not UTF-8 text$/,
  ],
])('a fault, without what is in it: %s', (_what, variables, path, reason) => {
  const environment = environmentOf(variables, folder)
  expect(environment.value('KEY')).toBeUndefined()
  expect(environment.fault('KEY')).toEqual({ path, reason: expect.stringMatching(reason) })
  expect(JSON.stringify(environment.fault('KEY'))).not.toContain(SECRET)
})

test('a file that this user may not read is told with the user', () => {
  chmodSync(file('closed', SECRET), 0o600)
  const source = resolve(import.meta.dirname, '../../../src/lib/environment.ts')
  const script = `import { environmentOf } from ${JSON.stringify(source)}
    console.log(JSON.stringify(environmentOf({ KEY_FILE: 'closed' }, ${JSON.stringify(folder)}).fault('KEY')))`
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  if (process.getuid?.() !== 0) chmodSync(at('closed'), 0)
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: '/',
    encoding: 'utf8',
    ...nobody,
  })
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({
    path: 'KEY_FILE',
    reason: expect.stringMatching(/^closed: the user \S.* may not open it/),
  })
})

test('what merely ends like one is not looked at', () => {
  const environment = environmentOf({ LOG_FILE: at('none'), KEY: SECRET }, folder)
  expect([environment.value('KEY'), environment.value('LOG_FILE'), environment.fault('LOG_FILE')]).toEqual([
    SECRET,
    at('none'),
    undefined,
  ])
})

test('a file is read once, and whoever was asked for is known', () => {
  const environment = environmentOf({ KEY_FILE: file('changing', 'before') }, folder)
  expect(environment.value('KEY')).toBe('before')
  file('changing', 'after')
  expect([environment.value('KEY'), environment.asked()]).toEqual(['before', ['KEY']])
})
