/** The table of bad definitions (test/support/samples/bad-definitions.ts), by the common check, by the file and where one is made. */
import { expect, test } from 'vitest'
import { clientAdministration } from '../../../src/client/administration.ts'
import { definitions, fieldName } from '../../../src/client/definition.ts'
import { checkedFile, NOTHING_ELSE } from '../../../src/client/file.ts'
import { clientKind, resourceKind } from '../../../src/client/record.ts'
import { InputError } from '../../../src/lib/errors.ts'
import {
  BAD_DEFINITIONS,
  BAD_TEXTS,
  BESIDE,
  definitionOf,
  GOOD_DEFINITION,
  SECRETS,
  TAKEN,
} from '../../support/samples/bad-definitions.ts'
import { memoryRecords } from '../../support/unit/memory-records.ts'

const check = definitions(
  {
    production: true,
    secret: (name) => SECRETS[name],
    acrValues: ['urn:sigma:acr:mfa'],
    reserved: ['sigma-account', 'sigma-admin'],
  },
  () => undefined,
)
const ours = ['Sigma ID', 'Sigma ID Admin']

/** Code and field of everything that the common check finds. */
function byCheck(given: unknown): string[] {
  const checked = check.client(given, {
    scopes: new Set(),
    hasSecret: false,
    ours: [...ours, String(BESIDE.client_name)],
  })
  return checked.ok ? [] : checked.faults.map(({ code, path }) => `${code} ${fieldName(path)}`)
}

/** The same of the second client in a file. */
function byFile(text: string): string[] {
  try {
    const elsewhere = { ...NOTHING_ELSE, ours }
    checkedFile(text, { name: 'clients.yaml', definitions: check, elsewhere })
    return []
  } catch (fault) {
    if (!(fault instanceof InputError)) throw fault
    return fault.faults.map(({ code, path, line }) => {
      expect(line).toBeGreaterThan(2)
      return `${code} ${path.replace(/^clients\[1\]\.?/, '')}`
    })
  }
}

/** The same where one is made while the product runs, beside what is there. */
async function byAdministration(given: unknown): Promise<string[]> {
  const desk = clientAdministration({
    clients: memoryRecords(clientKind),
    resources: memoryRecords(resourceKind),
    definitions: check,
    registry: { follow: async () => true, list: () => ({ found: [], next: undefined }) },
    productNames: ours,
    now: () => 0,
  })
  await desk.add(BESIDE, WHO)
  const outcome = await desk.add(given, WHO)
  if (outcome.ok) return []
  if (outcome.reason !== 'not-in-order') return [outcome.reason]
  return outcome.faults.map(({ code, path }) => `${code} ${fieldName(path)}`)
}

const WHO = { actor: 'olga', via: 'api', mayEmpower: true }

function fileWith(definition: unknown): string {
  return JSON.stringify({ clients: [BESIDE, definition] }, null, 1)
}

test('the table is long, what is in order is, and so is what it stands beside', async () => {
  expect(BAD_DEFINITIONS.length).toBeGreaterThanOrEqual(80)
  expect(new Set(BAD_DEFINITIONS.map(({ what }) => what)).size).toBe(BAD_DEFINITIONS.length)
  expect(byCheck(GOOD_DEFINITION)).toEqual([])
  expect(byFile(fileWith(GOOD_DEFINITION))).toEqual([])
  expect(await byAdministration(GOOD_DEFINITION)).toEqual([])
})

test.each(BAD_DEFINITIONS)('$what: $code at $field', async (row) => {
  const definition = definitionOf(row)
  expect(byCheck(definition)).toEqual([`${row.code} ${row.field}`])
  expect(byFile(fileWith(definition))).toEqual([`${row.code} ${row.field}`])
  expect(await byAdministration(definition)).toEqual([`${row.code} ${row.field}`])
})

test('an id that is there twice', async () => {
  expect(byFile(fileWith(definitionOf(TAKEN)))).toEqual([`${TAKEN.code} ${TAKEN.field}`])
  expect(await byAdministration(definitionOf(TAKEN))).toEqual([TAKEN.code])
})

test.each(BAD_TEXTS)('as text: $what', ({ text, field, code }) =>
  expect(byFile(`{ "clients": [\n ${JSON.stringify(BESIDE)},\n${text}] }`)).toEqual([`${code} ${field}`]),
)

test('a name of our own is no look-alike of itself, and two of our own may be alike', () => {
  expect(byFile(fileWith({ ...BESIDE, client_id: 'portal-2', client_name: 'Sigma  Portal' }))).toEqual([])
})
