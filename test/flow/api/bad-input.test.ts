/** The table of bad definitions through the API: refused with the code and the field that the file gives (SECURITY L, K). */
import { beforeAll, describe, expect, test } from 'vitest'
import { API, adminWorld, type Caller, call, serviceCaller } from '../../support/oidc/admin-api.ts'
import { forAllTests } from '../../support/runner/made.ts'
import {
  BAD_DEFINITIONS,
  BAD_TEXTS,
  BESIDE,
  definitionOf,
  GOOD_DEFINITION,
  SECRETS,
  TAKEN,
} from '../../support/samples/bad-definitions.ts'

const { client_id: _id, client_secret: _secret, ...beside } = BESIDE

/** A file of one of our own, beside which the table stands, as everywhere. */
const here = forAllTests(() =>
  adminWorld({
    env: SECRETS,
    more: [{ ...beside, client_id: 'portal', client_secret: { env: 'PORTAL_CLIENT_SECRET' } }],
  }),
)
let robot: Caller
beforeAll(async () => {
  robot = await serviceCaller(here, 'robot')
})

/** `redirect_uris[0]` as a pointer. */
function pointer(field: string): string {
  return ['#', ...field.split(/[.[\]]+/).filter(Boolean)].join('/')
}

test('the table is whole but for what only production refuses', () =>
  expect(BAD_DEFINITIONS.length - ROWS.length).toBe(1))

test('what is in order is taken', async () => {
  expect(await robot.make('/clients', GOOD_DEFINITION)).toMatchObject({ status: 201, body: { client: 'roster' } })
  expect(await robot.send('DELETE', '/clients/roster', undefined, { 'if-match': '"1"' })).toMatchObject({ status: 200 })
})

/** In development plain http on this machine is in order. */
const ROWS = BAD_DEFINITIONS.filter(({ what }) => !what.endsWith('in production'))

describe.each(['made', 'changed'] as const)('%s', (how) => {
  beforeAll(async () => {
    if (how === 'made') return
    expect(await robot.make('/clients', { ...GOOD_DEFINITION, client_id: 'roster2' })).toMatchObject({ status: 201 })
  })

  test.each(ROWS)('$what: $code at $field', async (row) => {
    const definition = definitionOf(row)
    if (how === 'made') {
      const answer = await robot.make('/clients', definition)
      return expectFault(answer, row)
    }
    // Null takes a field out here, and an id is not changed.
    if (row.field === 'client_id' || Object.values(row.fields).includes(null)) return
    const gone = Object.keys(row.fields).filter((name) => row.fields[name] === undefined)
    const patch = { ...row.fields, ...Object.fromEntries(gone.map((name) => [name, null])) }
    expectFault(await robot.send('PATCH', '/clients/roster2', patch, { 'if-match': '"1"' }), row)
  })
})

function expectFault(
  answer: Awaited<ReturnType<Caller['get']>>,
  { field, code }: { field: string; code: string },
): void {
  expect({ status: answer.status, errors: answer.body.errors }).toMatchObject({
    status: 400,
    errors: [{ pointer: pointer(field), code }],
  })
  expect(answer.body.errors).toHaveLength(1)
}

test('an id that is there already', async () => {
  expect(await robot.make('/clients', definitionOf(TAKEN))).toMatchObject({
    status: 409,
    body: { code: TAKEN.code, errors: [{ pointer: '#/client_id', code: TAKEN.code }] },
  })
})

test.each(BAD_TEXTS)('as text: $what', async ({ text, field, code }) => {
  expectFault(await robot.make('/clients', text), { field, code })
})

test.each<[string, string, string]>([
  ['nothing', '', 'syntax'],
  ['YAML', 'client_id: roster', 'syntax'],
  ['JSON with a comment', '{"client_id":"roster"} # one', 'syntax'],
  ['JSON with a comma too many', '{"client_id":"roster",}', 'syntax'],
  ['two documents', '{}{}', 'syntax'],
  ['a list', '[]', 'type'],
  ['a text', '"roster"', 'type'],
  ['null', 'null', 'type'],
  ['a number that is none', '{"mfa_max_age":NaN}', 'syntax'],
  ['too deep', `{"jwks":${'['.repeat(40)}${']'.repeat(40)}}`, 'syntax'],
  ['of more values than anything has', `{"jwks":[${'1,'.repeat(10_001)}1]}`, 'syntax'],
  ['of more lines', `{"jwks":1${'\n'.repeat(10_001)}}`, 'syntax'],
  ['as deep as a stack', `{"jwks":${'['.repeat(30_000)}`, 'syntax'],
])('a body that is %s', async (_what, text, code) => {
  expect(await robot.make('/clients', text)).toMatchObject({ status: 400, body: { errors: [{ pointer: '#', code }] } })
})

test('a body that is not UTF-8', async () => {
  const headers = {
    authorization: `Bearer ${robot.token}`,
    'content-type': 'application/json',
    'idempotency-key': '"x"',
  }
  const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
  const answer = await fetch(`${here.app.origin}${API}/clients`, { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ status: 400, errors: [{ pointer: '#', code: 'encoding' }] })
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/yaml',
  'application/json; charset=utf-16',
  'text/json',
])('a body of %s', async (type) => {
  const answer = await robot.make('/clients', JSON.stringify(GOOD_DEFINITION), { 'content-type': type })
  expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-type' } })
})

test('a body that is too long, with its length announced or not', async () => {
  const text = JSON.stringify({ ...GOOD_DEFINITION, client_name: 'x'.repeat(70_000) })
  expect(await robot.make('/clients', text)).toMatchObject({ status: 413, body: { code: 'body-too-large' } })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(text))
      controller.close()
    },
  })
  const headers = {
    authorization: `Bearer ${robot.token}`,
    'content-type': 'application/json',
    'idempotency-key': '"y"',
  }
  const answer = await fetch(`${here.app.origin}${API}/clients`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit)
  expect(answer.status).toBe(413)
})

test('an input of another verb, or of the path, is no field of the body', async () => {
  expect(await robot.make('/organizations', { name: 'X', version: 1 })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '#/version', code: 'unknown-field' }] },
  })
  for (const name of ['client', 'version', 'unset', 'constructor'])
    expect(
      await robot.send('PATCH', '/clients/house', { [name]: 'second' }, { 'if-match': '"1"' }),
      name,
    ).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: `#/${name}`, code: 'unknown-field' }] },
    })
  const odd = await robot.make('/clients', { ...GOOD_DEFINITION, client_id: 'roster3', 'a/b~c ': 1 })
  expect(odd.body.errors).toMatchObject([{ pointer: '#/a~1b~0c%20', code: 'unknown-field' }])
})

test('who has no role, or no token, learns nothing of what is not in order', async () => {
  const reader = await serviceCaller(here, 'reader')
  expect(await reader.make('/clients', '{')).toMatchObject({ status: 403, body: { code: 'not-allowed' } })
  expect(await call(here.app.origin, `${API}/clients`, { method: 'POST', body: '{' })).toMatchObject({ status: 401 })
})

test('names that every object has something under name nobody', async () => {
  for (const name of ['__proto__', 'constructor', 'toString'])
    expect(await robot.get(`/clients/${name}`)).toMatchObject({ status: 404 })
})
