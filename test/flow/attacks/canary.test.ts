/** Q-03: secrets that we planted are sent through every flow, and then looked for wherever something is written. */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { atSignIn, disable, raw, signedIn, signIn } from '../../support/attack/attack.ts'
import { secretOf } from '../../support/oidc/secret-of.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EMAIL = 'sanne@sigma.example'
const CANARY = {
  password: 'kanarie zingt zachtjes vannacht',
  newPassword: 'kanarie vliegt hoog overdag weg',
  wrong: 'kanarie verkeerd getypt wachtwoord',
  short: 'kanariekort',
}
/** Everything secret that was seen on the way, by what it is. */
const secrets = new Map<string, string>(Object.entries(CANARY))

const app = forAllTests(startApp)

function keepSecretsOf(person: Person): void {
  // The value of a signed cookie is the secret; the signature and the language are not.
  const open = ['sigma-language', 'sigma-notice', 'portal-lang']
  for (const { name, value } of person.cookies)
    if (!name.endsWith('.sig') && !open.includes(name) && value.length > 15)
      secrets.set(`cookie ${name} ${value.slice(0, 4)}`, value)
  for (const { url, headers } of person.trail)
    for (const address of [url, headers.get('location') ?? '']) {
      const token = /\/(?:activate|recover)\/([\w-]{43})/.exec(address)?.[1]
      if (token) secrets.set(`link ${token.slice(0, 4)}`, token)
      for (const name of ['code', 'id_token_hint', 'code_challenge']) {
        const value = URL.canParse(address) ? new URL(address).searchParams.get(name) : null
        if (value && name !== 'code_challenge') secrets.set(`${name} ${value.slice(-4)}`, value)
      }
    }
  const csrf = person.page.html.match(/name="csrf" value="([^"]+)"/)?.[1]
  if (csrf) secrets.set(`form token ${csrf.slice(0, 4)}`, csrf)
}

async function everyFlow(): Promise<void> {
  await app.core.links.invite({ email: EMAIL, name: 'Sanne de Vries', locale: 'nl' })
  const person = new Person()
  const activation = await app.linkFor(EMAIL)
  await person.visit(activation)
  await person.submit({ password: CANARY.short, repeat: CANARY.short })
  await person.submit({ password: CANARY.password, repeat: CANARY.wrong })
  await person.submit({ password: CANARY.password, repeat: CANARY.password })
  keepSecretsOf(person)
  for (let count = 0; count < 7; count += 1)
    await person.submit({ email: 'other@sigma.example', password: CANARY.wrong })
  await person.submit({ email: EMAIL, password: CANARY.password, remember: 'yes' })
  expect(signedIn(app, person)).toBe(true)
  keepSecretsOf(person)
  await tokensByHand(person)
  await person.visit(activation)
  await person.visit(`${app.origin}/recover`)
  await person.submit({ email: EMAIL })
  await person.visit(await app.linkFor(EMAIL))
  await person.submit({ password: CANARY.newPassword, repeat: CANARY.newPassword })
  keepSecretsOf(person)
  const again = await signIn(app, EMAIL, CANARY.newPassword, person)
  expect(signedIn(app, again)).toBe(true)
  keepSecretsOf(again)
  // What goes wrong is where secrets get written down.
  await raw(
    app.origin,
    `POST /recover HTTP/1.1\r\nHost: x\r\nCookie: sigma-session=${CANARY.password}\r\nContent-Length: 9\r\n\r\n${CANARY.password}`,
    300,
  )
  await fetch(`${app.origin}/activate/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"password":"${CANARY.password}" oops`,
  })
  await fetch(`${app.origin}/nothing?password=${CANARY.password}`, {
    headers: { authorization: `Bearer ${CANARY.password}` },
  })
  await fetch(`${app.origin}/me`, { headers: { authorization: `Bearer ${CANARY.password}` } })
  await fetch(`${app.origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`portal:${CANARY.password}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: CANARY.password }),
  })
  disable(app, EMAIL)
  await signIn(app, EMAIL, CANARY.newPassword)
}

