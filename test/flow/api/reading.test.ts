/** What the API answers, and how it says that it does not: addresses, methods, pages, entity tags, the document. */
import { beforeAll, describe, expect, test } from 'vitest'
import { API, adminWorld, type Called, type Caller, call, serviceCaller } from '../../support/oidc/admin-api.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(() => adminWorld())
let robot: Caller
beforeAll(async () => {
  robot = await serviceCaller(here, 'robot')
})

const DOCUMENT = '/admin/api/openapi.json'

describe('an application', () => {
  test('is told with its version as a strong entity tag, and not again where the asker has it', async () => {
    const shown = await robot.get('/clients/house')
    expect(shown).toMatchObject({
      status: 200,
      body: { client: 'house', version: 1, owner: { kind: 'file' }, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    })
    expect(shown.headers.get('etag')).toBe('"1"')
    for (const tag of ['"1"', 'W/"1"', '"7", "1"', '*']) {
      const again = await robot.get('/clients/house', { 'if-none-match': tag })
      expect([again.status, again.body], tag).toEqual([304, ''])
    }
    for (const tag of ['"2"', '1', '"1', ''])
      expect((await robot.get('/clients/house', { 'if-none-match': tag })).status, tag).toBe(200)
  })

  test('has no secret in what is told of it', async () => {
    const secret = here.app.core.clientSecret('HOUSE_SECRET') ?? 'none'
    const told = JSON.stringify([(await robot.get('/clients/house')).body, (await robot.get('/clients')).body])
    expect(told).not.toContain(secret)
    expect(told).not.toContain('digest')
  })

  test('HEAD is as GET, without a body', async () => {
    const head = await robot.send('HEAD', '/clients/house')
    expect([head.status, head.body, head.headers.get('etag')]).toEqual([200, '', '"1"'])
  })

  test.each(['/clients/nobody', '/clients/house%2Fversions', '/clients/..%2Fhouse', '/clients/%00', '/people/nobody'])(
    'there is none at %s',
    async (path) => {
      const helper = await serviceCaller(here, path.startsWith('/people') ? 'helper' : 'robot')
      expect(await helper.get(path)).toMatchObject({ status: 404, body: { code: 'not-found', status: 404 } })
    },
  )
})

test('what looks at the campaign answers by its shape, and giving dates does', async () => {
  const { id } = (await robot.make('/organizations', { name: 'Golf' })).body
  const looks = ['?on=2027-01-01', `?organization=${id}`, '/organizations?todo=no', '/texts']
  const preview = `/preview?organization=${id}&start=2026-12-01&deadline=2027-01-01`
  for (const path of [...looks, preview]) expect((await robot.get(`/campaign${path}`)).status, path).toBe(200)
  const given = { organization: [id], start: '2026-12-01', deadline: '2027-01-01' }
  // A program that does not say what it looked at would undo what somebody else has just done.
  expect(await robot.send('POST', '/campaign/dates', given)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '#/versions' }] },
  })
  const [{ version }] = (await robot.get(`/campaign${preview}`)).body.organizations
  const dated = { ...given, versions: [version] }
  const nothing = { changed: [], unchanged: [], refused: [] }
  expect((await robot.send('POST', '/campaign/dates', dated)).body).toEqual({ ...nothing, changed: [id] })
  const late = [{ id, reason: 'changed-meanwhile' }]
  expect((await robot.send('POST', '/campaign/dates', dated)).body).toEqual({ ...nothing, refused: late })
  expect((await robot.get(`/campaign?organization=${id}`)).body.organization).toMatchObject({
    deadlineAt: '2027-01-01T00:00:00.000Z',
    from: 'record',
  })
})

test('what looks at an application answers by its shape: versions, connection, doctor, preview, keys, deliveries', async () => {
  for (const path of [
    '/clients/house/versions',
    '/clients/house/connection',
    '/resources',
    '/client-file',
    '/approvals',
  ])
    expect((await robot.get(path)).status, path).toBe(200)
  const library = (await robot.get('/clients/house/connection')).body.libraries[0]?.library
  if (library) expect((await robot.get(`/clients/house/connection?library=${library}`)).status).toBe(200)
  const [resource] = (await robot.get('/resources')).body.items
  const path = `/resources/${encodeURIComponent(resource.resource)}`
  for (const one of ['', '/versions', '/connection']) expect((await robot.get(path + one)).status, one).toBe(200)
  expect((await robot.send('POST', '/clients/house/doctor', {})).status).toBe(200)
  const narrowed = await robot.send('POST', '/resource-preview', { resource: resource.resource, format: 'opaque' })
  expect([200, 409]).toContain(narrowed.status)
  const fresh = { client_id: 'fresh', client_name: 'Fresh', redirect_uris: ['https://fresh.example.org/callback'] }
  const preview = await robot.send('POST', '/client-preview', fresh)
  expect(preview).toMatchObject({ status: 200, body: { over: 0, definition: { client_name: 'Fresh' } } })
  expect((await robot.get('/clients/fresh')).status).toBe(404)
  expect((await robot.get('/organizations')).status).toBe(200)
  const reader = await serviceCaller(here, 'reader')
  for (const path of ['/deliveries', '/deliveries?state=failed', '/people?text=sanne', '/clients', '/audit'])
    expect((await reader.get(path)).status, path).toBe(200)
})

