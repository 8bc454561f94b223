/** L-01, L-05, L-06: addresses on a client's record that point where they should not, or at something hostile. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEYED } from '../../support/oidc/client-records.ts'
import { asserted, assertion, post } from '../../support/oidc/raw-oauth.ts'
import { relyingParty, type World, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'

const SECRET = 'what only the inside may know'
const PADDING = ' '.repeat(1024 * 1024)
/** The key that would let the client in, so that nothing but the limit stands between. */
const KEYS = JSON.stringify({
  keys: [{ ...KEYED.publicKey.export({ format: 'jwk' }), kid: 'keyed', alg: 'ES256', use: 'sig' }],
})

/** What the hostile server answers, by path. */
const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  '/inside': (response) => response.end(SECRET),
  '/endless': (response) => {
    const timer = setInterval(() => response.write(PADDING), 1)
    response.on('close', () => clearInterval(timer))
  },
  '/large': (response) => response.end(KEYS + ' '.repeat(64 * 1024)),
  '/bomb': (response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(KEYS + PADDING.repeat(20))),
  '/slow': (response) => {
    const timer = setInterval(() => response.write(' '), 1000)
    response.on('close', () => clearInterval(timer))
    response.write('{')
  },
  '/silent': () => undefined,
  '/redirect': (response) => response.writeHead(302, { location: '/right' }).end(),
  '/right': (response) => response.end(KEYS),
  '/nothing': (response) => response.end('{"keys":"none"}'),
}
const PATHS = Object.keys(ANSWERS)

let here: World
let listed: { server: Server; origin: string; asked: string[] }
let unlisted: typeof listed

beforeAll(async () => {
  listed = await hostile()
  unlisted = await hostile()
  const record = {
    client_name: 'x',
    grant_types: ['client_credentials'],
    scope: 'payroll:read',
    token_endpoint_auth_method: 'private_key_jwt',
  }
  const callback = 'http://127.0.0.1:1/callback'
  here = await world({
    settings: { egress: [listed.origin] },
    more: [
      ...PATHS.map((path) => ({ ...record, client_id: path.slice(1), jwks_uri: listed.origin + path })),
      { ...record, client_id: 'outside', jwks_uri: `${unlisted.origin}/inside` },
      { ...record, client_id: 'private', jwks_uri: 'https://127.0.0.1/jwks' },
      { ...record, client_id: 'metadata', jwks_uri: 'https://169.254.169.254/latest' },
      { ...record, client_id: 'mapped', jwks_uri: 'https://[::ffff:127.0.0.1]/jwks' },
      { ...record, client_id: 'decimal', jwks_uri: 'https://2130706433/jwks' },
      { ...record, client_id: 'port', jwks_uri: 'https://127.0.0.1:6379/jwks' },
      {
        client_id: 'loopback',
        client_name: 'Loopback',
        redirect_uris: [callback],
        first_party: true,
        token_endpoint_auth_method: 'none',
        backchannel_logout_uri: `${unlisted.origin}/inside`,
      },
    ],
  })
})
afterAll(async () => {
  await here.stop()
  for (const { server } of [listed, unlisted]) {
    server.closeAllConnections()
    server.close()
  }
})

async function hostile(): Promise<typeof listed> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    ANSWERS[request.url ?? '']?.(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function authenticate(client: string): ReturnType<typeof post> {
  const token = await assertion(here, { iss: client, sub: client })
  const fields = { ...asserted(token), client_id: client, grant_type: 'client_credentials' }
  return post(`${here.app.origin}/token`, fields)
}

/** Whether it stays within its limits; what exceeds them by itself does so each time, what a busy machine adds does not. */
async function limited(path: string) {
  for (let tries = 1; ; tries += 1) {
    const [started, memory] = [performance.now(), process.memoryUsage().rss]
    const answered = await authenticate(path.slice(1))
    const within = {
      time: performance.now() - started < 3500,
      memory: process.memoryUsage().rss - memory < 150 * 1024 * 1024,
    }
    if ((within.time && within.memory) || tries === 3) return { ...answered, within }
  }
}

test('a key set of the right size, at an address on the list, lets the client in', async () => {
  expect((await authenticate('right')).status).toBe(200)
})

test.each(PATHS.filter((path) => path !== '/right'))(
  'L-05 a key set at %s lets nobody in, within 3 seconds and 64 KiB',
  async (path) => {
    const { status, body, within } = await limited(path)
    expect(within).toEqual({ time: true, memory: true })
    expect(listed.asked).toContain(path)
    expect([400, 401]).toContain(status)
    expect(String(body.error)).toMatch(/^invalid_client/)
    expect(JSON.stringify(body)).not.toContain(SECRET)
    expect(JSON.stringify(body)).not.toContain(listed.origin)
  },
)

test.each(['outside', 'private', 'metadata', 'mapped', 'decimal', 'port'])(
  'L-01 a key set on a private address is never fetched: %s',
  async (client) => {
    const { status, body } = await authenticate(client)
    expect([400, 401]).toContain(status)
    expect(String(body.error)).toMatch(/^invalid_client/)
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|egress|ECONN|socket/)
    expect(unlisted.asked).toEqual([])
  },
)

test('L-01 a logout token goes to no address off the list, and signing out does not notice', async () => {
  const sanne = new Person()
  const loopback = await relyingParty(here, 'loopback')
  const request = await loopback.request({ redirect_uri: 'http://127.0.0.1:1/callback' })
  await sanne.visit(request.url.href)
  // Nobody listens at the application's address.
  await sanne.submit({ email: 'sanne@sigma.example', password: 'vier losse woorden samen' }).catch(() => undefined)
  await sanne.visit(`${here.app.origin}/session/end`)
  await sanne.submit({ logout: 'yes' })
  expect(sanne.page.html).toContain('You are signed out')
  await here.app.drain()
  expect(unlisted.asked).toEqual([])
  expect(here.app.logged.some((line) => line.includes('parcel put off') && line.includes('egress-refused'))).toBe(true)
})
