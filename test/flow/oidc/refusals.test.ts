/** Requests that are refused: what the page says, what goes back to the application, and what an operator finds of it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { toRecord } from '../../../src/audit/chain.ts'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass, setClock } from '../../support/app/clock.ts'
import { basic, codeFields, mint } from '../../support/oidc/raw-oauth.ts'
import { answer, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: Person
let tokens: Tokens
let clock = Date.now()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
clockOfEachTest()
beforeEach(async () => {
  // What goes into the trail is bounded by the minute: each test has its own.
  clock += 2 * MINUTE
  setClock(clock)
  sanne = new Person()
  tokens = await house.signIn(sanne)
})

type Parameters = Record<string, string | undefined>

/** With `{apps}` for where the applications are; undefined leaves a parameter out. */
async function ask(path: string, parameters: Parameters, person = new Person()): Promise<Person> {
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined)
  const query = new URLSearchParams(given.map(([name, value]) => [name, value.replace('{apps}', here.apps.origin)]))
  await person.visit(`${here.app.origin}${path}?${query}`)
  return person
}

/** An authorization request of `house` with these parameters in the place of its own. */
async function authorize(parameters: Parameters, person?: Person): Promise<Person> {
  const { url } = await house.request()
  return ask('/auth', { ...Object.fromEntries(url.searchParams), ...parameters }, person)
}

/** The reference that the page shows. */
function reference({ page }: Person): string {
  return /<dl class="reference">.*?<code>([A-Z2-9]{8})<\/code>/.exec(page.html)?.[1] ?? 'none on the page'
}

/** What an operator finds by a reference: in the trail and in the log. */
async function found(by: string, type = 'request.refused') {
  const { trail } = here.app.core.admin
  const look = () => trail.lookAtAudit({ by: { finder: 'correlation', value: by }, limit: 9 })
  await expect.poll(look).toHaveLength(1)
  const [record] = (await look()).map(toRecord)
  expect([record?.type, record?.outcome]).toEqual([type, 'refused'])
  const lines = here.app.logged.map((line) => JSON.parse(line)).filter(({ correlation }) => correlation === by)
  return { details: record?.details, client: record?.client, log: lines.findLast(({ msg }) => msg === 'provider') }
}

const NOT_REGISTERED = "redirect_uri did not match any of the client's registered redirect_uris"
const NOT_CODE =
  'response_type must be code: set the library to the authorization code flow, with the client secret or PKCE'
const CALLBACK = '{apps}/house/callback'

