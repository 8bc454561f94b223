/** Changes through the API: over the version that was read, or not at all; and the whole life of an application. */
import { beforeAll, expect, test } from 'vitest'
import { adminWorld, type Caller, serviceCaller } from '../../support/oidc/admin-api.ts'
import { record } from '../../support/oidc/client-records.ts'
import { basic, post } from '../../support/oidc/raw-oauth.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(() => adminWorld())
let robot: Caller
beforeAll(async () => {
  robot = await serviceCaller(here, 'robot')
})

let nth = 0

/** One more application: a service of an API, so that its secret can be tried. */
async function made(fields: Record<string, unknown> = {}) {
  nth += 1
  const id = `made${nth}`
  const { client_secret: _env, ...definition } = record(id, {
    ...{ redirect_uris: [], post_logout_redirect_uris: [], grant_types: ['client_credentials'] },
    ...{ scope: 'reports:read', first_party: false },
    ...fields,
  })
  const answer = await robot.make('/clients', definition)
  expect(answer).toMatchObject({ status: 201, body: { client: id, version: 1 } })
  return { id, path: `/clients/${id}`, secret: String(answer.body.secret.value), answer }
}

async function signsIn(id: string, secret: string): Promise<boolean> {
  await here.app.followClients()
  const { body } = await post(`${here.app.origin}/token`, { grant_type: 'client_credentials' }, basic(id, secret))
  return typeof body.access_token === 'string'
}

const ifMatch = (version: number) => ({ 'if-match': `"${version}"` })
const ifNoneMatch = (version: number) => ({ 'if-none-match': `"${version}"` })

test('the whole life of an application', async () => {
  const { id, path, secret, answer } = await made()
  expect(answer.headers.get('location')).toBe(`/admin/api/v1${path}`)
  expect(answer.headers.get('etag')).toBe('"1"')
  expect(await signsIn(id, secret)).toBe(true)

  const changed = await robot.send(
    'PATCH',
    path,
    { client_name: 'Rooster', client_uri: 'https://r.example/' },
    ifMatch(1),
  )
  expect(changed).toMatchObject({
    status: 200,
    body: { version: 2, changes: [{ field: 'client_name' }, { field: 'client_uri' }] },
  })
  expect(changed.headers.get('etag')).toBe('"2"')
  const type = { 'content-type': 'application/merge-patch+json', ...ifMatch(2) }
  expect(await robot.send('PATCH', path, { client_uri: null }, type)).toMatchObject({ body: { version: 3 } })
  expect((await robot.get(path)).body.definition).not.toHaveProperty('client_uri')

  const second = await robot.make(`${path}/secrets`, undefined, ifMatch(3))
  expect(second).toMatchObject({
    status: 201,
    body: { version: 4, secret: { value: expect.stringMatching(/^\w{43}$/) } },
  })
  expect(await signsIn(id, second.body.secret.value)).toBe(true)
  const { secrets } = (await robot.get(path)).body
  expect(await robot.send('DELETE', `${path}/secrets/${secrets[0].id}`, undefined, ifMatch(4))).toMatchObject({
    status: 200,
    body: { version: 5 },
  })
  expect(await signsIn(id, secret)).toBe(false)

  expect(await robot.send('POST', `${path}/disable`, undefined, ifMatch(5))).toMatchObject({ body: { version: 6 } })
  expect(await signsIn(id, second.body.secret.value)).toBe(false)
  expect(await robot.send('POST', `${path}/enable`, undefined, ifMatch(6))).toMatchObject({ body: { version: 7 } })
  expect(await signsIn(id, second.body.secret.value)).toBe(true)
  expect(await robot.send('POST', `${path}/restore`, { to: 1 }, ifMatch(7))).toMatchObject({ body: { version: 8 } })
  expect((await robot.get(path)).body.definition.client_name).toBe(`Application ${id}`)

  const versions = await robot.get(`${path}/versions?limit=3`)
  expect(versions.body.items.map(({ version }: { version: number }) => version)).toEqual([8, 7, 6])
  expect(versions.body.items[0]).toMatchObject({ actor: 'client:robot', via: 'api' })
  expect(versions.body.items[0]).not.toHaveProperty('request')
  expect(await robot.send('DELETE', path, undefined, ifMatch(8))).toMatchObject({ status: 200 })
  expect(await signsIn(id, second.body.secret.value)).toBe(false)
  expect(await robot.make('/clients', { client_id: id, client_name: 'Again' })).toMatchObject({ status: 400 })
})

