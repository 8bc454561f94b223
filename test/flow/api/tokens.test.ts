/** The API of administration: which tokens open it, and what ended meanwhile (SECURITY ADM-01, ADM-02, P-01). */
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { disableOrganization } from '../../../src/admin/organizations.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { emailKey } from '../../../src/person/account.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import {
  API,
  administratorBy,
  adminWorld,
  type Caller,
  call,
  callerWith,
  SCOPE,
  STRICT,
  serviceCaller,
  serviceToken,
  tokenOf,
} from '../../support/oidc/admin-api.ts'
import { PAYROLL, REPORTS, record } from '../../support/oidc/client-records.ts'
import { basic, post } from '../../support/oidc/raw-oauth.ts'
import { relyingParty } from '../../support/oidc/relying-party.ts'
import { secretOf } from '../../support/oidc/secret-of.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { obligeAll, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE as OPERATOR } from '../../support/unit/administration.ts'

clockOfAllTests()

const here = forAllTests(() => adminWorld())
const MACHINE = { actor: 'root', via: 'command-line', mayEmpower: true }

function challenges({ headers }: { headers: Headers }): string {
  return headers.get('www-authenticate') ?? ''
}

describe('without a token that is good here', () => {
  let robot: Caller
  beforeAll(async () => {
    robot = await serviceCaller(here, 'robot')
  })

  test('the token of a service with a role opens it', async () => {
    expect(await robot.get('/clients')).toMatchObject({ status: 200 })
  })

  test('nothing: 401 with what to bring, and no more', async () => {
    const answer = await call(here.app.origin, `${API}/clients`)
    expect(answer).toMatchObject({ status: 401, body: { code: 'token-required', status: 401 } })
    expect(challenges(answer)).toBe(
      `Bearer realm="${here.app.origin}${API}", DPoP realm="${here.app.origin}${API}", algs="ES256 Ed25519 EdDSA"`,
    )
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body.reference).toBe(answer.headers.get('x-request-id'))
  })

  test.each([
    ['a guess', 'Bearer guessed', 401, 'invalid-token'],
    ['another scheme', 'Basic cm9ib3Q6eA==', 400, 'invalid-request'],
    ['an empty token', 'Bearer ', 400, 'invalid-request'],
    ['two tokens', 'Bearer one two', 400, 'invalid-request'],
    ['an unbound token as a bound one', 'DPoP {token}', 401, 'invalid-token'],
  ])('%s', async (_what, authorization, status, code) => {
    const headers = { authorization: authorization.replace('{token}', robot.token) }
    const answer = await call(here.app.origin, `${API}/clients`, { headers })
    expect(answer).toMatchObject({ status, body: { code } })
    expect(challenges(answer)).toContain(`error="${code.replaceAll('-', '_')}"`)
  })

  test('a token in the address, also beside one in the header', async () => {
    const path = `${API}/clients?access_token=${robot.token}`
    for (const headers of [{}, { authorization: `Bearer ${robot.token}` }])
      expect(await call(here.app.origin, path, { headers: headers as Record<string, string> })).toMatchObject({
        status: 400,
        body: { code: 'invalid-request' },
      })
  })

  test('a token in a form, or a method in a header, is not looked at', async () => {
    const body = `access_token=${robot.token}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await call(here.app.origin, `${API}/clients`, { method: 'POST', headers, body })).toMatchObject({
      status: 401,
    })
    const overridden = await robot.get('/clients/house', { 'x-http-method-override': 'DELETE', 'x-method': 'DELETE' })
    expect(overridden).toMatchObject({ status: 200, body: { status: 'active' } })
  })

  test('no cookie opens it, also that of an owner on the pages', async () => {
    const olga = await somebody(here.app, 'Bakkerij', ['owner'])
    const { caller } = await administratorBy(here, ['owner'])
    expect(await caller.get('/clients')).toMatchObject({ status: 200 })
    await olga.browser.visit(`${here.app.origin}/admin`)
    await obligeAll(olga)
    expect(olga.browser.page).toMatchObject({ status: 200, url: `${here.app.origin}/admin` })
    const answer = await olga.browser.request('GET', `${here.app.origin}${API}/clients`)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  test('no page of another origin may read it or ask', async () => {
    const origin = 'https://evil.example'
    const asking = await call(here.app.origin, `${API}/clients`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET' },
    })
    const reading = await robot.get('/clients', { origin })
    for (const { headers } of [asking, reading])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(asking.status).toBe(405)
    expect(await robot.make('/clients', {}, { origin })).toMatchObject({ status: 403, body: { code: 'foreign-form' } })
  })

  test('a token for another API, and one for no API', async () => {
    const { app } = here
    for (const [id, fields] of [
      ['service', { scope: 'payroll:read', resource: PAYROLL }],
      ['house', undefined],
    ] as const) {
      const headers = basic(id, secretOf(app, id))
      const { body } = fields
        ? await post(`${app.origin}/token`, { grant_type: 'client_credentials', ...fields }, headers)
        : { body: { access_token: (await (await relyingParty(here, 'house')).signIn(new Person())).access_token } }
      expect(body.access_token).toEqual(expect.any(String))
      const answer = await callerWith(app.origin, String(body.access_token)).get('/clients')
      expect(answer).toMatchObject({ status: 401, body: { code: 'invalid-token' } })
    }
  })

  test('a token for another API that is looked up as ours are', async () => {
    const party = await relyingParty(here, 'house')
    const tokens = await party.signIn(new Person(), { scope: 'openid reports:read', resource: REPORTS })
    expect(await callerWith(here.app.origin, tokens.access_token).get('/clients')).toMatchObject({
      status: 401,
      body: { code: 'invalid-token' },
    })
  })

  test('one that has run out', async () => {
    const caller = await serviceCaller(here, 'robot')
    pass(10 * MINUTE + 11 * SECOND)
    expect(await caller.get('/clients')).toMatchObject({ status: 401, body: { code: 'invalid-token' } })
  })
})

describe('what a service may', () => {
  test('each verb has its scope, and a token without it is told which', async () => {
    const narrow = await serviceCaller(here, 'robot', { scope: 'admin:organizations' })
    expect(await narrow.get('/organizations')).toMatchObject({ status: 200 })
    const answer = await narrow.get('/clients')
    expect(answer).toMatchObject({ status: 403, body: { code: 'insufficient-scope' } })
    expect(challenges(answer)).toContain('error="insufficient_scope"')
    expect(challenges(answer)).toContain('scope="admin:clients"')
  })

  test('the role is asked as well: what the token is for is not enough', async () => {
    const [reader, helper] = [await serviceCaller(here, 'reader'), await serviceCaller(here, 'helper')]
    expect(await reader.get('/audit?limit=1')).toMatchObject({ status: 200 })
    expect(await helper.get('/audit')).toMatchObject({
      status: 403,
      body: { code: 'not-allowed', reason: 'role-missing' },
    })
    expect(await reader.make('/clients', { client_name: '' })).toMatchObject({ status: 403 })
    expect(await helper.get('/keys')).toMatchObject({ status: 403 })
  })

  test('it never acts on somebody with a role, and gives none', async () => {
    const helper = await serviceCaller(here, 'helper')
    const [anna, chris] = [await somebody(here.app), await somebody(here.app, 'Bakkerij', ['client-admin'])]
    expect(await helper.send('POST', `/people/${anna.email}/disable`)).toMatchObject({
      status: 200,
      body: { status: 'disabled' },
    })
    expect(await helper.send('POST', `/people/${chris.email}/disable`)).toMatchObject({
      status: 403,
      body: { code: 'not-allowed', reason: 'above' },
    })
    const invitation = { email: 'boss@sigma.example', name: 'Boss', role: ['owner'] }
    expect(await helper.send('POST', '/people', invitation)).toMatchObject({
      status: 403,
      body: { reason: 'role-not-held' },
    })
  })

  test('ADM-03 it decides no recovery case, nor sees how to reach somebody', async () => {
    const helper = await serviceCaller(here, 'helper')
    for (const [method, path] of [
      ['GET', '/cases'],
      ['GET', '/cases/12345678'],
      ['POST', '/cases/12345678/decide'],
    ] as const)
      expect(await helper.send(method, path)).toMatchObject({ status: 403, body: { code: 'people-only' } })
  })

  test('the trail names the application, by this door', async () => {
    const helper = await serviceCaller(here, 'helper')
    const { body } = await helper.get('/people-search?text=sanne')
    const reader = await serviceCaller(here, 'reader')
    const found = await reader.get('/audit?actor=client:helper&kind=admin.verb&limit=1')
    expect(body.items.length).toBeGreaterThan(0)
    expect(found.body.items).toMatchObject([{ actor: 'client:helper', details: { verb: 'person:find', via: 'api' } }])
  })

  test('a role that is not on the record any more, and a disabled application: refused at once', async () => {
    const { clients } = here.app.core.admin
    const fields = { ...record('passing', {}, here.apps.origin), client_secret: undefined, redirect_uris: [] }
    const definition = {
      ...fields,
      ...{ post_logout_redirect_uris: [], grant_types: ['client_credentials'], scope: SCOPE },
      ...{ admin_role: 'auditor', first_party: false },
    }
    const made = await clients.add(definition, MACHINE)
    await here.app.followClients()
    const secret = made.ok ? (made.secret?.value ?? '') : ''
    const ask = async () => {
      const asked = { grant_type: 'client_credentials', scope: SCOPE, resource: here.app.origin + API }
      return callerWith(
        here.app.origin,
        String((await post(`${here.app.origin}/token`, asked, basic('passing', secret))).body.access_token),
      )
    }
    const change = async (fields: Record<string, unknown>) => {
      expect(await clients.change('passing', { fields }, MACHINE)).toMatchObject({ ok: true })
      await here.app.followClients()
    }
    const caller = await ask()
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 200 })
    await change({ admin_role: 'help-desk' })
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 403, body: { reason: 'role-missing' } })
    await change({ admin_role: 'auditor', scope: 'admin:people' })
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 403, body: { code: 'insufficient-scope' } })
    await change({ scope: SCOPE })
    await clients.disable('passing', undefined, MACHINE)
    await here.app.followClients()
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 401, body: { code: 'invalid-token' } })
    await clients.enable('passing', undefined, MACHINE)
    await here.app.followClients()
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 401 })
    pass(SECOND)
    expect(await (await ask()).get('/audit?limit=1')).toMatchObject({ status: 200 })
  })

  test('without a role the provider gives no token for it', async () => {
    const { app } = here
    const asked = { grant_type: 'client_credentials', scope: 'admin:clients', resource: app.origin + API }
    const { body } = await post(`${app.origin}/token`, asked, basic('service', secretOf(app, 'service')))
    expect(body.error).toMatch(/^invalid_(target|scope)$/)
  })

  test('a loop that went wrong is told to wait', async () => {
    const reader = await serviceCaller(here, 'reader')
    let waits: string | null = null
    // Each node counts for itself.
    for (let index = 0; index < 1300 && waits === null; index += 1) {
      const { status, headers } = await reader.get('/keys')
      if (status === 429) waits = headers.get('retry-after')
    }
    expect(waits).toBe('60')
    pass(MINUTE)
  })
})

describe('a token that is bound to a key (RFC 9449)', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  async function proof(method: string, htu: string, claims: Record<string, unknown> = {}, by = pair): Promise<string> {
    const jwk = await exportJWK(by.publicKey)
    const payload = { htm: method, htu, jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims }
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk }).sign(by.privateKey)
  }

  const ath = (token: string) => createHash('sha256').update(token).digest('base64url')

  async function bound() {
    const DPoP = await proof('POST', `${here.app.origin}/token`)
    const token = await serviceToken(here, 'holder', {}, { DPoP })
    const address = `${here.app.origin}${API}/clients`
    const get = (DPoP: string | undefined, scheme = 'DPoP') =>
      call(here.app.origin, `${API}/clients?limit=1`, {
        headers: { authorization: `${scheme} ${token}`, ...(DPoP && { DPoP }) },
      })
    return { token, address, get }
  }

  test('opens with a proof of this request, once', async () => {
    const { token, address, get } = await bound()
    const fresh = await proof('GET', address, { ath: ath(token) })
    expect(await get(fresh)).toMatchObject({ status: 200 })
    const again = await get(fresh)
    expect(again).toMatchObject({ status: 401, body: { code: 'invalid-dpop-proof' } })
    expect(challenges(again)).toMatch(/^DPoP /)
    expect(await get(await proof('GET', `${address}?x=y`, { ath: ath(token) }))).toMatchObject({ status: 200 })
  })

  test('without one, or as a bearer token, it does not', async () => {
    const { token, address, get } = await bound()
    expect(await get(undefined)).toMatchObject({ status: 401, body: { code: 'invalid-dpop-proof' } })
    expect(await get(await proof('GET', address, { ath: ath(token) }), 'Bearer')).toMatchObject({
      status: 401,
      body: { code: 'invalid-token' },
    })
  })

  test.each<[string, string, string | undefined, Record<string, unknown>]>([
    ['of another method', 'POST', undefined, {}],
    ['of another address', 'GET', `/admin/api/v1/people`, {}],
    ['of another token', 'GET', undefined, { ath: ath('another') }],
    ['of no token', 'GET', undefined, { ath: undefined }],
    ['of an hour ago', 'GET', undefined, { iat: 1 }],
    ['of tomorrow', 'GET', undefined, { iat: 4_000_000_000 }],
    ['without an id', 'GET', undefined, { jti: undefined }],
  ])('with a proof %s it does not', async (_what, method, path, claims) => {
    const { token, address, get } = await bound()
    const htu = path === undefined ? address : here.app.origin + path
    const answer = await get(await proof(method, htu, { ath: ath(token), ...claims }))
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid-dpop-proof' } })
  })

  test('with a proof by another key it does not', async () => {
    const { token, address, get } = await bound()
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const answer = await get(await proof('GET', address, { ath: ath(token) }, other))
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid-dpop-proof' } })
  })
})

describe('what a person may', () => {
  test('as much as on the pages: the roles of the moment', async () => {
    const { who, caller } = await administratorBy(here, ['client-admin'])
    expect(await caller.get('/clients')).toMatchObject({ status: 200 })
    expect(await caller.get('/people?text=sanne')).toMatchObject({ status: 403 })
    const people = here.app.core.store.durable.people
    const account = await asked(people).findAccountByEmail(emailKey(who.email))
    await people.change(account?.id ?? '', ({ account }) => {
      if (account) account.roles = ['help-desk']
    })
    expect(await caller.get('/clients')).toMatchObject({ status: 403, body: { reason: 'role-missing' } })
    expect(await caller.get('/people?text=sanne')).toMatchObject({ status: 200 })
    await people.change(account?.id ?? '', ({ account }) => {
      if (account) account.roles = []
    })
    expect(await caller.get('/people?text=sanne')).toMatchObject({ status: 403 })
  })

  test('ADM-01 an act needs a second factor of five minutes: asked for by RFC 9470, and then it goes on', async () => {
    const { who, party, caller } = await administratorBy(here, ['owner'])
    const target = await somebody(here.app)
    pass(5 * MINUTE + SECOND)
    expect(await caller.get(`/people/${target.email}`)).toMatchObject({ status: 200 })
    const refused = await caller.send('POST', `/people/${target.email}/disable`)
    expect(refused).toMatchObject({ status: 401, body: { code: 'insufficient-user-authentication' } })
    expect(challenges(refused)).toContain('acr_values="urn:sigma:acr:mfa", max_age="300"')
    // The doctor acts as an application, which is no looking on.
    expect(await caller.send('POST', '/clients/portal/doctor', { live: true })).toMatchObject({ status: 401 })
    const token = await tokenOf(here, who, party, { acr_values: 'urn:sigma:acr:mfa', max_age: '300' })
    const again = await callerWith(here.app.origin, token).send('POST', `/people/${target.email}/disable`)
    expect(again).toMatchObject({ status: 200, body: { status: 'disabled' } })
  })

  test('a token from a refresh token does not open it: nobody need be there', async () => {
    const { who, party } = await administratorBy(here, ['owner'])
    const request = await party.request({ scope: `openid ${SCOPE}`, resource: here.app.origin + API })
    await who.browser.visit(request.url.href)
    await obligeAll(who)
    const tokens = await party.redeem(who.browser.page.url, request)
    const renewed = await party.refresh(tokens.refresh_token, { resource: here.app.origin + API })
    expect(await callerWith(here.app.origin, tokens.access_token).get('/clients')).toMatchObject({ status: 200 })
    expect(await callerWith(here.app.origin, renewed.access_token).get('/clients')).toMatchObject({
      status: 401,
      body: { code: 'invalid-token' },
    })
  })

  test.each<[string, (email: string, id: string) => Promise<unknown>]>([
    ['signed out everywhere', (email) => act('sign-out', email)],
    ['disabled', (email) => act('disable', email)],
    [
      'without the second factor',
      (_email, id) =>
        here.app.core.store.durable.people.change(id, (person) => {
          person.authenticators = []
          if (person.account) person.account.epoch += 1
        }),
    ],
    ['in an organization that is disabled', () => organizationEnds('Wegbedrijf')],
  ])('whoever is %s has no way in by a token of before', async (what, end) => {
    const organization = what.includes('organization') ? 'Wegbedrijf' : 'Bakkerij'
    const { who, caller } = await administratorBy(here, ['auditor'], 'console', organization)
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 200 })
    const account = await asked(here.app.core.store.durable.people).findAccountByEmail(emailKey(who.email))
    await end(who.email, account?.id ?? '')
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 401, body: { code: 'invalid-token' } })
  })

  test('whoever signs out has no way in by a token of before', async () => {
    const { who, caller } = await administratorBy(here, ['auditor'])
    await who.browser.visit(`${here.app.origin}/session/end`)
    await who.browser.submit({ logout: 'yes' })
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 401 })
  })

  test('ADM-01 eight hours after the password it is asked for again', async () => {
    const { caller, who, party } = await administratorBy(here, ['auditor'])
    expect(await caller.get('/audit?limit=1')).toMatchObject({ status: 200 })
    // Used all the time, so that nothing but the age of the sign-in is against it.
    let token = caller.token
    for (let hours = 0; hours < 8; hours += 1) {
      pass(HOUR)
      token = await tokenOf(here, who, party)
    }
    pass(MINUTE)
    const late = await callerWith(here.app.origin, token).get('/audit?limit=1')
    expect(late.status).toBe(401)
    expect(challenges(late)).toMatch(/max_age="28800"|invalid_token/)
  })

  test('P-01 an application whose record is as lax as others gets no token for it', async () => {
    const clients = here.app.core.admin.clients
    for (const field of Object.keys(STRICT).filter((name) => name !== 'scope')) {
      const fields = {
        ...record(`lax_${field}`, { ...STRICT, [field]: undefined }, here.apps.origin),
        client_secret: undefined,
      }
      expect(await clients.add(fields, MACHINE)).toMatchObject({
        ok: false,
        reason: 'not-in-order',
        faults: [{ code: 'admin-scope', path: [field] }],
      })
    }
  })
})

async function act(what: string, email: string): Promise<void> {
  const helper = await serviceCaller(here, 'helper')
  const { body } = await helper.get(`/people/${email}`)
  const { life } = here.app.core
  const account = await asked(here.app.core.store.durable.people).findAccount(body.id)
  if (!account) throw new Error(`nobody ${what}`)
  const by = { actor: 'olga', source: undefined }
  await (what === 'disable' ? life.disable(account, by) : life.signOut(account, by))
}

async function organizationEnds(organization: string): Promise<void> {
  await runVerb(here.app.core.admin, disableOrganization, { organization }, OPERATOR)
  await here.app.follow()
}