describe('a page says what is wrong, to the person and to the developer, and its reference finds the rest', () => {
  test.each<[string, Parameters, { title: string; error: string; says: string; kept: Parameters; client?: string }]>([
    [
      'an application that is not there',
      { client_id: 'nobody' },
      {
        title: 'This application is not registered',
        error: 'invalid_client',
        says: 'there is no client with this client_id',
        kept: { parameter: 'client_id', refused: 'nobody' },
        client: undefined,
      },
    ],
    [
      'a redirect address with a slash too many',
      { redirect_uri: `${CALLBACK}/` },
      {
        title: 'The way back is not registered',
        error: 'invalid_redirect_uri',
        says: NOT_REGISTERED,
        kept: { parameter: 'redirect_uri', refused: `${CALLBACK}/`, nearest: CALLBACK, differs: 'slash' },
      },
    ],
    [
      'a redirect address by https, and more besides that is wrong',
      { redirect_uri: CALLBACK.replace('{apps}', 'https://evil.example'), scope: 'nonsense', response_type: 'token' },
      {
        title: 'The way back is not registered',
        error: 'invalid_redirect_uri',
        says: NOT_REGISTERED,
        kept: { parameter: 'redirect_uri', refused: 'https://evil.example/house/callback' },
      },
    ],
    [
      'no redirect address',
      { redirect_uri: undefined },
      {
        title: 'The application asked for something wrong',
        error: 'invalid_request',
        says: "missing required parameter 'redirect_uri'",
        kept: { parameter: 'redirect_uri' },
      },
    ],
    [
      'neither a redirect address nor a response_type',
      { redirect_uri: undefined, response_type: undefined },
      {
        title: 'The application asked for something wrong',
        error: 'invalid_request',
        says: 'response_type is missing: set it to code',
        kept: { parameter: 'response_type' },
      },
    ],
    [
      'an implicit answer, and no redirect address',
      { redirect_uri: undefined, response_type: 'id_token' },
      {
        title: 'The application asked for something wrong',
        error: 'unsupported_response_type',
        says: NOT_CODE,
        kept: { parameter: 'response_type', refused: 'id_token' },
      },
    ],
  ])('%s', async (_what, parameters, { title, error, says, kept, client = 'house' }) => {
    const { page } = await authorize(parameters)
    expect(page.status).toBe(400)
    expect(page.html).toContain(`<h1>${title}</h1>`)
    expect(page.html).toContain(`<code>${error}</code> ${says.replaceAll("'", '&#39;')}`)
    const operator = await found(reference({ page } as Person))
    const details = Object.entries({ error, error_description: says, ...kept })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value?.replace('{apps}', here.apps.origin)])
    expect(operator.details).toEqual(Object.fromEntries(details))
    expect(operator.log).toMatchObject(Object.fromEntries(details))
    const known = 'client_id' in parameters ? undefined : client
    expect([operator.client, operator.log.client]).toEqual([known, known])
  })

  test('an application that is not there, a way back and a way out that are not registered are three texts', async () => {
    const pages = [
      await authorize({ client_id: 'nobody' }),
      await authorize({ client_id: 'second', redirect_uri: 'https://evil.example/' }),
      await ask('/session/end', { client_id: 'second', post_logout_redirect_uri: 'https://evil.example/' }),
    ]
    const texts = pages.map(({ page }) => /<h1>[\s\S]*?<dl class="reference">/.exec(page.html)?.[0])
    expect(new Set(texts).size).toBe(3)
    // None of them names the application: the address was not its own.
    for (const { page } of pages) expect(page.html).not.toContain('Application second')
  })

  test('in development it also shows what was refused and what is registered, as text', async () => {
    const evil = `${house.redirectUri}/?x="><script>alert(1)</script>`
    const { page } = await authorize({ redirect_uri: evil })
    expect(page.html).not.toContain('<script>alert')
    expect(page.html).toContain('redirect_uri=http://')
    expect(page.html).toContain('&lt;script&gt;alert(1)')
    expect(page.html).toContain(`<code>${house.redirectUri}</code>`)
    expect(page.html).toContain('a slash at the end, the query')
  })

  test('in the language of the person, but for what OAuth says', async () => {
    const dutch = await authorize({ client_id: 'nobody' }, new Person({ language: 'nl' }))
    expect(dutch.page.html).toContain('<h1>Deze applicatie is niet geregistreerd</h1>')
    expect(dutch.page.html).toContain('<span lang="en"><code>invalid_client</code>')
  })

  test('the page after signing out, for an application that is not there', async () => {
    const stranger = await ask('/session/end/success', { client_id: 'nobody' })
    expect(stranger.page.html).toContain('<h1>This application is not registered</h1>')
    expect((await found(reference(stranger))).details).toMatchObject({ error: 'invalid_client', refused: 'nobody' })
  })

  test('a program that asks for JSON is told OAuth’s error, its description and the reference', async () => {
    const response = await fetch(`${here.app.origin}/auth?client_id=nobody`, {
      headers: { accept: 'application/json' },
    })
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: 'invalid_client',
        error_description: 'there is no client with this client_id',
        reference: response.headers.get('x-request-id'),
      },
    ])
  })

  test('a way back that is over says so, and no mistake of the application', async () => {
    const stranger = await authorize({})
    const [, uid] = /interaction\/([\w-]+)/.exec(stranger.page.url) ?? []
    await new Person().visit(`${here.app.origin}/auth/${uid}`)
    await stranger.visit(`${here.app.origin}/auth/unknown`)
    expect([stranger.page.status, stranger.page.html]).toEqual([400, expect.stringContaining('has expired')])
  })
})

