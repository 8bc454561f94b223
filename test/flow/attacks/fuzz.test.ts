/** WEB-09: no input makes a fault. Every door, times every odd value in every place; 0 × 500, and always our headers. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { atSignIn, expectSafe, raw } from '../../support/attack/attack.ts'
import { names, values } from '../../support/attack/odd-input.ts'
import type { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { withoutRandom } from '../../support/runner/random.ts'

let stranger: Person
let uid: string

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))
beforeAll(async () => {
  stranger = await atSignIn(app)
  uid = /interaction\/([^/?]+)/.exec(stranger.page.url)?.[1] ?? ''
})

const paths = () => [
  '/',
  '/favicon.ico',
  '/assets/sigma.css',
  '/activate',
  '/activate/set',
  '/activate/again',
  '/activate/check',
  '/recover',
  '/recover/set',
  '/recover/again',
  '/recover/check',
  `/interaction/${uid}`,
  `/interaction/${uid}/login`,
  `/interaction/${uid}/consent`,
  `/interaction/${uid}/select_account`,
  `/interaction/${uid}/challenge`,
  `/interaction/${uid}/challenge/totp`,
  `/interaction/${uid}/challenge/methods`,
  `/interaction/${uid}/enroll`,
  '/auth',
  `/auth/${uid}`,
  '/token',
  '/me',
  '/jwks',
  '/request',
  '/session/end',
  '/session/end/confirm',
  '/session/end/success',
  '/token/introspection',
  '/token/revocation',
  '/.well-known/openid-configuration',
  '/dev/outbox',
  '/nothing',
]

/** What would tell where the code is, and what it is made of. */
const LEAK = /node_modules|\.ts:\d+|at Object\.|koa|oidc-provider/

interface Odd {
  path: string
  method: string
  fields: Array<[string, string]>
  headers: Record<string, string>
  withToken: boolean
}

const oddHeaders = fc.dictionary(
  fc.constantFrom(
    'accept',
    'accept-language',
    'accept-encoding',
    'cookie',
    'authorization',
    'dpop',
    'if-none-match',
    'range',
    'user-agent',
    'x-forwarded-for',
    'content-encoding',
    'x-http-method-override',
  ),
  fc.constantFrom(
    '',
    '*',
    ';;;',
    ',,,',
    'q=1;;q=x',
    'sigma-form=%%%; sigma-session=x; sigma-session.sig=y',
    'sigma-activate=;=;',
    'Basic !!!',
    `Basic ${btoa('portal:%zz')}`,
    'Bearer',
    'DPoP a.b.c',
    '"',
    'bytes=0-,x',
    'nl-'.repeat(500),
    '\xff\xfe',
    'gzip',
  ),
  { maxKeys: 3 },
)

/** A page may say again what was typed, which must not be taken for something of ours. */
function anyText(): fc.Arbitrary<string> {
  return fc.string().filter((text) => !LEAK.test(text))
}

function oddRequest(): fc.Arbitrary<Odd> {
  return fc.record({
    path: fc.constantFrom(...paths()),
    method: fc.constantFrom('GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
    fields: fc.array(fc.tuple(fc.constantFrom(...names), fc.oneof(fc.constantFrom(...values), anyText())), {
      maxLength: 6,
    }),
    headers: oddHeaders,
    withToken: fc.boolean(),
  })
}

async function send({ path, method, fields, headers, withToken }: Odd): Promise<Response> {
  const form = new URLSearchParams(fields)
  const known = stranger.forms()[0]?.fields.csrf
  if (withToken && known) form.set('csrf', known)
  const posted = method === 'POST'
  const target = posted ? path : `${path}?${form}`.slice(0, 8000)
  const cookie = stranger.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const sent = {
    cookie,
    accept: 'text/html',
    ...(posted && { 'content-type': 'application/x-www-form-urlencoded' }),
    ...headers,
  }
  return fetch(app.origin + target, {
    method,
    redirect: 'manual',
    headers: sent,
    ...(posted && { body: form.toString() }),
  })
}

test('no combination of odd fields and headers makes a fault, or an answer without our headers', async () => {
  await fc.assert(
    fc.asyncProperty(oddRequest(), async (odd) => {
      const answer = await send(odd)
      const where = `${odd.method} ${odd.path} ${answer.status}`
      const text = await answer.text()
      expect(answer.status, where).toBeLessThan(500)
      expectSafe(answer.headers, where)
      const isErrorPage = answer.status >= 400 && text.includes('<dl class="reference">')
      if (isErrorPage) expect(text, where).toMatch(/<code>[A-Z2-9]{8}<\/code>/)
      expect(withoutRandom(text), where).not.toMatch(LEAK)
    }),
    { numRuns: 1200, endOnFailure: true },
  )
}, 120_000)

test('every door, with every odd value in every field at once', async () => {
  for (const path of paths())
    for (const method of ['GET', 'POST'])
      for (const value of values) {
        const answer = await send({
          path,
          method,
          fields: names.map((name) => [name, value.slice(0, 100)]),
          headers: {},
          withToken: true,
        })
        await answer.body?.cancel()
        expect(answer.status, `${method} ${path} ${value}`).toBeLessThan(500)
      }
}, 120_000)

test('bytes that are hardly HTTP get a refusal or a closed connection, and the next person is served', async () => {
  const requests = [
    'GET / HTTP/9.9\r\n\r\n',
    'GET /\r\n\r\n',
    '\0\0\0\0',
    'GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n',
    'POST /recover HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
  ]
  const answers = await Promise.all(requests.map((request) => raw(app.origin, request, 500)))
  for (const answer of answers) {
    expect(answer).not.toMatch(/^HTTP\/1\.1 5/)
    expect(withoutRandom(answer)).not.toContain('node')
  }
  expect((await fetch(`${app.origin}/recover`)).status).toBe(200)
})