test.each(['PATCH', 'DELETE', 'disable', 'restore'])(
  '%s without the version that was read is not done',
  async (what) => {
    const { path } = await made()
    const send = (headers: Record<string, string>) =>
      ['PATCH', 'DELETE'].includes(what)
        ? robot.send(what, path, what === 'PATCH' ? { client_name: 'X' } : undefined, headers)
        : robot.send('POST', `${path}/${what}`, what === 'restore' ? { to: 1 } : undefined, headers)
    expect(await send({})).toMatchObject({ status: 428, body: { code: 'version-required' } })
    for (const header of ['*', '"1", "2"', '1', '"1', 'W/"1", "1"', '"1" "1"'])
      expect(await send({ 'if-match': header }), header).toMatchObject({ status: 400, body: { code: 'bad-request' } })
    for (const header of ['W/"1"', '"2"', '"x"', '"01"', '""', '"1e0"'])
      expect(await send({ 'if-match': header }), header).toMatchObject({
        status: 412,
        body: { code: 'changed-meanwhile' },
      })
    expect((await robot.get(path)).body).toMatchObject({ version: 1, status: 'active' })
  },
)

test('two headers If-Match are not one', async () => {
  const { path } = await made()
  const headers = new Headers({ authorization: `Bearer ${robot.token}`, 'content-type': 'application/json' })
  headers.append('if-match', '"1"')
  headers.append('if-match', '"1"')
  const answer = await fetch(`${here.app.origin}/admin/api/v1${path}`, {
    method: 'PATCH',
    headers,
    body: '{"client_name":"X"}',
  })
  expect(answer.status).toBe(400)
})

test('over somebody else’s change it is not done, and told what changed, when and by whom', async () => {
  const { path } = await made()
  expect(await robot.send('PATCH', path, { client_name: 'First' }, ifMatch(1))).toMatchObject({ status: 200 })
  expect(await robot.send('PATCH', path, { client_name: 'Second' }, ifMatch(1))).toMatchObject({
    status: 412,
    body: {
      code: 'changed-meanwhile',
      version: 2,
      since: [
        { version: 2, actor: 'client:robot', via: 'api', fields: ['client_name'], at: expect.stringMatching(/Z$/) },
      ],
    },
  })
  expect((await robot.get(path)).body.definition.client_name).toBe('First')
})

test('of twenty changes at once over one version, one is done', async () => {
  const { path } = await made()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => robot.send('PATCH', path, { client_name: `Name ${index}` }, ifMatch(1))),
  )
  const statuses = answers.map(({ status }) => status).sort()
  expect(statuses).toEqual([200, ...Array(19).fill(412)])
  expect((await robot.get(path)).body.version).toBe(2)
})

test('what is owned by the file is changed there', async () => {
  expect(await robot.send('PATCH', '/clients/house', { client_name: 'X' }, ifMatch(1))).toMatchObject({
    status: 409,
    body: { code: 'owned-by-file', detail: expect.stringContaining('clients.yaml') },
  })
})

test('ADM-02 a service makes no other, and gets no secret of one', async () => {
  const { client_secret: _env, ...definition } = record('second_robot', {
    ...{ redirect_uris: [], post_logout_redirect_uris: [], grant_types: ['client_credentials'] },
    ...{ scope: 'admin:people', first_party: false, admin_role: 'help-desk' },
  })
  const refused = { status: 403, body: { code: 'not-allowed', reason: 'role-not-held' } }
  expect(await robot.make('/clients', definition)).toMatchObject(refused)
  expect(await robot.get('/clients/second_robot')).toMatchObject({ status: 404 })
  expect(await robot.make('/clients/helper/secrets', undefined, ifMatch(1))).toMatchObject(refused)
  const { path } = await made()
  const patch = { scope: 'admin:people', admin_role: 'help-desk' }
  expect(await robot.send('PATCH', path, patch, ifMatch(1))).toMatchObject(refused)
  const yaml = JSON.stringify({ clients: [definition] })
  const plan = await robot.send('POST', '/client-file/plan', { yaml })
  // The file owns others, which it would end; what matters is what it would make.
  const { digest } = plan.body
  if (plan.status === 200)
    expect(await robot.send('POST', '/client-file/apply', { yaml, digest })).toMatchObject(refused)
  expect(await robot.get('/clients/second_robot')).toMatchObject({ status: 404 })
  expect((await robot.get('/clients/helper')).body.version).toBe(1)
})

