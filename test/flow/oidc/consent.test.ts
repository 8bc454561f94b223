/**
 * What an application of another house learns is what the page said that it asks for: not more by the `claims` parameter,
 * a resource, a refresh or an older agreement, and not less.
 */
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { PAYROLL, REPORTS, record } from '../../support/oidc/client-records.ts'
import {
  activate,
  answer,
  errorOf,
  type RelyingParty,
  relyingParty,
  type Tokens,
  world,
} from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const BEA = 'bea@sigma.example'
const APIS = 'payroll:read payroll:approve reports:read'

/** The claims of each scope. */
const GIVES: Record<string, string[]> = {
  profile: ['name', 'given_name', 'family_name', 'locale'],
  email: ['email', 'email_verified'],
  organization: ['organization'],
  groups: ['groups'],
  roles: ['roles'],
}
const NAMES = [...Object.values(GIVES).flat(), 'preferred_username']

/** What each line of the page covers. */
const COVERS: Record<string, string[]> = {
  'That it is you, by a number that stands for your account, and how and when you signed in': ['openid'],
  'Lasting access, also while you are not using it': ['offline_access'],
  'Your name and language': ['name', 'given_name', 'family_name', 'locale'],
  // The same words for the scope, which says that it is proven as well, and which the name to sign in by is made of.
  'Your e-mail address': ['email', 'email_verified', 'preferred_username'],
  'The organization you belong to': ['organization'],
  'The groups you belong to: your organization': ['groups'],
  'Your roles at Sigma ID': ['roles'],
  'Your name': ['name'],
  'Your given name': ['given_name'],
  'Your family name': ['family_name'],
  'Your language': ['locale'],
  'That your e-mail address is yours': ['email_verified'],
  'The name you sign in with, which is your e-mail address': ['preferred_username'],
  'Access to “payroll:read” at payroll.example.org': ['payroll:read'],
  'Access to “payroll:approve” at payroll.example.org': ['payroll:approve'],
  'Access to “reports:read” at reports.example.org': ['reports:read'],
}

const guest = (id: string, scope: string, more = {}) => record(id, { first_party: false, scope, ...more })
const GUESTS = {
  nosy: guest('nosy', 'openid'),
  plain: guest('plain', `openid profile offline_access ${APIS}`),
  other: guest('other', 'openid email organization payroll:read', { id_token_claims: true }),
  every: guest('every', `openid profile email organization groups roles offline_access ${APIS}`),
}
type Guest = keyof typeof GUESTS

const bea = new Person()
const parties = {} as Record<Guest, RelyingParty>

const here = forAllTests(() => world({ more: Object.values(GUESTS) }))
beforeAll(async () => {
  await activate(here.app, BEA, 'Bea de Boer', { givenName: 'Bea', familyName: 'de Boer', roles: ['auditor'] })
  for (const id of Object.keys(GUESTS) as Guest[]) parties[id] = await relyingParty(here, id)
  await (await relyingParty(here, 'house')).open(bea, {}, BEA)
})

/** The lines of the page, undefined if there is none. */
function listed(): string[] | undefined {
  if (!bea.page.html.includes('value="allow"')) return undefined
  const list = /<ul class="ticks">([\s\S]*?)<\/ul>/.exec(bea.page.html)?.[1] ?? ''
  return [...list.matchAll(/<li>(.*?)<\/li>/g)].map(([, line = '']) => line)
}

/** What the application knows now, about the person and of what it may do. */
async function learned(party: RelyingParty, tokens: Tokens, api: string | undefined) {
  const about = (claims: object) => Object.keys(claims).filter((name) => NAMES.includes(name))
  const idToken = about(tokens.claims() ?? {})
  const scopes = (tokens.scope ?? '').split(' ')
  if (api === PAYROLL) {
    const { scope, ...claims } = decodeJwt(tokens.access_token)
    expect([scope, about(claims)]).toEqual([tokens.scope, []])
  }
  const sub = tokens.claims()?.sub ?? ''
  const said = api ? {} : await oidc.fetchUserInfo(party.config, tokens.access_token, sub)
  return { idToken: idToken.sort(), userinfo: about(said).sort(), scopes }
}

/** The same, by the issue's own words. */
function due(party: RelyingParty, asked: Request) {
  const onRecord = given(String(GUESTS[party.clientId as Guest].scope).split(' '))
  const byScope = given(asked.scopes)
  const within = (names: string[]) => [...new Set(names)].filter((name) => onRecord.includes(name)).sort()
  const inIdToken = asked.api !== undefined || GUESTS[party.clientId as Guest].id_token_claims === true
  return {
    idToken: within([...(inIdToken ? byScope : []), ...asked.idToken]),
    userinfo: asked.api ? [] : within([...byScope, ...asked.userinfo]),
  }
}