describe('what goes back to the application is in the trail as well', () => {
  test.each<[string, Parameters, string, string]>([
    ['no response_type', { response_type: undefined }, 'invalid_request', 'response_type is missing: set it to code'],
    [
      'an ID token in a form, as express-openid-connect asks for unless it is told otherwise',
      { response_type: 'id_token', response_mode: 'form_post' },
      'unsupported_response_type',
      NOT_CODE,
    ],
    ['a token in the fragment', { response_type: 'token' }, 'unsupported_response_type', NOT_CODE],
    [
      'no PKCE',
      { code_challenge: undefined, code_challenge_method: undefined },
      'invalid_request',
      'Authorization Server policy requires PKCE to be used for this request',
    ],
    ['an odd prompt', { prompt: 'dance' }, 'invalid_request', 'unsupported prompt value requested'],
  ])('%s', async (_what, parameters, error, says) => {
    await authorize(parameters, sanne)
    const { url, html } = sanne.page
    const where = new URL(url)
    const told = new URLSearchParams(where.hash ? where.hash.slice(1) : where.search)
    const posted = sanne.forms()[0]?.fields ?? {}
    expect(told.get('error') ?? posted.error).toBe(error)
    expect(told.get('error_description') ?? posted.error_description).toBe(says)
    expect(html).not.toContain('code=')
    // Of the request that was refused, not of where it led.
    const by = sanne.trail.findLast((one) => one.url.includes('/auth?'))?.headers.get('x-request-id') ?? ''
    const { details, client } = await found(by)
    expect([details, client]).toEqual([expect.objectContaining({ error, error_description: says }), 'house'])
  })

  test('a person who cancels', async () => {
    const stranger = await authorize({})
    await stranger.submit({ action: 'cancel' })
    expect(answer(stranger).get('error')).toBe('access_denied')
    const by = stranger.trail.findLast((one) => one.url.includes('/auth/'))?.headers.get('x-request-id') ?? ''
    expect((await found(by)).details).toMatchObject({ error: 'access_denied' })
  })

  test('but not that a silent check found nobody signed in: that is an answer', async () => {
    const before = (await here.app.core.admin.trail.listAudit({ limit: 1 }))[0]?.id
    const stranger = await authorize({ prompt: 'none' })
    expect(answer(stranger).get('error')).toBe('login_required')
    expect((await here.app.core.admin.trail.listAudit({ limit: 1 }))[0]?.id).toBe(before)
  })

  test('a token request, a pushed request and a revocation that are refused', async () => {
    const code = codeFields(house, await mint(house, sanne))
    const attempts: Array<[string, Record<string, string>, string, Record<string, string>]> = [
      [
        '/token',
        { ...code, redirect_uri: `${house.redirectUri}/` },
        'token.refused',
        { error: 'invalid_grant', error_description: 'grant request is invalid' },
      ],
      [
        '/request',
        { client_id: 'house', response_type: 'code', scope: 'openid', redirect_uri: `${house.redirectUri}/` },
        'request.refused',
        { error: 'invalid_request', parameter: 'redirect_uri', nearest: house.redirectUri, differs: 'slash' },
      ],
      ['/token/revocation', {}, 'token.refused', { error: 'invalid_request' }],
    ]
    for (const [path, fields, type, details] of attempts) {
      const response = await fetch(`${here.app.origin}${path}`, {
        method: 'POST',
        headers: basic('house', house.secret),
        body: new URLSearchParams(fields),
      })
      expect(response.status).toBe(400)
      const operator = await found(response.headers.get('x-request-id') ?? '', type)
      expect([path, operator.client, operator.details]).toEqual([path, 'house', expect.objectContaining(details)])
    }
  })
})

describe('signing out by a request with a fault in it', () => {
  const FAULTY: Array<[string, () => Promise<Parameters> | Parameters, string, Parameters]> = [
    [
      'an address that is not registered',
      () => ({ id_token_hint: tokens.id_token, post_logout_redirect_uri: '{apps}/house/goodbye/' }),
      'an address that is not registered for it',
      {
        parameter: 'post_logout_redirect_uri',
        refused: '{apps}/house/goodbye/',
        nearest: '{apps}/house/goodbye',
        differs: 'slash',
      },
    ],
    [
      'an application that is not there',
      () => ({ client_id: 'nobody' }),
      'does not know the application',
      { error: 'invalid_client', parameter: 'client_id', refused: 'nobody' },
    ],
    ['a hint that is none', () => ({ id_token_hint: 'x' }), 'made a mistake', { parameter: 'id_token_hint' }],
    [
      'a hint that nobody signed',
      () => ({ id_token_hint: `${(tokens.id_token ?? '').replace(/\.[^.]*$/, '')}.AAAA` }),
      'made a mistake',
      { error_description: 'could not validate id_token_hint', parameter: 'id_token_hint' },
    ],
    [
      'a hint of another application',
      () => ({ id_token_hint: tokens.id_token, client_id: 'second' }),
      'made a mistake',
      { parameter: 'client_id', refused: 'second' },
    ],
  ]

  test.each(FAULTY)(
    '%s: the person is asked, signs out here, and is led nowhere',
    async (_what, parameters, says, kept) => {
      const start = sanne.trail.length
      const given = await parameters()
      await ask('/session/end', given, sanne)
      expect(sanne.page.status).toBe(400)
      expect(sanne.page.html).toContain('<h1>Sign out?</h1>')
      expect(sanne.page.html).toContain(says)
      expect(sanne.page.html).not.toContain('data-automatic')
      const details = Object.entries(kept).map(([name, value]) => [name, value?.replace('{apps}', here.apps.origin)])
      expect((await found(reference(sanne))).details).toMatchObject(Object.fromEntries(details))

      const other = sanne.copy()
      await sanne.submit()
      expect(answer(await signsInSilently(sanne)).has('code')).toBe(true)
      await ask('/session/end', given, other)
      await other.submit({ logout: 'yes' })
      expect(other.page.html).toContain('You are signed out')
      expect(answer(await signsInSilently(other)).get('error')).toBe('login_required')
      const visited = [...sanne.trail.slice(start), ...other.trail].map(({ url }) => new URL(url))
      expect(visited.filter(({ pathname }) => pathname.startsWith('/house/goodbye'))).toEqual([])
    },
  )

  test.each(FAULTY)('%s: whoever is not signed in reads that, and what is wrong', async (_what, parameters) => {
    const { page } = await ask('/session/end', await parameters())
    expect(page.status).toBe(400)
    expect(page.html).toMatch(/<h1>(You are not signed in|This application is not registered)<\/h1>/)
    expect(page.html).toMatch(/<code>invalid_(request|client)<\/code>/)
  })

  test('J-12 an image with a fault in its address signs nobody out, and the word of one browser is none for another', async () => {
    await ask('/session/end', { id_token_hint: 'x' }, sanne)
    expect(answer(await signsInSilently(sanne)).has('code')).toBe(true)
    const attacker = new Person()
    await house.signIn(attacker)
    await ask('/session/end', { id_token_hint: 'x' }, attacker)
    await sanne.post(`${here.app.origin}/session/end/confirm`, { ...attacker.forms()[0]?.fields, logout: 'yes' })
    expect([sanne.page.status, sanne.page.html]).toEqual([400, expect.stringContaining('This page is out of date')])
    expect(answer(await signsInSilently(sanne)).has('code')).toBe(true)
  })

  async function signsInSilently(person: Person): Promise<Person> {
    return authorize({ prompt: 'none' }, person.copy())
  }
})

