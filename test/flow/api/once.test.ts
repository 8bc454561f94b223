/** What is made with an `Idempotency-Key` is made once, and its secret told once: also at once, elsewhere and after a crash. */
import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { begin, madeOnceKind } from '../../../src/client/made-once.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { adminWorld, type Called, type Caller, serviceCaller } from '../../support/oidc/admin-api.ts'
import { record } from '../../support/oidc/client-records.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const here = forAllTests(() => adminWorld())
let robot: Caller
beforeAll(async () => {
  robot = await serviceCaller(here, 'robot')
})

let nth = 0

function definition(): Record<string, unknown> {
  nth += 1
  const { client_secret: _env, ...fields } = record(`once${nth}`, { first_party: false }, here.apps.origin)
  return fields
}

/** Over the first version, which those that are made for it look at. */
const key = (text = `"${randomUUID()}"`) => ({ 'idempotency-key': text, 'if-match': '"1"' })

function values(answers: Called[]): string[] {
  return answers.flatMap(({ body }) => body.secret?.value ?? [])
}

test('a key is needed for what has a secret, and has to be one', async () => {
  for (const path of ['/clients', '/clients/house/secrets']) {
    expect(
      await robot.send('POST', path, path === '/clients' ? definition() : undefined, { 'if-match': '"1"' }),
    ).toMatchObject({
      status: 400,
      body: { code: 'key-required' },
    })
    for (const odd of ['"', 'a b', `"${'x'.repeat(201)}"`, '"a", "b"'])
      expect(await robot.send('POST', path, undefined, key(odd)), odd).toMatchObject({
        status: 400,
        body: { code: 'bad-request' },
      })
  }
})

test('the same again is answered the same, and tells no secret', async () => {
  const [body, header] = [definition(), key()]
  const first = await robot.send('POST', '/clients', body, header)
  expect(first).toMatchObject({ status: 201, body: { version: 1, secret: { value: expect.any(String) } } })
  // In another order: it is the same request.
  const again = await robot.send('POST', '/clients', Object.fromEntries(Object.entries(body).reverse()), header)
  expect(again).toMatchObject({ status: 201, body: { version: 1, secret: { id: first.body.secret.id, shown: true } } })
  expect(again.body.secret).not.toHaveProperty('value')
  expect(again.headers.get('idempotency-replayed')).toBe('true')
  expect(again.headers.get('location')).toBe(first.headers.get('location'))
  const kept = JSON.stringify(await here.app.core.store.durable.madeOnce.list({ by: 'endsAt', limit: 100 }))
  expect(kept).not.toContain(first.body.secret.value)
  expect(kept).not.toContain(String(body.client_id))
})

test('for another request the key is not good, nor for another verb', async () => {
  const [body, header] = [definition(), key()]
  expect(await robot.send('POST', '/clients', body, header)).toMatchObject({ status: 201 })
  const used = { status: 422, body: { code: 'key-used' } }
  expect(await robot.send('POST', '/clients', { ...body, client_name: 'Other' }, header)).toMatchObject(used)
  expect(await robot.send('POST', `/clients/${body.client_id}/secrets`, undefined, header)).toMatchObject(used)
})

test('a key is its sender’s own', async () => {
  const header = key()
  expect(await robot.send('POST', '/organizations', { name: 'Van de robot' }, header)).toMatchObject({ status: 201 })
  const helper = await serviceCaller(here, 'helper')
  const invitation = { email: 'key@sigma.example', name: 'Kee' }
  expect(await helper.send('POST', '/people', invitation, header)).toMatchObject({ status: 201 })
})

test('what was refused has not used its key', async () => {
  const [body, header] = [definition(), key()]
  expect(await robot.send('POST', '/clients', { ...body, client_name: '' }, header)).toMatchObject({ status: 400 })
  expect(await robot.send('POST', '/clients', body, header)).toMatchObject({ status: 201 })
})

