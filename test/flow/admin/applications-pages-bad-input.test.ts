/**
 * The table of bad definitions (test/support/samples/bad-definitions.ts) by the pages: pasted for a new application, and
 * for a change of one. Each is refused with the code and the field that every door names, and what was typed is there still.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { clientAdministration } from '../../../src/client/administration.ts'
import { definitions } from '../../../src/client/definition.ts'
import { ladder } from '../../../src/mfa/assurance.ts'
import { BUILT_IN } from '../../../src/oidc/built-in-records.ts'
import { libraryRefusal } from '../../../src/oidc/registration.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import {
  BAD_DEFINITIONS,
  BAD_TEXTS,
  definitionOf,
  GOOD_DEFINITION,
  SECRETS,
  TAKEN,
} from '../../support/samples/bad-definitions.ts'

const APPLICATIONS = '/admin/applications'

clockOfAllTests()

// Beside the portal, which is one of our own (BESIDE of the samples).
const app = forAllTests(startApp)
let olga: Someone

beforeAll(async () => {
  olga = await colleague(app, 'owner')
  asInProduction()
  const who = { actor: 'olga', via: 'pages' }
  const { clients } = app.core.admin
  expect(await clients.add({ ...GOOD_DEFINITION, client_id: THERE, client_name: 'There' }, who)).toMatchObject({
    ok: true,
  })
  await app.followClients()
  await visit(app, olga, '/admin')
})

const THERE = 'there'

/** The rules of production, where nothing is let through for a developer's own machine. */
function asInProduction(): void {
  const { admin, store, clients: registry, config, productNames, now } = app.core
  const acrValues = ladder(config.assurance.names, config.assurance.aliases).supported
  const rules = {
    production: true,
    secret: (name: string) => SECRETS[name],
    acrValues,
    reserved: Object.values(BUILT_IN),
  }
  const checked = definitions(rules, libraryRefusal(config.issuer, acrValues))
  const { clients, resources } = store.durable
  admin.clients = clientAdministration({ clients, resources, definitions: checked, registry, productNames, now })
}

/** Field and code of everything that the page says is wrong. */
function saidWrong(): string[] {
  return [...olga.browser.page.html.matchAll(/<small>[^<]*<code>([^<]*)<\/code><\/small>/g)].map(
    ([, said = '']) => said,
  )
}

/** What stands in the text field, as a browser reads it. */
function stillTyped(): string | undefined {
  const index = olga.browser.forms().findIndex(({ fields }) => fields.csrf !== undefined)
  return olga.browser.forms()[index]?.fields.yaml
}

async function paste(path: string, yaml: string, step: string): Promise<void> {
  await visit(app, olga, `${path}?as=yaml`)
  await send(olga, { yaml, step })
}

const told = ({ field, code }: { field: string; code: string }) => `${field}: ${code}`

test.each(BAD_DEFINITIONS)('$what: $code at $field, whatever is pressed, and nothing typed is lost', async (row) => {
  const yaml = JSON.stringify(definitionOf(row), null, 1)
  for (const step of ['look', 'make']) {
    await paste(`${APPLICATIONS}/new`, yaml, step)
    expect([olga.browser.page.status, saidWrong()]).toEqual([400, [told(row)]])
    expect(stillTyped()).toBe(yaml)
  }
  expect(await app.core.store.durable.clients.find(String(definitionOf(row).client_id))).toBeUndefined()
})

// An id is never changed: what is wrong with one is told where one is made.
const CHANGES = BAD_DEFINITIONS.filter(({ fields }) => !('client_id' in fields))

test.each(CHANGES)('a change to $what: $code at $field', async (row) => {
  const yaml = JSON.stringify({ ...definitionOf(row), client_id: THERE }, null, 1)
  for (const step of ['look', 'save']) {
    await paste(`${APPLICATIONS}/${THERE}/change`, yaml, step)
    expect([olga.browser.page.status, saidWrong()]).toEqual([400, [told(row)]])
    expect(stillTyped()).toBe(yaml)
  }
  expect((await app.core.store.durable.clients.find(THERE))?.version).toBe(1)
})

test('an id that is there already', async () => {
  await paste(`${APPLICATIONS}/new`, JSON.stringify({ ...definitionOf(TAKEN), client_name: 'Other' }), 'make')
  expect([olga.browser.page.status, saidWrong()]).toEqual([409, [told(TAKEN)]])
})

describe('what two readers would take differently', () => {
  test.each(BAD_TEXTS)('$what: $code at $field', async (row) => {
    for (const step of ['look', 'make']) {
      await paste(`${APPLICATIONS}/new`, row.text, step)
      expect([olga.browser.page.status, saidWrong()]).toEqual([400, [told(row)]])
      expect(stillTyped()).toBe(row.text)
    }
    expect(await app.core.store.durable.clients.find('roster')).toBeUndefined()
  })

  test.each([
    ['nothing', '# nothing\n', 'type'],
    ['a list of two', '- client_id: a\n- client_id: b\n', 'several'],
    ['two documents', 'client_id: a\n---\nclient_id: b\n', 'several-documents'],
    ['an alias', 'client_id: &a b\nclient_name: *a\n', 'client_name: alias'],
    ['a tag', 'client_id: !!str a\n', 'client_id: tag'],
    ['a directive', '%YAML 1.1\n---\nclient_id: a\n', 'directive'],
    [
      'a word that is true to some',
      'client_id: yes\nclient_name: x\nredirect_uris: [https://a.example/]\n',
      'client_id: two-readings',
    ],
    ['no YAML at all', 'client_id: [', 'syntax'],
    [
      'a field that only a verb has',
      'client_id: a\nversion: 3\nclient_name: A\nredirect_uris: [https://a.example/]\n',
      'version: unknown-field',
    ],
    [
      'another',
      'client_id: a\nunset: [first_party]\nclient_name: A\nredirect_uris: [https://a.example/]\n',
      'unset: unknown-field',
    ],
  ])('%s', async (_what, yaml, expected) => {
    for (const step of ['look', 'make']) {
      await paste(`${APPLICATIONS}/new`, yaml, step)
      expect([olga.browser.page.status, saidWrong()[0]]).toEqual([400, expected])
      expect(stillTyped()).toBe(yaml)
    }
  })
})

test('by the form of words: the same code and field, and every address stays', async () => {
  await visit(app, olga, `${APPLICATIONS}/${THERE}/change`)
  const redirect_uris = 'https://a.example.org/\nhttp://b.example.org/\nhttps://*.example.org/'
  await send(olga, {
    redirect_uris,
    client_name: 'Sigma P0rtal',
    mfa_max_age: 'soon',
    minimum_acr: 'highest',
    step: 'save',
  })
  expect(olga.browser.page.status).toBe(400)
  expect(saidWrong().toSorted()).toEqual([
    'client_name: look-alike',
    'mfa_max_age: type',
    'minimum_acr: value',
    'redirect_uris[1]: not-https',
    'redirect_uris[2]: wildcard',
  ])
  const typed = olga.browser.forms().find(({ fields }) => fields.csrf !== undefined)?.fields
  expect(typed).toMatchObject({ redirect_uris, client_name: 'Sigma P0rtal', mfa_max_age: 'soon' })
})