/** The portal keeps its tokens to itself, so here we are the portal. */
async function tokensByHand(person: Person): Promise<void> {
  const verifier = randomBytes(32).toString('base64url')
  const secret = secretOf(app, 'portal')
  const redirect_uri = `${app.portalOrigin}/callback`
  const query = new URLSearchParams({
    client_id: 'portal',
    response_type: 'code',
    scope: 'openid email',
    state: 's',
    redirect_uri,
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  })
  const callback = await person.request('GET', `${app.origin}/auth?${query}`)
  const code = new URL(callback.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const token = (fields: Record<string, string>) =>
    fetch(`${app.origin}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`portal:${secret}`)}` },
      body: new URLSearchParams(fields),
    }).then((answer) => answer.json() as Promise<Record<string, string>>)
  const first = await token({ grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier })
  const second = await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' })
  // Used before: the family ends, and that is recorded.
  await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' })
  for (const tokens of [first, second])
    for (const name of ['access_token', 'refresh_token', 'id_token'])
      secrets.set(`${name} ${tokens[name]?.slice(-4)}`, tokens[name] ?? 'missing')
  secrets.set('client secret', secret)
  secrets.set('verifier', verifier)
  await fetch(`${app.origin}/me`, { headers: { authorization: `Bearer ${first.access_token}` } })
}

test('Q-03: no secret is found in logs, database, queue, audit trail or metrics', async () => {
  await everyFlow()
  const kinds = [...secrets.keys()].map((name) => name.split(' ')[0])
  expect(new Set(kinds)).toEqual(
    new Set([
      'password',
      'newPassword',
      'wrong',
      'short',
      'cookie',
      'link',
      'code',
      'form',
      'client',
      'verifier',
      'access_token',
      'refresh_token',
      'id_token',
    ]),
  )
  const places = new Map<string, string>([
    ['log', app.logged.join('')],
    ['metrics', await (await fetch(`${app.operationsOrigin}/metrics`)).text()],
    ['audit', JSON.stringify(await app.core.store.durable.listAudit({ limit: 1000 }))],
  ])
  for (const name of readdirSync(app.folder, { withFileTypes: true }))
    if (name.isFile() && name.name !== 'development.key')
      places.set(name.name, readFileSync(join(app.folder, name.name), 'latin1'))
  expect([...places.keys()]).toEqual(expect.arrayContaining(['sigma-id.db', 'sigma-id.db-wal']))
  expect(places.get('sigma-id.db-wal')).not.toBe('')
  const found = [...places].flatMap(([place, text]) =>
    [...secrets]
      .filter(([, secret]) => forms(secret).some((form) => text.includes(form)))
      .map(([what]) => `${what} in ${place}`),
  )
  expect(found).toEqual([])
}, 60_000)

/** As it is, and as it stands in an address, a form, a header or a JSON string. */
function forms(secret: string): string[] {
  const encoded = [encodeURIComponent(secret), new URLSearchParams({ a: secret }).toString().slice(2)]
  return [
    secret,
    ...encoded,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    JSON.stringify(secret).slice(1, -1),
  ]
}

test('the search finds what it looks for', () => {
  expect(forms('kanarie a&b')).toEqual([
    'kanarie a&b',
    'kanarie%20a%26b',
    'kanarie+a%26b',
    'a2FuYXJpZSBhJmI',
    'kanarie a&b',
  ])
})

test('Q-01: line ends, colors and quotes in what people type stay within one record', async () => {
  const before = app.logged.length
  const hostile = 'x\r\n{"level":"error","msg":"forged"}\u001b[31m"},{"%s%n'
  const stranger = await atSignIn(app, { headers: { 'user-agent': 'a"}\t%s%n' } })
  await stranger.submit({ email: hostile, password: hostile })
  await stranger.visit(`${app.origin}/${encodeURIComponent(hostile)}`)
  await stranger.visit(
    `${app.origin}/auth?client_id=${encodeURIComponent(hostile)}&state=${encodeURIComponent(hostile)}`,
  )
  await expect.poll(() => app.logged.length, { timeout: 20_000 }).toBeGreaterThan(before + 2)
  for (const line of app.logged) {
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(line).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' })
  }
  expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
})

test('a reference on an error page is found in the log, with the reason of the fault', async () => {
  const page = await new Person().visit(`${app.origin}/interaction/nothing`)
  const reference = /<code>([A-Z2-9]{8})<\/code>/.exec(page.html)?.[1] ?? 'none'
  const line = app.logged.find((text) => text.includes(reference) && text.includes('"msg":"fault"')) ?? '{}'
  expect(JSON.parse(line)).toMatchObject({ correlation: reference, reason: 'interaction-expired' })
  expect(page.html).toContain('This sign-in has expired')
})

test('the log says what went wrong in a fault of ours', async () => {
  app.core.log.error(
    {
      fault: Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'odd', detail: CANARY.password }),
    },
    'test',
  )
  const line = app.logged.at(-1) ?? ''
  expect(JSON.parse(line)).toMatchObject({
    fault: { reason: 'odd', stack: expect.stringMatching(/outer[\s\S]*caused by[\s\S]*inner/) },
  })
  expect(line).not.toContain(CANARY.password)
})