function given(scopes: string[]): string[] {
  const both = scopes.includes('profile') && scopes.includes('email')
  return [...scopes.flatMap((scope) => GIVES[scope] ?? []), ...(both ? ['preferred_username'] : [])]
}

/** With a scope of this API: a request for a token that says nothing else is refused. */
function withApi(api: string | undefined, scopes: string[]): string[] {
  if (api === undefined) return scopes
  return [...new Set([...scopes, api === PAYROLL ? 'payroll:read' : 'reports:read'])]
}

interface Request {
  scopes: string[]
  idToken: string[]
  userinfo: string[]
  essential: boolean
  api: string | undefined
  /** Asks for lasting access, which takes the page. */
  lasting: boolean
}

async function ask(party: RelyingParty, { scopes, idToken, userinfo, essential, api, lasting }: Request) {
  const claims = (names: string[]) => Object.fromEntries(names.map((name) => [name, essential ? { essential } : null]))
  const request = await party.request({
    scope: ['openid', ...scopes, ...(lasting ? ['offline_access'] : [])].join(' '),
    claims: JSON.stringify({ id_token: claims(idToken), userinfo: claims(userinfo) }),
    ...(api && { resource: api }),
    ...(lasting && { prompt: 'consent' }),
  })
  await bea.visit(request.url.href)
  return request
}