test('organizations: made, changed by what is said, emptied by null, merged, disabled; each over what was read', async () => {
  const start = '2026-12-01'
  const { body } = await robot.make('/organizations', {
    name: 'Drukkerij',
    number: '77',
    domain: ['druk.example'],
    start,
  })
  const path = `/organizations/${body.id}`
  const read = async (at = path) => ({ 'if-match': (await robot.get(at)).headers.get('etag') ?? '' })
  expect(await robot.get(path)).toMatchObject({
    body: { number: '77', domains: ['druk.example'], people: 0, campaign: {} },
  })
  expect(await robot.send('PATCH', path, { number: null })).toMatchObject({ status: 428 })
  const before = await read()
  const emptied = { number: null, domain: null, start: null }
  expect(await robot.send('PATCH', path, emptied, before)).toMatchObject({ status: 200 })
  expect(await robot.send('PATCH', path, { number: '78' }, before)).toMatchObject({
    status: 412,
    body: { code: 'changed-meanwhile' },
  })
  const shown = await robot.get(path)
  expect(shown.body).toMatchObject({ name: 'Drukkerij', domains: [] })
  expect(shown.body).not.toHaveProperty('number')
  expect(await robot.make('/organizations', { name: 'drukkerij' })).toMatchObject({
    status: 409,
    body: { code: 'organization-taken' },
  })
  const other = `/organizations/${(await robot.make('/organizations', { name: 'Drukkerij 2' })).body.id}`
  expect(await robot.send('POST', `${other}/merge`, { into: 'Drukkerij' }, await read(other))).toMatchObject({
    status: 200,
  })
  const disabled = await robot.send('POST', `${path}/disable`, undefined, await read())
  expect(disabled).toMatchObject({ status: 200, body: { status: 'disabled' } })
  expect(await robot.send('POST', `${path}/disable`, undefined, await read())).toMatchObject({
    status: 409,
    body: { code: 'already-disabled' },
  })
})

test('a person: names and language over what was read, however else they went on, and whoever changed them', async () => {
  const helper = await serviceCaller(here, 'helper')
  const invitation = { email: 'pieter@sigma.example', name: 'Pieter', locale: 'nl', role: [] }
  const path = `/people/${(await helper.make('/people', invitation)).body.id}`
  expect((await helper.get(path)).headers.get('etag')).toBe('"0"')
  expect(await helper.send('PATCH', path, { name: 'Piet' })).toMatchObject({ status: 428 })
  const both = { name: 'Piet Vos', familyName: 'Vos', locale: 'en' }
  expect(await helper.send('PATCH', path, both, ifMatch(0))).toMatchObject({
    ...{ status: 200, body: { changed: ['name', 'familyName', 'locale'] } },
  })
  for (const late of [{ name: 'Pieter' }, { locale: 'nl' }])
    expect(await helper.send('PATCH', path, late, ifMatch(0))).toMatchObject({
      ...{ status: 412, body: { code: 'changed-meanwhile' } },
    })
  const { body, headers } = await helper.get(path)
  expect([body.name, body.locale, headers.get('etag')]).toEqual(['Piet Vos', 'en', `"${body.version}"`])
  // More of a person changes than is counted, so no look is answered by that there is nothing new.
  expect(await helper.get(path, ifNoneMatch(body.version))).toMatchObject({ status: 200 })
  expect(await helper.send('PATCH', path, { familyName: null }, ifMatch(body.version))).toMatchObject({ status: 200 })
})

test('an API that takes our tokens: made, changed over what was read, shown with who may ask, deleted', async () => {
  const indicator = 'https://stock.example.org/api'
  const path = `/resources/${encodeURIComponent(indicator)}`
  const added = await robot.make('/resources', { indicator, scopes: ['stock:read'] })
  expect(added).toMatchObject({ status: 201, body: { resource: indicator, version: 1 } })
  expect(added.headers.get('location')).toBe(`/admin/api/v1${path}`)
  expect(await robot.send('PATCH', path, { format: 'opaque' }, ifMatch(1))).toMatchObject({
    status: 200,
    body: { version: 2 },
  })
  expect(await robot.send('PATCH', path, { format: 'jwt' }, ifMatch(1))).toMatchObject({ status: 412 })
  expect(await robot.get(path)).toMatchObject({ body: { definition: { format: 'opaque' }, applications: [] } })
  expect(await robot.send('DELETE', path, undefined, ifMatch(2))).toMatchObject({ status: 200 })
  const ours = { indicator: `${here.app.origin}/admin/api/v1`, scopes: ['mine'] }
  expect(await robot.make('/resources', ours)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '#/indicator', code: 'reserved' }] },
  })
  expect(await robot.make('/resources', { indicator: 'https://x.example/', scopes: ['admin:people'] })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '#/scopes/0', code: 'reserved' }] },
  })
})