test('of a hundred at once one makes it, and one is told the secret', async () => {
  const [body, header] = [definition(), key()]
  const answers = await Promise.all(Array.from({ length: 100 }, () => robot.send('POST', '/clients', body, header)))
  expect(values(answers)).toHaveLength(1)
  expect(new Set(answers.map(({ status }) => status))).not.toContain(500)
  for (const { status, body: told } of answers)
    expect(status === 201 || (status === 409 && told.code === 'in-progress')).toBe(true)
  const path = `/clients/${body.client_id}`
  expect((await robot.get(path)).body).toMatchObject({ version: 1, secrets: [{ id: expect.any(String) }] })

  const secret = key()
  const more = await Promise.all(
    Array.from({ length: 100 }, () => robot.send('POST', `${path}/secrets`, undefined, secret)),
  )
  expect(values(more)).toHaveLength(1)
  expect((await robot.get(path)).body.secrets).toHaveLength(2)
  // The second one that is there in the end is the one that was told.
  expect((await robot.send('POST', `${path}/secrets`, undefined, secret)).body.secret).toEqual({
    id: more.find(({ body: told }) => told.secret?.value)?.body.secret.id,
    shown: true,
  })
})

test('of a hundred at once with keys of their own one makes it, and the others are told that it is there', async () => {
  const body = definition()
  const answers = await Promise.all(Array.from({ length: 100 }, () => robot.send('POST', '/clients', body, key())))
  expect(values(answers)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  // On a machine that is this busy some may be told to come again.
  const refused = answers
    .filter(({ status }) => status !== 201)
    .map(({ status, body: told }) => `${status} ${told.code}`)
  expect(refused.filter((one) => one !== '409 id-taken' && one !== '503 store-unavailable')).toEqual([])
})

/** As it is after a process died between making and answering: made, and the key still under way. */
async function crashed(header: Record<string, string>, send: () => Promise<Called>): Promise<Called> {
  const first = await send()
  const { madeOnce } = here.app.core.store.durable
  const found = (await madeOnce.list({ by: 'endsAt', limit: 1000 })).at(-1)
  expect(header['idempotency-key']).toBeDefined()
  await madeOnce.change(found?.id ?? '', (draft) => {
    const { asked } = draft
    Object.assign(draft, madeOnceKind.empty())
    begin(draft, asked, Date.now())
  })
  return first
}

test.each(['/clients', 'secrets'])(
  'after a crash before the answer, the same again finds what was made: %s',
  async (what) => {
    pass(1)
    const body = definition()
    const path = `/clients/${body.client_id}`
    if (what === 'secrets') await robot.send('POST', '/clients', body, key())
    pass(1)
    const header = key()
    const send = () =>
      what === 'secrets'
        ? robot.send('POST', `${path}/secrets`, undefined, header)
        : robot.send('POST', '/clients', body, header)
    const first = await crashed(header, send)
    expect(await send()).toMatchObject({ status: 409, body: { code: 'in-progress' } })
    pass(MINUTE)
    const again = await send()
    expect(again).toMatchObject({ status: 201, body: { secret: { id: first.body.secret.id, shown: true } } })
    expect(again.body.version).toBe(first.body.version)
    expect((await robot.get(path)).body.secrets).toHaveLength(what === 'secrets' ? 2 : 1)
  },
)

test('after a day a key means nothing any more, and nothing is kept of it', async () => {
  const [body, header] = [definition(), key()]
  expect(await robot.send('POST', '/clients', body, header)).toMatchObject({ status: 201 })
  pass(DAY + MINUTE)
  robot = await serviceCaller(here, 'robot')
  // Not made again all the same: the application knows by which request it was made.
  const again = await robot.send('POST', '/clients', body, header)
  expect(again.body.secret).not.toHaveProperty('value')
  expect((await robot.get(`/clients/${body.client_id}`)).body.secrets).toHaveLength(1)
  pass(DAY + 2 * MINUTE)
  await here.app.tidy()
  const { madeOnce } = here.app.core.store.durable
  expect(await madeOnce.list({ by: 'endsAt', limit: 10 })).toEqual([])
})
