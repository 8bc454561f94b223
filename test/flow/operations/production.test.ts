/** What is different with NODE_ENV=production. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { slowRequest } from '../../support/app/connection.ts'
import { commandLine, installation, isReady, launch, startServer } from '../../support/app/process.ts'
import { CALLBACK, CLIENTS, ISSUER, production, rootKey, SETTINGS, secrets } from '../../support/app/production.ts'
import { smtpServer } from '../../support/delivery/smtp-server.ts'

const KEY = rootKey()

test('start refuses with a list of everything that is missing', async () => {
  const where = await installation({
    settings: { people: [{ email: 'a@sigma.example', name: 'A', locale: 'nl' }], data: undefined },
    env: { NODE_ENV: 'production' },
  })
  const { code, out, err } = await launch(where).ended
  expect(code).toBe(1)
  expect(out).toBe('')
  const named = [...err.matchAll(/^ {2}([\w.]+): \S/gm)].map(([, path]) => path)
  expect(new Set(named)).toEqual(
    new Set(['issuer', 'SIGMA_KEYS', 'SIGMA_SMTP_URL', 'mail.from', 'data', 'portal', 'people']),
  )
  expect(err).not.toMatch(/^\s+at /m)
})

test.each<[string, Record<string, string>, RegExp]>([
  ['a key that is too short', { SIGMA_KEYS: 'a:c2hvcnQ=' }, /SIGMA_KEYS\[0\]: needs at least 32 bytes/],
  ['a key that nobody made at random', { SIGMA_KEYS: `a:${Buffer.alloc(32).toString('base64')}` }, /is not random/],
  ['a key without an id', { SIGMA_KEYS: randomBytes(32).toString('base64') }, /needs an id/],
  ['two keys with one id', { SIGMA_KEYS: `${KEY},${KEY}` }, /has an id twice/],
  ['a mail server that is none', { SIGMA_SMTP_URL: 'http://mail.sigma.example' }, /SIGMA_SMTP_URL: must be/],
  ['a client without its secret', { PORTAL_CLIENT_SECRET: '' }, /client_secret.*: PORTAL_CLIENT_SECRET is not set/],
])('start refuses %s, and does not repeat it', async (_what, env, said) => {
  const { code, err } = await launch(await production({ env })).ended
  expect(code).toBe(1)
  expect(err).toMatch(said)
  for (const secret of Object.values(env).filter((value) => value.length > 20)) expect(err).not.toContain(secret)
})

test('start refuses applications with all that is wrong about them, each with its field and line', async () => {
  const wrong = `${CLIENTS}    minimum_acr: phrh\n    first: true\n    require_pkce: no thanks\n`
  const clients = `${wrong}  - { client_id: constructor, client_name: x, scope: fax }\n`
  const { code, err } = await launch(await production({ clients })).ended
  expect(code).toBe(1)
  const named = [...err.matchAll(/^ {2}(\S+ \(line \d+\)): \S/gm)].map(([, path]) => path)
  expect(named.sort()).toEqual([
    'clients[0].first (line 10)',
    'clients[0].minimum_acr (line 9)',
    'clients[0].require_pkce (line 11)',
    'clients[1].client_id (line 12)',
    'clients[1].client_secret (line 12)',
    'clients[1].redirect_uris (line 12)',
    'clients[1].scope (line 12)',
  ])
})

test('every secret may be in a file, that of an application too; one that is not usable is told by its path', async () => {
  const where = await installation({ settings: SETTINGS, clients: CLIENTS, env: { NODE_ENV: 'production' } })
  const files = Object.entries(secrets()).map(([name, value]) => {
    const file = join(where.folder, name)
    writeFileSync(file, `${value}\n`)
    return [`${name}_FILE`, file]
  })
  const server = await startServer(where, Object.fromEntries(files))
  server.signal('SIGTERM')
  await server.ended
  writeFileSync(join(where.folder, 'PORTAL_CLIENT_SECRET'), '')
  const refused = await launch(where, Object.fromEntries(files)).ended
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(/client_secret.*: PORTAL_CLIENT_SECRET_FILE: \S+PORTAL_CLIENT_SECRET: is empty/)
})

test('nothing of development is there, and all that is printed is the log', async () => {
  const where = await production({ settings: { log: { level: 'info' } } })
  const server = await startServer(where)
  for (const path of ['/dev/outbox', '/dev/outbox.json', '/dev']) {
    expect([path, (await fetch(where.origin + path)).status]).toEqual([path, 404])
  }
  await expect(fetch(where.portalOrigin)).rejects.toThrow()
  expect(await (await fetch(`${where.origin}/.well-known/openid-configuration`)).json()).toMatchObject({
    issuer: ISSUER,
    token_endpoint: `${ISSUER}/token`,
  })
  const { out, err } = server.printed()
  expect(out).toBe('')
  for (const line of err.split('\n').filter(Boolean)) expect(JSON.parse(line)).toHaveProperty('level')
})

test('a page of a refusal has nothing of the request in it; the command line finds the rest by its reference', async () => {
  const where = await production()
  await startServer(where)
  const requests: Array<[string, Record<string, string>, Record<string, string>]> = [
    ['/auth', { client_id: 'call-0900-1234' }, { parameter: 'client_id', refused: 'call-0900-1234' }],
    [
      '/auth',
      {
        client_id: 'portal',
        response_type: 'code',
        redirect_uri: `${CALLBACK}/?call-0900-1234`,
      },
      { nearest: CALLBACK, differs: 'slash query' },
    ],
    [
      '/session/end',
      { client_id: 'portal', post_logout_redirect_uri: 'https://call-0900-1234.example/' },
      { refused: 'https://call-0900-1234.example/' },
    ],
    ['/auth', { client_id: 'portal', response_type: 'call-0900-1234' }, { error: 'unsupported_response_type' }],
  ]
  for (const [path, parameters, details] of requests) {
    const response = await fetch(`${where.origin}${path}?${new URLSearchParams(parameters)}`, {
      headers: { accept: 'text/html' },
    })
    const page = await response.text()
    expect(response.status).toBe(400)
    expect(page).toMatch(/<code>(invalid|unsupported)_\w+<\/code> \w/)
    for (const part of ['0900', 'portal.sigma.example/callback']) expect(page).not.toContain(part)
    const reference = /<dl class="reference">.*?<code>(\w{8})<\/code>/.exec(page)?.[1] ?? ''
    const { out } = await commandLine(where, 'audit:list', '--reference', reference)
    const records = [{ type: 'request.refused', details, actor: 'unknown', source: { correlation: reference } }]
    expect(JSON.parse(out)).toMatchObject({ records })
  }
})

test('after SIGTERM it is not ready at once, serves who still comes for 5 s, and finishes what is under way', async () => {
  const where = await production()
  const server = await startServer(where)
  const slow = Array.from({ length: 100 }, () => slowRequest(where.origin))
  await Promise.all(slow.map(({ underWay }) => underWay))
  const asked = performance.now()
  server.signal('SIGTERM')
  await expect.poll(() => isReady(where), { interval: 5, timeout: 20_000 }).toBe(false)
  // Half of the time that whoever asks has until the listeners close.
  expect(performance.now() - asked).toBeLessThan(2500)
  expect((await fetch(`${where.operationsOrigin}/readyz`)).status).toBe(503)
  expect((await fetch(`${where.operationsOrigin}/healthz`)).status).toBe(200)
  // The load balancer has not noticed yet.
  expect((await fetch(`${where.origin}/jwks`)).status).toBe(200)

  // Listeners are closed now, and one request is still under way.
  const [last, ...others] = slow
  for (const { finish } of others) finish()
  for (const { answer } of others) expect(await answer).toMatch(/^HTTP\/1\.1 40[01] [\s\S]*"invalid_/)
  await expect.poll(() => fetch(`${where.origin}/jwks`).catch(() => 'refused'), { timeout: 20_000 }).toBe('refused')
  expect(performance.now() - asked).toBeGreaterThan(4500)
  last?.finish()
  expect(await last?.answer).toMatch(/^HTTP\/1\.1 40[01] [\s\S]*connection: close[\s\S]*"invalid_/i)
  expect(await server.ended).toMatchObject({ code: 0, err: '' })
})

test('mail leaves by SMTP', async () => {
  const mails = await smtpServer()
  onTestFinished(() => mails.close())
  const where = await production({ env: { SIGMA_SMTP_URL: mails.url } })
  await startServer(where)
  const invited = await commandLine(where, 'person:invite', '--email', 'sanne@sigma.example', '--name', 'Sanne')
  expect(invited).toMatchObject({ code: 0, err: '' })
  await mails.reached('message')
  await expect.poll(() => mails.messages, { timeout: 20_000 }).toHaveLength(1)
  expect(mails.messages[0]).toMatchObject({ to: ['sanne@sigma.example'] })
  expect(mails.messages[0]?.text).toContain(`${ISSUER}/activate/`)
})
