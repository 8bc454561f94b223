/** What docs/administration.md prints about the API runs as printed. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { ADMIN_SCOPES } from '../../../src/client/scopes.ts'
import { startApp } from '../../support/app/app.ts'
import { forAllTests } from '../../support/runner/made.ts'

const page = readFileSync(join(resolve(import.meta.dirname, '../../..'), 'docs/administration.md'), 'utf8')
const section = page.slice(page.indexOf('\n## The API\n'), page.indexOf('\n## The doctor\n'))

function block(kind: string): string {
  const [, text = ''] = new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section) ?? []
  if (text === '') throw new Error(`no ${kind} in the section`)
  return text
}

const PROVISIONING_SECRET = 'p'.repeat(43)
const app = forAllTests(() =>
  startApp({
    env: { PROVISIONING_SECRET },
    settings: { portal: undefined },
    clients: JSON.stringify(parse(block('yaml'))),
  }),
)

test('the record is in order, and the commands make an application and change it', async () => {
  const { PATH = '' } = process.env
  const env = { PATH, ISSUER: app.origin, PROVISIONING_SECRET }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', block('sh')], { env })
  const [made, changed, shown] = stdout.split(/(?<=\})(?=\{"(?:ok|client)")/).map((text) => JSON.parse(text))
  expect(made).toMatchObject({ client: 'roster', version: 1, secret: { value: expect.stringMatching(/^\w{43}$/) } })
  expect(changed).toMatchObject({ version: 2, changes: [{ field: 'client_name', to: 'Roster of Sigma' }] })
  expect(shown).toMatchObject({ client: 'roster', definition: { client_name: 'Roster of Sigma' } })
})

test('every scope is told of', () => {
  for (const scope of ADMIN_SCOPES) expect(section).toContain(`\`${scope}\``)
})
