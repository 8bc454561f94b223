/** Tokens, from an outside client: openid-client and jose, which check what they are given. */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { KEYED, PAYROLL, REPORTS } from '../../support/oidc/client-records.ts'
import { ACR, answer, errorOf, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const sanne = new Person()

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
beforeAll(async () => {
  await house.signIn(sanne)
})
clockOfEachTest()

/** What the trail says of a client's tokens since the last sign-in, the newest first. */
async function recorded(client: string): Promise<string[]> {
  const records = await here.app.core.store.durable.listAudit({ limit: 50 })
  const since = records.findIndex(({ type }) => type === 'sign-in.completed')
  return records.slice(0, since).flatMap((record) => (record.client === client ? record.type : []))
}

test('an ID token says who, how well and when; userinfo says the rest', async () => {
  const tokens = await house.signIn(sanne, { scope: 'openid profile email organization' })
  const claims = tokens.claims()
  expect(claims).toMatchObject({ iss: here.app.origin, aud: 'house', acr: ACR.password, amr: ['pwd'] })
  expect(claims?.auth_time).toBeTypeOf('number')
  expect(claims?.sid).toBeTypeOf('string')
  expect(claims).not.toHaveProperty('email')
  expect(await oidc.fetchUserInfo(house.config, tokens.access_token, claims?.sub ?? '')).toMatchObject({
    name: 'Sanne de Vries',
    email: 'sanne@sigma.example',
    email_verified: true,
    organization: 'Bakkerij',
  })
})

test('an application gets ID tokens in the algorithm on its record', async () => {
  const second = await relyingParty(here, 'second')
  const { id_token = '' } = await second.signIn(sanne)
  const { protectedHeader } = await jwtVerify(id_token, createRemoteJWKSet(new URL(`${here.app.origin}/jwks`)))
  expect(protectedHeader.alg).toBe('ES256')
})

test('every answer names its issuer (RFC 9207), refusals too', async () => {
  await house.open(sanne)
  expect(answer(sanne).get('iss')).toBe(here.app.origin)
  await house.open(sanne, { prompt: 'none', max_age: '1', claims: 'not json' })
  expect(answer(sanne).get('error')).toBe('invalid_request')
  expect(answer(sanne).get('iss')).toBe(here.app.origin)
})

test('a request that must be pushed is refused on the front channel and works when pushed', async () => {
  const pushed = await relyingParty(here, 'pushed')
  await pushed.open(sanne)
  expect(answer(sanne).get('error')).toBe('invalid_request')

  const request = await pushed.push()
  expect([...request.url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
  await sanne.visit(request.url.href)
  expect((await pushed.redeem(sanne.page.url, request)).claims()?.acr).toBe(ACR.password)
})

test('a token bound to a key by DPoP is worth nothing without it', async () => {
  const dpop = await oidc.randomDPoPKeyPair('ES256')
  const bound = await relyingParty(here, 'bound', { dpop })
  const tokens = await bound.signIn(sanne)
  expect(tokens.token_type).toBe('dpop')
  const sub = tokens.claims()?.sub ?? ''
  const DPoP = oidc.getDPoPHandle(bound.config, dpop)
  expect(await oidc.fetchUserInfo(bound.config, tokens.access_token, sub, { DPoP })).toMatchObject({ sub })

  const stolen = await fetch(`${here.app.origin}/me`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  expect(stolen.status).toBe(401)
  const thief = oidc.getDPoPHandle(bound.config, await oidc.randomDPoPKeyPair('ES256'))
  await expect(errorOf(oidc.fetchUserInfo(bound.config, tokens.access_token, sub, { DPoP: thief }))).resolves.toMatch(
    /invalid_(token|dpop_proof)/,
  )
  const keyless = await relyingParty(here, 'bound')
  expect(await errorOf(keyless.signIn(sanne))).toBe('invalid_grant')
  expect((await bound.refresh(tokens.refresh_token)).token_type).toBe('dpop')
})

test('a refresh token rotates and keeps who, how well and when as they were', async () => {
  const first = await house.signIn(sanne)
  const second = await house.refresh(first.refresh_token)
  expect(second.refresh_token).toBeTypeOf('string')
  expect(second.refresh_token).not.toBe(first.refresh_token)
  const before = first.claims()
  expect(before?.auth_time).toBeTypeOf('number')
  for (const name of ['sub', 'acr', 'amr', 'auth_time', 'sid']) expect(second.claims()?.[name]).toEqual(before?.[name])
})

test('a refresh token of a public client that is used twice ends its whole family, access tokens included', async () => {
  const spa = await relyingParty(here, 'spa')
  const first = await spa.signIn(sanne)
  const second = await spa.refresh(first.refresh_token)
  expect(await errorOf(spa.refresh(first.refresh_token))).toBe('invalid_grant')
  expect(await errorOf(spa.refresh(second.refresh_token))).toBe('invalid_grant')
  const sub = first.claims()?.sub ?? ''
  for (const { access_token } of [first, second])
    expect(await errorOf(oidc.fetchUserInfo(spa.config, access_token, sub))).toBe('invalid_token')
  await expect.poll(() => recorded('spa')).toContain('token.reuse-detected')
})

test('a refresh token whose answer was lost can be sent again for ten seconds, if the client proves who it is', async () => {
  const first = await house.signIn(sanne)
  const [lost, again] = [await house.refresh(first.refresh_token), await house.refresh(first.refresh_token)]
  expect(again.refresh_token).toBe(lost.refresh_token)
  expect(await recorded('house')).toContain('token.repeated')
  expect(await recorded('house')).not.toContain('token.reuse-detected')
  // What came of it goes on as ever.
  pass(11 * SECOND)
  const next = await house.refresh(again.refresh_token)
  for (const { access_token } of [lost, again, next])
    expect(await oidc.tokenIntrospection(house.config, access_token)).toMatchObject({ active: true })
})

test('B-05 theft: a refresh token that comes again after ten seconds ends its whole family, access tokens included', async () => {
  const first = await house.signIn(sanne)
  const second = await house.refresh(first.refresh_token)
  pass(11 * SECOND)
  expect(await errorOf(house.refresh(first.refresh_token))).toBe('invalid_grant')
  expect(await errorOf(house.refresh(second.refresh_token))).toBe('invalid_grant')
  for (const { access_token } of [first, second])
    expect(await oidc.tokenIntrospection(house.config, access_token)).toEqual({ active: false })
  await expect.poll(() => recorded('house')).toContain('token.reuse-detected')
})

test('B-05 theft: a refresh token that comes again after its successor was used ends the family at once', async () => {
  const first = await house.signIn(sanne)
  const second = await house.refresh(first.refresh_token)
  const third = await house.refresh(second.refresh_token)
  expect(await errorOf(house.refresh(first.refresh_token))).toBe('invalid_grant')
  expect(await errorOf(house.refresh(third.refresh_token))).toBe('invalid_grant')
})

test('the grace outlives neither a sign-out nor a revocation', async () => {
  const first = await house.signIn(sanne)
  await house.refresh(first.refresh_token)
  await oidc.tokenRevocation(house.config, first.refresh_token ?? '')
  expect(await errorOf(house.refresh(first.refresh_token))).toBe('invalid_grant')
  const leaving = new Person()
  const tokens = await house.signIn(leaving)
  await house.refresh(tokens.refresh_token)
  await leaving.visit(oidc.buildEndSessionUrl(house.config, { id_token_hint: tokens.id_token ?? '' }).href)
  await leaving.submit({ logout: 'yes' })
  expect(await errorOf(house.refresh(tokens.refresh_token))).toBe('invalid_grant')
})

test('the refresh token of a client that is bound to DPoP stays the same, and is worth nothing without a proof', async () => {
  const dpop = await oidc.randomDPoPKeyPair('ES256')
  const bound = await relyingParty(here, 'bound', { dpop })
  const first = await bound.signIn(sanne)
  const [second, third] = [await bound.refresh(first.refresh_token), await bound.refresh(first.refresh_token)]
  for (const { refresh_token, token_type } of [second, third])
    expect([refresh_token, token_type]).toEqual([first.refresh_token, 'dpop'])
  const keyless = await relyingParty(here, 'bound')
  expect(await errorOf(keyless.refresh(first.refresh_token))).toBe('invalid_grant')
  // That was no use of it.
  expect((await bound.refresh(first.refresh_token)).refresh_token).toBe(first.refresh_token)
  expect(await recorded('bound')).not.toContain('token.repeated')
})

test('the refresh token of a public client that is bound to a key rotates, with the grace for whoever has the key', async () => {
  const dpop = await oidc.randomDPoPKeyPair('ES256')
  const spa = await relyingParty(here, 'spa', { dpop })
  const first = await spa.signIn(sanne)
  const [second, again] = [await spa.refresh(first.refresh_token), await spa.refresh(first.refresh_token)]
  expect(second.refresh_token).not.toBe(first.refresh_token)
  expect(again.refresh_token).toBe(second.refresh_token)
  for (const thief of [{}, { dpop: await oidc.randomDPoPKeyPair('ES256') }])
    expect(await errorOf((await relyingParty(here, 'spa', thief)).refresh(first.refresh_token))).toBe('invalid_grant')
  pass(11 * SECOND)
  expect(await errorOf(spa.refresh(first.refresh_token))).toBe('invalid_grant')
  expect(await errorOf(spa.refresh(second.refresh_token))).toBe('invalid_grant')
})

test('revoking a refresh token ends what came with it', async () => {
  const tokens = await house.signIn(sanne)
  await oidc.tokenRevocation(house.config, tokens.refresh_token ?? '')
  expect(await errorOf(house.refresh(tokens.refresh_token))).toBe('invalid_grant')
  expect(await oidc.tokenIntrospection(house.config, tokens.access_token)).toEqual({ active: false })
})

test('introspection says how well and when (RFC 9470)', async () => {
  const tokens = await house.signIn(sanne, { scope: 'openid' })
  expect(await oidc.tokenIntrospection(house.config, tokens.access_token)).toMatchObject({
    active: true,
    client_id: 'house',
    acr: ACR.password,
    auth_time: tokens.claims()?.auth_time,
    scope: 'openid',
  })
})

test('a token for an API is a JWT for it alone, with acr and auth_time, also after a refresh', async () => {
  const tokens = await house.signIn(sanne, { scope: 'openid payroll:read', resource: PAYROLL })
  const refreshed = await house.refresh(tokens.refresh_token)
  const keys = createRemoteJWKSet(new URL(`${here.app.origin}/jwks`))
  for (const { access_token } of [tokens, refreshed]) {
    const { payload } = await jwtVerify(access_token, keys, {
      issuer: here.app.origin,
      audience: PAYROLL,
      typ: 'at+jwt',
      algorithms: ['ES256'],
    })
    const claims = tokens.claims()
    expect(payload).toMatchObject({
      sub: claims?.sub,
      auth_time: claims?.auth_time,
      acr: ACR.password,
      client_id: 'house',
      scope: 'payroll:read',
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600)
  }
})

test('an API with opaque tokens introspects its own and nobody else does', async () => {
  const { access_token } = await house.signIn(sanne, { scope: 'openid reports:read', resource: REPORTS })
  const [service, second] = [await relyingParty(here, 'service'), await relyingParty(here, 'second')]
  expect(await oidc.tokenIntrospection(service.config, access_token)).toMatchObject({ active: true, aud: REPORTS })
  expect(await oidc.tokenIntrospection(second.config, access_token)).toEqual({ active: false })
})

test.each<[string, Record<string, string>]>([
  ['its scopes', { scope: 'payroll:read' }],
  ['its scopes and whom they are for', { scope: 'payroll:read', resource: PAYROLL }],
  ['whom it is for', { resource: PAYROLL }],
  ['nothing, for it has one thing to do', {}],
])('a machine that names %s gets a token for the one API that it may speak to', async (_what, parameters) => {
  const service = await relyingParty(here, 'service')
  const granted = await oidc.clientCredentialsGrant(service.config, parameters)
  expect(granted.scope).toBe('payroll:read')
  expect(granted).not.toHaveProperty('refresh_token')
  const keys = createRemoteJWKSet(new URL(`${here.app.origin}/jwks`))
  const { payload } = await jwtVerify(granted.access_token, keys, { audience: PAYROLL, typ: 'at+jwt' })
  expect(payload).toMatchObject({ scope: 'payroll:read', client_id: 'service', sub: 'service' })
})

test.each<[string, Record<string, string>, string, RegExp]>([
  ['a scope beside its own', { scope: 'payroll:read payroll:approve' }, 'invalid_scope', /not on the record/],
  ['the same, and whom for', { scope: 'payroll:approve', resource: PAYROLL }, 'invalid_scope', /not on the record/],
  ['a scope that nobody has', { scope: 'fax' }, 'invalid_scope', /of no resource/],
  ['who it is itself', { scope: 'openid' }, 'invalid_scope', /about a person/],
  ['another API', { scope: 'reports:read', resource: REPORTS }, 'invalid_target', /not on the record/],
  ['an API that nobody knows', { resource: 'https://unknown.example/' }, 'invalid_target', /not on the record/],
])('a machine that asks for %s is told why it gets nothing', async (_what, parameters, error, reason) => {
  const service = await relyingParty(here, 'service')
  await expect(oidc.clientCredentialsGrant(service.config, parameters)).rejects.toMatchObject({
    error,
    error_description: expect.stringMatching(reason),
  })
})

test('an application that acts for people only gets no token of its own', async () => {
  // RFC 6749 section 5.2 has unauthorized_client for this; the library says invalid_request.
  expect(await errorOf(oidc.clientCredentialsGrant(house.config))).toBe('invalid_request')
})

test('what was granted of what was asked for is in the answer: a scope that nobody has is left out', async () => {
  expect((await house.signIn(sanne, { scope: 'openid email fax' })).scope).toBe('openid email')
})

test('an application without a resource on its record gets no token for it', async () => {
  const guest = await relyingParty(here, 'guest')
  await guest.open(sanne, { resource: PAYROLL, scope: 'openid payroll:read' })
  expect(answer(sanne).get('error')).toBe('invalid_target')
})

test('private_key_jwt authenticates an application without a secret', async () => {
  const key = await crypto.subtle.importKey(
    'jwk',
    KEYED.privateKey.export({ format: 'jwk' }),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  )
  const keyed = await relyingParty(here, 'keyed', { auth: oidc.PrivateKeyJwt({ key, kid: 'keyed' }) })
  expect((await keyed.signIn(sanne)).claims()?.aud).toBe('keyed')
})

test('the previous secret works beside the new one, and a wrong one does not', async () => {
  const previous = here.app.core.clientSecret('PREVIOUS_SECRET') ?? ''
  const [now, before] = [
    await relyingParty(here, 'moving'),
    await relyingParty(here, 'moving', { auth: oidc.ClientSecretBasic(previous) }),
  ]
  expect(now.secret).not.toBe(previous)
  expect((await now.signIn(sanne)).claims()?.aud).toBe('moving')
  expect((await before.signIn(sanne)).claims()?.aud).toBe('moving')
  const wrong = await relyingParty(here, 'moving', { auth: oidc.ClientSecretBasic(`${previous}x`) })
  expect(await errorOf(wrong.signIn(sanne))).toBe('invalid_client')
})
