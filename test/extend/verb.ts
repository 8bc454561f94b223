/** How many people wait for the help desk. */
import type { Addition } from './scratch.ts'

export const verb: Addition = {
  row: 'something to administer',
  apply(copy) {
    copy.add(
      'src/admin/waiting.ts',
      `/** A verb that counts the cases that wait. */
import { z } from 'zod'
import { READERS } from './person.ts'
import { verb } from './verb.ts'

export const countCases = verb({
  name: 'case:count',
  summary: 'Count the recovery cases that wait for a decision',
  roles: READERS,
  input: z.object({ least: z.coerce.number().default(0).describe('the least that is worth telling') }),
  async run({ recovery }, { least }) {
    const waiting = (await recovery.listOpen()).length
    return { waiting, worthTelling: waiting >= least }
  },
})
`,
    )
    copy.insert('src/admin/verbs.ts', 'after', '  decideCase,\n', '  countCases,\n')
    copy.insert(
      'src/admin/verbs.ts',
      'after',
      "import type { Verb } from './verb.ts'\n",
      "import { countCases } from './waiting.ts'\n",
    )
    copy.insert(
      'src/web/api/routes.ts',
      'after',
      'answer: answers.DECIDED, people: true },\n',
      "  'case:count': { method: 'GET', path: '/case-count', answer: answers.CASES_COUNTED },\n",
    )
    copy.insert(
      'src/web/api/answers.ts',
      'before',
      'export const DECIDED = ',
      'export const CASES_COUNTED = z.strictObject({ waiting: z.int(), worthTelling: z.boolean() })\n',
    )
    copy.insert(
      'test/unit/admin/verb.test.ts',
      'after',
      "    'case:decide': [1, 0, 0, 1, true],\n",
      "    'case:count': [1, 0, 1, 1, false],\n",
    )
    copy.insert(
      'docs/operating.md',
      'before',
      '| `client:add` |',
      '| `case:count` | `owner`, `help-desk`, `auditor` | how many wait for help |\n',
    )
  },
  test: {
    project: 'unit',
    text: `
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'

test('the command line has it, with its option', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-verb-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const settings = readFileSync('config/development.yaml', 'utf8').replace(/^data: .*$/m, \`data: \${folder}\`)
  writeFileSync(join(folder, 'settings.yaml'), settings)
  // As the first start does it: a command makes none.
  await openSqliteStore(join(folder, 'sigma-id.db')).close()
  writeFileSync(join(folder, 'development.key'), Buffer.alloc(32, folder).toString('base64url'))
  const env = { ...process.env, NODE_ENV: '', SIGMA_CONFIG: join(folder, 'settings.yaml') }
  const said = execFileSync(process.execPath, ['src/cli.js', 'case:count', '--least', '1'], { env, encoding: 'utf8' })
  expect(JSON.parse(said)).toEqual({ waiting: 0, worthTelling: false })
  expect(execFileSync(process.execPath, ['src/cli.js', '--help'], { env, encoding: 'utf8' })).toContain('case:count')
})
`,
  },
  tests: ['test/unit/admin'],
}