test('what the page lists is what userinfo, ID token and access token hold, whatever is asked by scope, claims, resource and refresh', async () => {
  const before = new Map<string, Set<string>>()
  const request = fc.constantFrom<Guest>('nosy', 'plain', 'other', 'every').chain((id) => {
    const onRecord = String(GUESTS[id].scope).split(' ')
    const ours = fc.subarray(onRecord.filter((scope) => scope !== 'openid' && scope !== 'offline_access'))
    const apis = [undefined, ...(onRecord.includes('payroll:read') ? [PAYROLL] : [])]
    return fc.record({
      id: fc.constant(id),
      scopes: ours,
      idToken: fc.subarray(NAMES),
      userinfo: fc.subarray(NAMES),
      essential: fc.boolean(),
      api: fc.constantFrom(...apis, ...(onRecord.includes('reports:read') ? [REPORTS] : [])),
      lasting: onRecord.includes('offline_access') ? fc.boolean() : fc.constant(false),
      refreshed: fc.option(ours, { nil: undefined }),
    })
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ id, refreshed, ...made }) => {
      const party = parties[id]
      const asked = { ...made, scopes: withApi(made.api, made.scopes) }
      const begun = await ask(party, asked)
      const lines = listed()
      if (lines) await bea.submit({ action: 'allow' })
      const tokens = await party.redeem(bea.page.url, begun)

      const now = await learned(party, tokens, asked.api)
      expect({ idToken: now.idToken, userinfo: now.userinfo }).toEqual(due(party, asked))
      const known = new Set([...now.idToken, ...now.userinfo, ...now.scopes.filter((scope) => !(scope in GIVES))])
      // A token for an API does not say `openid`; the ID token beside it does.
      known.add('openid')
      const agreed = before.get(id) ?? new Set()
      before.set(id, agreed)
      if (lines) {
        for (const line of lines) expect(COVERS, line).toHaveProperty([line])
        const covered = lines.map((line) => COVERS[line] ?? [])
        expect(covered.flat()).toEqual(expect.arrayContaining([...known]))
        // Lasting access is told of the refresh token: it is in no scope of a token for an API.
        const useless = covered.filter((names) => !names.some((name) => known.has(name) || name === 'offline_access'))
        expect(useless).toEqual([])
        for (const name of covered.flat()) agreed.add(name)
      }
      expect([...agreed]).toEqual(expect.arrayContaining([...known]))

      if (!refreshed) return
      const names = withApi(
        asked.api,
        refreshed.filter((scope) => scope in GIVES && asked.scopes.includes(scope)),
      )
      const scope = ['openid', ...names].join(' ')
      const later = await learned(party, await party.refresh(tokens.refresh_token, { scope }), asked.api)
      expect({ idToken: later.idToken, userinfo: later.userinfo }).toEqual(due(party, { ...asked, scopes: names }))
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('the claims parameter goes around neither the page nor the record: name, address and organization of a client with openid alone', async () => {
  const names = ['name', 'email', 'organization']
  for (const essential of [false, true]) {
    const asked = { scopes: [], idToken: names, userinfo: names, essential, api: undefined, lasting: false }
    const begun = await ask(parties.nosy, asked)
    if (listed()) {
      expect(listed()).toHaveLength(1)
      await bea.submit({ action: 'allow' })
    }
    const tokens = await parties.nosy.redeem(bea.page.url, begun)
    expect(await learned(parties.nosy, tokens, undefined)).toEqual({ idToken: [], userinfo: [], scopes: ['openid'] })
  }
})

test('a token for an API that may do nothing there is not to be had, nor by narrowing one at a refresh', async () => {
  const { every } = parties
  await bea.visit((await every.request({ scope: 'openid email', resource: PAYROLL })).url.href)
  expect(answer(bea).get('error')).toBe('invalid_scope')
  const begun = await every.request({ scope: 'openid payroll:read', resource: PAYROLL })
  await bea.visit(begun.url.href)
  if (listed()) await bea.submit({ action: 'allow' })
  const tokens = await every.redeem(bea.page.url, begun)
  expect(await errorOf(every.refresh(tokens.refresh_token, { scope: 'openid' }))).toBe('invalid_scope')
})

test('a silent request for a claim that nobody agreed to gets none: the person has to be asked', async () => {
  const party = await relyingParty(here, 'guest')
  const agreed = await party.request()
  await bea.visit(agreed.url.href)
  await bea.submit({ action: 'allow' })
  for (const [claims, error] of [
    ['{"userinfo":{"email":null}}', 'consent_required'],
    ['{"userinfo":{"organization":null}}', null],
  ] as const) {
    await bea.visit((await party.request({ claims, prompt: 'none' })).url.href)
    expect(answer(bea).get('error')).toBe(error)
  }
})

test('names that every object has, asked by the claims parameter, are no claims', async () => {
  for (const where of ['id_token', 'userinfo']) {
    const odd = '{"__proto__":{"essential":true},"constructor":null,"toString":{},"hasOwnProperty":null}'
    const begun = await parties.every.request({ claims: `{"${where}":${odd},"__proto__":${odd}}` })
    await bea.visit(begun.url.href)
    if (listed()) await bea.submit({ action: 'allow' })
    const tokens = await parties.every.redeem(bea.page.url, begun)
    expect(Object.keys(tokens.claims() ?? {})).not.toContain('constructor')
    expect(await oidc.fetchUserInfo(parties.every.config, tokens.access_token, tokens.claims()?.sub ?? '')).toEqual({
      sub: tokens.claims()?.sub,
    })
  }
})

test('asked to ask again, the page says all that the request gives, lasting access included', async () => {
  const begun = await ask(parties.plain, {
    scopes: ['profile', 'payroll:read'],
    idToken: [],
    userinfo: ['name', 'email'],
    essential: false,
    api: PAYROLL,
    lasting: true,
  })
  expect(listed()).toEqual([
    expect.stringMatching(/^That it is you/),
    'Your name and language',
    'Lasting access, also while you are not using it',
    'Access to “payroll:read” at payroll.example.org',
  ])
  await bea.submit({ action: 'allow' })
  await parties.plain.redeem(bea.page.url, begun)
  expect(bea.page.url).toContain('code=')
})

test('an application on a device says what it gets, also one of the house, which is asked about every time', async () => {
  const native = await relyingParty(here, 'native')
  const request = await native.request({ redirect_uri: 'http://127.0.0.1:1/callback', scope: 'openid email' })
  for (let round = 0; round < 2; round += 1) {
    await bea.visit(request.url.href)
    expect(listed()).toEqual([expect.stringMatching(/^That it is you/), 'Your e-mail address'])
  }
})

test.each([
  ['no scope', ''],
  ['only scopes that nobody knows', 'fax pager'],
  ['only a scope of a resource that it does not name', 'payroll:read'],
])('a request with %s is refused before anyone is asked anything', async (_what, scope) => {
  const stranger = new Person()
  for (const id of ['house', 'native']) {
    const party = await relyingParty(here, id)
    const redirect_uri = id === 'native' ? 'http://127.0.0.1:1/callback' : party.redirectUri
    const { url } = await party.request({ scope, redirect_uri, nonce: '' })
    const response = await stranger.request('GET', url.href)
    const location = response.headers.get('location') ?? ''
    expect(new URL(location, here.app.origin).searchParams.get('error')).toBe('invalid_scope')
  }
})
