/** Odd input (SECURITY K): every field, header and address that we read or say again. */
import { beforeAll, expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { activate, atSignIn, expectSafe, PASSWORD, raw, signIn } from '../../support/attack/attack.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EMAIL = 'sanne@sigma.example'
/** A sum that some template would do; its outcome is on no page by chance. */
const [SUM, OUTCOME] = ['7919*7907', String(7919 * 7907)]
const XSS = `"><script>alert(1)</script><img src=x onerror=alert(1)>'\${${SUM}}{{${SUM}}}<%= ${SUM} %>`

const app = forAllTests(() =>
  startApp({
    clients: `
clients:
- client_id: portal
  client_name: 'Sigma <script>alert(1)</script> Portal'
  client_uri: '{portal}'
  initiate_login_uri: '{portal}/login'
  redirect_uris: ['{portal}/callback']
  client_secret: { env: PORTAL_CLIENT_SECRET }
`,
  }),
)
beforeAll(async () => {
  await activate(app, EMAIL, `Sanne ${XSS}`)
  await activate(app, 'guessed@sigma.example')
})

/** A form as a program could send it. */
async function send(
  path: string,
  body: string | Buffer,
  type = 'application/x-www-form-urlencoded',
): Promise<Response> {
  const stranger = await atSignIn(app)
  const cookie = stranger.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const csrf = stranger.forms()[0]?.fields.csrf ?? ''
  const action = new URL(stranger.forms()[0]?.action ?? '', app.origin).pathname
  return fetch(app.origin + (path || action), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': type, cookie, accept: 'text/html' },
    body: typeof body === 'string' ? body.replace('CSRF', csrf) : new Uint8Array(body),
  })
}

const good = 'csrf=CSRF&email=guessed@sigma.example'

test.each([
  ['an operator for a name', 'password[$ne]=x'],
  ['a regular expression', 'password[$regex]=.*'],
  ['a list', 'password[]=x&password[]=y'],
  ['an index', 'password[0]=x'],
  ['the prototype', '__proto__=x&__proto__[password]=y&constructor=z&toString=a'],
  ['JSON for a value', 'password={"$ne":null}'],
  ['a quote for SQLite', "password=' OR 1=1 --"],
])('K-01, K-03: %s is text, and no password', async (_what, fields) => {
  const answer = await send('', `${good}&${fields}`)
  expect(answer.status).toBe(400)
  expect(answer.headers.getSetCookie().join()).not.toContain('sigma-browser')
  expectSafe(answer.headers, fields)
})

test.each<[string, string | Buffer, number, string?]>([
  ['a field that comes twice', `${good}&password=a&password=b`, 400],
  ['an address that comes twice', `${good}&email=b@sigma.example&password=b`, 400],
  ['NUL in a value', `${good}&password=a%00b`, 400],
  ['NUL in a name', `${good}&pass%00word=a`, 400],
  ['51 fields', `${good}${'&x'.repeat(49).replace(/x/g, () => `x${Math.random()}`)}`, 400],
  ['100 kB', `${good}&password=${'a'.repeat(100_000)}`, 413],
  ['no UTF-8', Buffer.from([0x65, 0x3d, 0xff, 0xfe]), 400],
  ['JSON', '{"email":"a","password":{"$ne":null}}', 415, 'application/json'],
  ['multipart', '--x\r\n\r\n--x--', 415, 'multipart/form-data; boundary=x'],
  ['text', good, 415, 'text/plain'],
  ['no type that exists', good, 415, 'nonsense'],
  ['nothing', '', 403],
])('K-02: %s is refused with a page and a reference', async (_what, body, status, type) => {
  const answer = await send('', body, type)
  expect(answer.status).toBe(status)
  expectSafe(answer.headers, 'refusal')
  expect(await answer.text()).toMatch(/<code>[A-Z2-9]{8}<\/code>/)
})

test('parameters that would be kept with a sitting have a bound', async () => {
  const person = new Person()
  await person.visit(`${app.portalOrigin}/login`)
  const url = new URL(person.trail.find(({ url }) => url.includes('/auth?'))?.url ?? '')
  url.searchParams.set('state', 'a'.repeat(2000))
  expect((await person.visit(url.href)).status).toBe(200)
  url.searchParams.set('state', 'a'.repeat(4000))
  const refused = await person.visit(url.href)
  expect([refused.status, /<code>[A-Z2-9]{8}<\/code>/.test(refused.html)]).toEqual([413, true])
  const type = 'application/x-www-form-urlencoded'
  const posted = await fetch(`${app.origin}/auth`, {
    method: 'POST',
    body: url.search.slice(1),
    headers: { 'content-type': type },
  })
  expect(posted.status).toBe(413)
})