test('nothing secret of a request that is refused is kept: no query, hint, state, nonce, code or token', async () => {
  const secret = 'canary-in-a-refused-request'
  const before = here.app.logged.length
  const beforeTrail = (await here.app.core.admin.trail.listAudit({ limit: 1 }))[0]?.id
  await authorize({ redirect_uri: `${house.redirectUri}?token=${secret}#${secret}`, state: secret, nonce: secret })
  await authorize({ redirect_uri: `https://user:${secret}@app.example/`, login_hint: secret })
  await authorize({ redirect_uri: `javascript:${secret}` })
  await authorize({ claims: `{"${secret}":1}`, code_challenge: secret })
  await authorize({ claims: secret.slice(0, 9) })
  await authorize({ client_id: `${secret}"` })
  await ask('/session/end', { id_token_hint: secret, state: secret, post_logout_redirect_uri: `https://x/?${secret}` })
  await ask('/session/end', { client_id: 'house', post_logout_redirect_uri: `https://x/?${secret}`, state: secret })
  const fields = { grant_type: 'authorization_code', code: secret, code_verifier: secret.repeat(2), redirect_uri: 'x' }
  for (const more of [fields, { grant_type: 'refresh_token', refresh_token: secret }])
    await fetch(`${here.app.origin}/token`, {
      method: 'POST',
      headers: basic('house', house.secret),
      body: new URLSearchParams(more),
    })
  await expect
    .poll(async () => {
      const trail = await here.app.core.admin.trail.listAudit({ limit: 30 })
      return trail.findIndex(({ id }) => id === beforeTrail)
    })
    .toBe(10)
  // Some of it is only begun: the parser of JSON quotes ten signs.
  expect(here.app.logged.slice(before).join('')).not.toContain(secret.slice(0, 8))
  expect(JSON.stringify(await here.app.core.admin.trail.listAudit({ limit: 30 }))).not.toContain(secret)
})

test('a flood of refused requests is in the log, and no more than thirty a minute of it in the trail', async () => {
  const { trail } = here.app.core.admin
  const told = async () =>
    (await trail.listAudit({ limit: 500 })).filter(({ type }) => type === 'request.refused').length
  const before = await told()
  const logged = here.app.logged.length
  for (let round = 0; round < 10; round += 1)
    await Promise.all(Array.from({ length: 10 }, () => authorize({ client_id: 'nobody' })))
  const lines = here.app.logged.slice(logged).filter((line) => line.includes('"error":"invalid_client"'))
  expect(lines).toHaveLength(100)
  const most = (await told()) - before
  expect(most).toBeGreaterThanOrEqual(30)
  // Each node counts for itself.
  expect(most).toBeLessThanOrEqual(60)
  pass(MINUTE)
  await found(reference(await authorize({ client_id: 'nobody' })))
})
