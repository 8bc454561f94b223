/** What docs/applications.md explains is what there is; what it promises of libraries is tried in test/peers. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { clientFields } from '../../../src/client/fields.ts'
import { resourceFields } from '../../../src/client/resource-fields.ts'
import { CLAIMS } from '../../../src/client/scopes.ts'

const root = resolve(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/applications.md'), 'utf8')

/** The rows of the table with this head, without their bars. */
function rowsUnder(head: string): string[][] {
  const [table = ''] = page
    .slice(page.indexOf(`| ${head} |`))
    .trimEnd()
    .split('\n\n')
  return table
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, ...cells]) => cells)
}

function code(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
}

function sources(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))
    .join('\n')
}

test('each message that it explains is one that is given', () => {
  const given = (sources('src/oidc') + sources('node_modules/oidc-provider/lib')).replaceAll("\\'", "'")
  const messages = rowsUnder('When it says').flatMap(([said]) => code(said))
  expect(messages.length).toBeGreaterThan(3)
  expect(messages.filter((text) => text.split('…').some((part) => !given.includes(part)))).toEqual([])
})

test('each scope of ours is there, with all that it tells', () => {
  const rows = rowsUnder('Scope')
  const told = (scope: string) => rows.filter(([names]) => code(names).includes(scope)).flatMap((row) => row.slice(1))
  for (const [scope, claims] of Object.entries(CLAIMS))
    for (const claim of claims) expect(`${scope}: ${told(scope)}`).toContain(`\`${claim}\``)
})

test('each field of a record is named, and no other', () => {
  const source = { production: true, secret: () => undefined, acrValues: [], reserved: [] }
  const described = (head: string) => rowsUnder(head).map(([field]) => code(field)[0])
  expect(described('Field').toSorted()).toEqual(Object.keys(clientFields(source).shape).toSorted())
  expect(described('Field of a resource').toSorted()).toEqual(Object.keys(resourceFields.shape).toSorted())
})