test('a form too large to announce its length gets its answer too', async () => {
  const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
  const head =
    'POST /recover HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n'
  const answer = await raw(app.origin, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
})

test('K-04: what people and applications type is text on every page', async () => {
  const person = new Person()
  const hostile = encodeURIComponent(XSS)
  await person.visit(`${app.portalOrigin}/login?login_hint=${hostile}`)
  const pages = [person.page]
  pages.push(await person.submit({ email: XSS, password: XSS }))
  const auth = new URL(person.trail.find(({ url }) => url.includes('/auth?'))?.url ?? '')
  for (const name of [
    'ui_locales',
    'state',
    'nonce',
    'login_hint',
    'scope',
    'prompt',
    'claims',
    'client_id',
    'display',
    'acr_values',
    'redirect_uri',
    'id_token_hint',
    'response_mode',
  ]) {
    const url = new URL(auth)
    url.searchParams.set(name, XSS)
    pages.push(await person.visit(url.href))
  }
  pages.push(
    await person.visit(`${app.origin}/${hostile}`),
    await person.visit(`${app.origin}/recover?lang=${hostile}`),
  )
  pages.push(
    await person.visit(
      `${app.origin}/session/end?post_logout_redirect_uri=${hostile}&state=${hostile}&client_id=${hostile}`,
    ),
  )
  const consent = await signIn(app, EMAIL)
  expect(consent.page.html).toMatch(/<h1>Allow Sigma &(lt|#60);script/)
  pages.push(consent.page)
  await app.core.links.request(EMAIL, { ip: '', correlation: '' })
  pages.push(await person.visit(await app.linkFor(EMAIL)), await person.visit(`${app.origin}/dev/outbox`))
  for (const page of pages) {
    expect(page.html, page.url).not.toMatch(/<script>alert|<img src=x|alert\(1\)<\/script>/)
    expect(page.html, page.url).not.toContain(OUTCOME)
    expect(page.status, page.url).toBeLessThan(500)
  }
  expect(
    pages.some(({ html }) => html.includes('&#60;script&#62;alert(1)') || html.includes('&lt;script&gt;alert(1)')),
  ).toBe(true)
  expect(pages.some(({ html }) => html.includes(SUM))).toBe(true)
})

test('K-05, K-06: a name adds no line to a mail and no tag to its HTML', async () => {
  const email = 'header@sigma.example'
  await app.core.links.invite({ email, name: `Eve\r\nBcc: all@sigma.example\n\n${XSS}\u2028x`, locale: 'nl' })
  const mail = (await app.inbox()).find(({ to }) => to === email)
  expect(mail?.text).not.toMatch(/^Bcc:/m)
  expect(mail?.text).not.toContain('\u2028')
  expect(mail?.html).not.toMatch(/<script>|<img src=x/)
  expect(mail?.subject).not.toMatch(/[\r\n]/)
})

test.each([
  'eve@sigma.example\r\nBcc: all@sigma.example',
  'a@b.example, c@d.example',
  'a@b.example>',
  'Eve <a@b.example>',
])('K-05: %j is not an address that anything is mailed to', async (email) => {
  const before = (await app.inbox()).length
  await app.core.links.invite({ email, name: 'Eve', locale: 'en' }).catch(() => undefined)
  await app.core.links.request(email, { ip: '', correlation: '' })
  expect((await app.inbox()).length).toBe(before)
})

test.each([
  '/activate/%0d%0aSet-Cookie:%20evil=1',
  '/activate/x;%20Domain=evil.example;%20Path=%2F',
  '/recover/%E2%82%AC',
  '/interaction/%0d%0aX-Evil:%201/login',
  '/recover?lang=nl%0d%0aX-Evil:%201',
  '/auth?client_id=portal&state=%0d%0aX-Evil:%201&response_type=code&redirect_uri=x',
  '/session/end?state=%0d%0aX-Evil:%201',
])('K-08: line ends and cookie attributes in %s stay out of the headers', async (path) => {
  const answer = await raw(
    app.origin,
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
  )
  const [head = ''] = answer.split('\r\n\r\n')
  expect(head).not.toMatch(/^(X-Evil|Set-Cookie: *evil)/im)
  expect(head).not.toContain('Domain=')
  expect(head).not.toMatch(/^HTTP\/1\.1 5/)
})

test('K-08: state and error descriptions come back to the application as they were, encoded', async () => {
  const person = await atSignIn(app)
  const auth = new URL(person.trail.find(({ url }) => url.includes('/auth?'))?.url ?? '')
  auth.searchParams.set('state', 'a\r\nX-Evil: 1&code=stolen#')
  auth.searchParams.set('prompt', 'none')
  const answer = await new Person().request('GET', auth.href)
  const location = new URL(answer.headers.get('location') ?? '')
  expect(location.origin).toBe(app.portalOrigin)
  expect(location.searchParams.get('state')).toBe('a\r\nX-Evil: 1&code=stolen#')
  expect(location.searchParams.has('code')).toBe(false)
})

test.each([
  '/assets/../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets//etc/passwd',
  '/assets/%00',
  '/assets/sigma.css%00.png',
  '/assets/.',
  '/assets/constructor',
])('K-09: %s is no file', async (path) => {
  const answer = await raw(app.origin, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  expect(answer).not.toContain('"sigma-id"')
})

test.each(['../../package', 'nl/../en', '__proto__', 'constructor', 'xx', 'en\0'])(
  'K-09: there is no language %j',
  async (lang) => {
    const page = await new Person().visit(`${app.origin}/recover?lang=${encodeURIComponent(lang)}`)
    expect(page.status).toBe(200)
    expect(page.html).toContain('<html lang="en">')
    expect(page.headers.getSetCookie().join()).not.toContain('sigma-language')
  },
)

test('K-03: an address made of quotes, wildcards and dashes finds nobody', async () => {
  for (const email of [
    "' OR '1'='1",
    `${EMAIL}' --`,
    '%',
    '_____@sigma.example',
    `${EMAIL};--`,
    '*',
    '\\',
    '😀'.repeat(300),
  ]) {
    const stranger = await atSignIn(app)
    await stranger.submit({ email, password: PASSWORD })
    expect(stranger.page.status).toBe(400)
  }
  expect((await signIn(app, EMAIL)).page.html).toContain('<h1>Allow')
})
