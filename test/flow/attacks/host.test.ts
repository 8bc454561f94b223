/** K-07: whatever a request says of host, scheme and path, links and redirects are the configured issuer's. */

import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { raw } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EVIL = 'evil.example'
const EMAIL = 'sanne@sigma.example'
const ISSUER = 'https://id.sigma.test'

const poisons: Array<[string, string]> = [
  ['Host', `Host: ${EVIL}`],
  ['two hosts', `Host: id.sigma.example\r\nX-Host: ${EVIL}`],
  ['a host with a port and a user', `Host: x@${EVIL}:443`],
  ['X-Forwarded-Host', `Host: id.sigma.example\r\nX-Forwarded-Host: ${EVIL}`],
  ['X-Forwarded-Host in a list', `Host: id.sigma.example\r\nX-Forwarded-Host: ${EVIL}, ${EVIL}`],
  ['Forwarded', `Host: id.sigma.example\r\nForwarded: host=${EVIL};proto=http;for=1.2.3.4`],
  ['X-Forwarded-Proto', 'Host: id.sigma.example\r\nX-Forwarded-Proto: http'],
  ['X-Forwarded-Port and -Prefix', `Host: id.sigma.example\r\nX-Forwarded-Port: 81\r\nX-Forwarded-Prefix: //${EVIL}`],
  ['X-Original-URL', `Host: id.sigma.example\r\nX-Original-URL: //${EVIL}/\r\nX-Rewrite-URL: //${EVIL}/`],
]

const app = forAllTests(() => startApp({ settings: { issuer: ISSUER, trustedProxies: 1 } }))

function get(target: string, headers: string): Promise<string> {
  return raw(app.origin, `GET ${target} HTTP/1.1\r\nAccept: text/html\r\nConnection: close\r\n${headers}\r\n\r\n`)
}

test.each(poisons)('discovery with %s names the issuer only', async (_name, headers) => {
  const answer = await get('/.well-known/openid-configuration', headers)
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).not.toContain(EVIL)
  expect(answer).toContain(`"authorization_endpoint":"${ISSUER}/auth"`)
})

test.each(poisons)('pages and redirects with %s lead nowhere else', async (_name, headers) => {
  const query = 'client_id=portal&response_type=code&scope=openid&state=s&code_challenge_method=S256'
  const auth = `/auth?${query}&code_challenge=${'A'.repeat(43)}&redirect_uri=${encodeURIComponent(`${app.portalOrigin}/callback`)}`
  for (const target of [
    '/',
    '/recover',
    '/activate',
    `/activate/${'A'.repeat(43)}`,
    '/interaction/x/login',
    '/session/end',
    '/nothing',
    auth,
  ]) {
    const answer = await get(target, headers)
    expect(answer).toMatch(/^HTTP\/1\.1 [234]/)
    expect(answer, target).not.toContain(EVIL)
    const location = /^location: (.*)\r$/im.exec(answer)?.[1]
    if (location) expect(location.startsWith('/') || location.startsWith(`${ISSUER}/`), location).toBe(true)
    expect(location ?? '').not.toMatch(/^\/[/\\]/)
  }
})

test.each(poisons)('a mail that was asked for with %s has the issuer’s link', async (_name, headers) => {
  await app.core.links.invite({ email: EMAIL, name: 'Sanne', locale: 'en' })
  const page = await get('/recover', headers)
  const cookie = /^set-cookie: ([^;]+)/im.exec(page)?.[1]
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
  await app.core.attempts.reset(...(await accountLanes()))
  const before = (await app.inbox()).length
  const body = new URLSearchParams({ csrf, email: EMAIL }).toString()
  const answer = await raw(
    app.origin,
    `POST /recover HTTP/1.1\r\nConnection: close\r\nCookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n${headers}\r\n\r\n${body}`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  const mails = await app.inbox()
  expect(mails.length).toBe(before + 1)
  expect(mails[0]?.text).toContain(`${ISSUER}/activate/`)
  expect(JSON.stringify(mails[0])).not.toContain(EVIL)
})

/** The counters of mails to this account, which the tests before have used. */
async function accountLanes(): Promise<string[]> {
  const account = await asked(app.core.store.durable.people).findAccountByEmail(EMAIL)
  return [`link/${account?.id}`]
}

test.each(['*', `${EVIL}:443`, 'http:///recover', 'ftp://id.sigma.example/', `http:${EVIL}/`, ''])(
  'a request for %j is refused: it names nothing here',
  async (target) => {
    expect(await get(target, 'Host: id.sigma.example')).toMatch(/^HTTP\/1\.1 400 /)
  },
)

test.each<[string, string]>([
  [`http://${EVIL}/recover`, 'action="/recover"'],
  [`HTTPS://id.sigma.example@${EVIL}:81/recover?lang=nl`, 'lang="nl"'],
  [`http://${EVIL}?lang=nl`, 'lang="nl"'],
  [`https://${EVIL}`, 'lang="en"'],
  [`https://${EVIL}/.well-known/openid-configuration`, `"authorization_endpoint":"${ISSUER}/auth"`],
])(
  'a request for %s is one for its path, and its host counts for nothing (RFC 9112 section 3.2.2)',
  async (target, text) => {
    for (const host of ['id.sigma.example', EVIL]) {
      const answer = await get(target, `Host: ${host}`)
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
      expect(answer).toContain(text)
      expect(answer).not.toContain(EVIL)
    }
  },
)

test.each(['*', `http://${EVIL}`])('OPTIONS %s asks for the server as a whole, which is there', async (target) => {
  const head = 'HTTP/1.1\r\nHost: id.sigma.example\r\nConnection: close\r\n\r\n'
  expect(await raw(app.origin, `OPTIONS ${target} ${head}`)).toMatch(/^HTTP\/1\.1 204 No Content\r\n[\s\S]*\r\n\r\n$/)
})

test('two hosts in one request are refused: whatever stands in front may have gone by the other', async () => {
  for (const second of [EVIL, 'id.sigma.example', ''])
    for (const name of ['Host', 'host', 'HOST'])
      for (const target of ['/recover', `http://${EVIL}/recover`, '/auth?client_id=portal'])
        expect(await get(target, `Host: id.sigma.example\r\n${name}: ${second}`)).toMatch(/^HTTP\/1\.1 400 /)
})

test.each([
  '//evil.example/',
  '//evil.example/..',
  '/\\evil.example',
  '/%2f%2fevil.example',
  '/.//evil.example',
  '/;@evil.example',
])('J-13: the path %s is a page that is not there', async (target) => {
  const answer = await get(target, 'Host: id.sigma.example')
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  expect(answer).not.toMatch(/^location:/im)
  expect(answer).not.toMatch(/href="[^"]*evil/)
})
