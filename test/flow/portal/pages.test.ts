import { describe, expect, test } from 'vitest'
import { portalBrowser, portalUnderTest, type Shown } from '../../support/oidc/portal-under-test.ts'
import { forAllTests } from '../../support/runner/made.ts'

const app = forAllTests(portalUnderTest)

test.each(['/', '/login', '/callback', '/nowhere'])('%s carries the security headers', async (path) => {
  const { headers } = await portalBrowser(app).send(path)
  const policy = headers.get('content-security-policy')?.replace(/'nonce-[\w-]{43}'/, "'nonce-…'")
  expect(policy).toBe(
    `default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'nonce-…'; form-action 'self' ${app.provider.issuer}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'`,
  )
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  })
})

test('behind https its cookies are Secure with a prefix, and browsers are told to stay with https', async () => {
  const hosted = await portalUnderTest({ origin: 'https://portal.example' })
  const { headers } = await portalBrowser(hosted).send('/login')
  expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  expect(headers.get('set-cookie')).toMatch(/^__Secure-portal-login-[\w-]{16}=.*; secure; httponly$/)
  await hosted.close()
})

test('a page is given the nonce of its own policy', async () => {
  const response = await portalBrowser(app).send('/')
  const { data } = (await response.json()) as Shown
  expect(response.headers.get('content-security-policy')).toContain(`'nonce-${data.nonce}'`)
})

describe('language', () => {
  test.each([
    [undefined, 'en'],
    ['nl-NL,nl;q=0.9,en;q=0.8', 'nl'],
    ['fr, en;q=0.2, nl;q=0.1', 'en'],
    ['fr', 'en'],
  ])('a browser that prefers %s gets %s', async (preferred, expected) => {
    const headers = preferred ? { 'accept-language': preferred } : undefined
    expect((await portalBrowser(app).show('/', headers)).locale).toBe(expected)
  })

  test('a choice lasts and outweighs what the browser prefers', async () => {
    const browser = portalBrowser(app)
    expect((await browser.show('/?lang=nl')).locale).toBe('nl')
    expect((await browser.show('/', { 'accept-language': 'en' })).locale).toBe('nl')
    expect((await browser.show('/?lang=../../etc', { 'accept-language': 'en' })).locale).toBe('nl')
  })
})

test('an asset is sent once and then only confirmed', async () => {
  const browser = portalBrowser(app)
  const first = await browser.send('/assets/site.css')
  expect([first.status, first.headers.get('content-type'), await first.text()]).toEqual([
    200,
    'text/css; charset=utf-8',
    'p{}',
  ])
  // Without a Cache-Control of its own, fetch() would say no-cache, which asks for the whole answer.
  const conditional = { 'if-none-match': '"one"', 'cache-control': 'max-age=0' }
  const again = await browser.send('/assets/site.css', { headers: conditional })
  expect(again.status).toBe(304)
  expect((await browser.send('/assets/../secret')).status).toBe(404)
})

test('a page that does not exist says so', async () => {
  const response = await portalBrowser(app).send('/nowhere')
  expect(response.status).toBe(404)
  expect(((await response.json()) as Shown).data).toMatchObject({ code: 'not-found' })
})

test.each([
  ['a form that is too long', { csrf: 'x'.repeat(20_000) }, 413],
  ['too many fields', Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`f${at}`, ''])), 400],
])('%s is refused', async (_what, fields, status) => {
  const sanne = portalBrowser(app)
  await sanne.signIn()
  expect((await sanne.post('/logout', fields)).status).toBe(status)
})