test('a file of applications is planned, applied by its digest, and gives one to the pages', async () => {
  const { yaml } = (await robot.get('/client-file')).body
  const same = await robot.send('POST', '/client-file/plan', { yaml })
  expect(same).toMatchObject({ status: 200, body: { created: [], changed: [], disabled: [] } })
  const { digest } = same.body
  expect(await robot.send('POST', '/client-file/apply', { yaml, digest: '0'.repeat(32) })).toMatchObject({
    status: 409,
    body: { code: 'plan-changed' },
  })
  expect(await robot.send('POST', '/client-file/apply', { yaml, digest })).toMatchObject({ status: 200 })
  expect(await robot.send('POST', '/client-file/plan', {})).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '#/yaml', code: 'required' }] },
  })
})

describe('a list', () => {
  async function all(path: string): Promise<{ pages: Called[]; ids: string[] }> {
    const pages: Called[] = []
    let next: string | undefined = path
    while (next !== undefined && pages.length < 40) {
      const page: Called = await robot.get(next)
      expect(page.status).toBe(200)
      pages.push(page)
      next = /^<\/admin\/api\/v1([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1]
    }
    return {
      pages,
      ids: pages.flatMap(({ body }) =>
        body.items.map(({ client, id }: { client?: string; id?: string }) => client ?? id),
      ),
    }
  }

  test('is given a page at a time, each once, and says where the next is', async () => {
    const whole = await robot.get('/clients?limit=1000')
    const { pages, ids } = await all('/clients?limit=3')
    expect(ids).toEqual(whole.body.items.map(({ client }: { client: string }) => client))
    expect(ids.length).toBeGreaterThan(15)
    expect(pages.at(-1)?.body.next).toBeNull()
    expect(pages[0]?.body.next).toBe(ids[2])
  })

  test('of organizations and of the trail as well', async () => {
    for (const name of ['Aap', 'Noot', 'Mies']) await robot.make('/organizations', { name })
    const organizations = await all('/organizations?limit=2')
    expect(new Set(organizations.ids).size).toBe(organizations.ids.length)
    expect(organizations.ids.length).toBeGreaterThanOrEqual(3)
    const reader = await serviceCaller(here, 'reader')
    const first = await reader.get('/audit?limit=2')
    const second = await reader.get(`/audit?limit=2&after=${first.body.next}`)
    expect(second.body.items.map(({ id }: { id: string }) => id)).not.toContain(first.body.items[1].id)
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=many', 'limit'],
    ['limit=1e9', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['sort=name', 'sort'],
    ['__proto__=x', '__proto__'],
    ['limit[]=1', 'limit[]'],
  ])('?%s is refused, by the name of the parameter', async (query, parameter) => {
    for (const path of ['/clients', '/organizations'])
      expect(await robot.get(`${path}?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid-input', errors: [{ parameter }] },
      })
  })
})

describe('what is not there', () => {
  test.each(['/client', '/clients/', '/Clients', '/clients/house/', '', '/clients/house/secrets/x/y'])(
    '%j',
    async (path) => {
      expect(await robot.get(path)).toMatchObject({ status: 404, body: { code: 'not-found' } })
    },
  )

  test.each([
    ['DELETE', '/clients', 'POST, GET, HEAD'],
    ['PUT', '/clients/house', 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/audit', 'GET, HEAD'],
    ['PATCH', '/organizations', 'POST, GET, HEAD'],
    ['TRACE', '/clients', 'POST, GET, HEAD'],
    ['OPTIONS', '/keys', 'GET, HEAD'],
  ])('%s %s is told what there is instead', async (method, path, allow) => {
    if (method === 'TRACE') return
    const answer = await robot.send(method, path)
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } })
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allow.split(', ').sort())
  })

  test('a version that there is not, and what is beside it', async () => {
    for (const path of ['/admin/api', '/admin/api/', '/admin/api/v2/clients', '/admin/api/v1'])
      expect(await call(here.app.origin, path)).toMatchObject({ status: 404, body: { code: 'not-found' } })
  })

  test('an answer in a form that there is none of', async () => {
    expect(await robot.get('/clients', { accept: 'text/html' })).toMatchObject({
      status: 406,
      body: { code: 'not-acceptable' },
    })
    for (const accept of ['application/json', 'application/*', '*/*', 'text/html, application/json;q=0.1'])
      expect((await robot.get('/clients?limit=1', { accept })).status).toBe(200)
  })
})

test('the trail as a file', async () => {
  const reader = await serviceCaller(here, 'reader')
  const file = await reader.get('/audit/export?format=jsonl')
  expect(file.status).toBe(200)
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="sigma-id-audit.jsonl"')
  const lines = String(file.body).trim().split('\n')
  expect(lines.length).toBeGreaterThan(3)
  for (const line of lines) JSON.parse(line)
  expect(await reader.get('/audit/verification')).toMatchObject({ status: 200, body: { intact: true } })
})

describe('the document', () => {
  test('is for everybody, kept for a while, and not sent twice', async () => {
    const document = await call(here.app.origin, DOCUMENT)
    expect(document).toMatchObject({
      status: 200,
      body: { openapi: '3.1.1', servers: [{ url: here.app.origin + API }] },
    })
    expect(document.headers.get('cache-control')).toBe('public, max-age=300')
    const tag = document.headers.get('etag') ?? ''
    const again = await call(here.app.origin, DOCUMENT, { headers: { 'if-none-match': tag } })
    expect([again.status, again.body]).toEqual([304, ''])
    expect(await call(here.app.origin, DOCUMENT, { method: 'POST' })).toMatchObject({ status: 405 })
  })

  test('says nothing of this installation but its address', async () => {
    const { body } = await call(here.app.origin, DOCUMENT)
    const text = JSON.stringify(body)
    for (const id of ['house', 'robot', 'console', 'totponly']) expect(text).not.toContain(`"${id}"`)
  })
})
