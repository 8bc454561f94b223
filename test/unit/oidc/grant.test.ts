/** What one request asks for, and what is left of what was given when the application's record has become narrower. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { describe, expect, test } from 'vitest'
import { type Asked, askedOf, withinRecord } from '../../../src/oidc/grant.ts'

const CLAIMS: Record<string, string[]> = {
  profile: ['name', 'given_name', 'family_name', 'locale'],
  email: ['email', 'email_verified'],
  organization: ['organization'],
  groups: ['groups'],
  roles: ['roles'],
}
const NAMES = [...Object.values(CLAIMS).flat(), 'preferred_username']
const RECORDS = [
  'openid',
  'openid profile',
  'openid email organization',
  'openid profile email organization groups roles',
]

function asked(
  record: string,
  request: { scope?: string; claims?: object; resources?: Record<string, string> },
): Asked {
  const { scope = 'openid', claims, resources = {} } = request
  const oidc = {
    client: { clientId: 'guest' },
    params: { scope, claims: claims && JSON.stringify(claims) },
    requestParamScopes: new Set(scope.split(' ')),
    requestParamOIDCScopes: new Set(scope.split(' ').filter((name) => name === 'openid' || name in CLAIMS)),
    resourceServers: Object.fromEntries(Object.entries(resources).map(([at, scopes]) => [at, { scope: scopes }])),
  }
  const client = { scopes: new Set(record.split(' ')) }
  return askedOf({ oidc } as unknown as KoaContextWithOIDC, { find: () => client as never })
}

function given(scopes: string[]): string[] {
  const both = scopes.includes('profile') && scopes.includes('email')
  return [...scopes.flatMap((scope) => CLAIMS[scope] ?? []), ...(both ? ['preferred_username'] : [])]
}

function* subsets<T>(all: T[]): Generator<T[]> {
  for (let chosen = 0; chosen < 2 ** all.length; chosen += 1) yield all.filter((_one, index) => chosen & (1 << index))
}

test('every subset of claims beside every subset of scopes: all that the record covers, each once, and nothing else', () => {
  const wrong: unknown[] = []
  for (const record of RECORDS) {
    const onRecord = given(record.split(' '))
    for (const scopes of subsets(record.split(' ').filter((scope) => scope !== 'openid'))) {
      for (const names of subsets(NAMES)) {
        const claims = { userinfo: Object.fromEntries(names.map((name) => [name, null])) }
        const found = asked(record, { scope: ['openid', ...scopes].join(' '), claims })
        const listed = [...given(found.scopes), ...found.claims].sort().join()
        const due = [...new Set([...given(scopes), ...names])]
          .filter((name) => onRecord.includes(name))
          .sort()
          .join()
        if (listed !== due) wrong.push({ record, scopes, names, listed })
      }
    }
  }
  expect(wrong).toEqual([])
})

const odd = JSON.parse('{"__proto__":null,"constructor":null,"toString":{},"name":null}')

test.each<[string, Parameters<typeof asked>, string[]]>([
  ['in the ID token', ['openid profile', { claims: { id_token: { name: null } } }], ['name']],
  ['in both places', ['openid profile', { claims: { id_token: { name: null }, userinfo: { name: {} } } }], ['name']],
  ['essential', ['openid profile', { claims: { userinfo: { name: { essential: true } } } }], ['name']],
  ['not in the form of one', ['openid profile', { claims: { userinfo: { name: true, locale: ['x'] } } }], []],
  ['about the sign-in', ['openid', { claims: { id_token: { acr: null, auth_time: null, sid: null, iss: null } } }], []],
  ['that nobody knows', ['openid profile', { claims: { userinfo: { shoe_size: null } } }], []],
  ['that every object has', ['openid profile', { claims: { userinfo: odd, id_token: odd } }], ['name']],
  [
    'at userinfo, which a token for an API does not open',
    ['openid profile', { claims: { userinfo: { name: null }, id_token: { locale: null } }, resources: { 'x:': 'r' } }],
    ['locale'],
  ],
])('a claim %s', (_what, [record, request], claims) => {
  expect(asked(record, request).claims).toEqual(claims)
})

describe('what is kept is read no wider than the record', () => {
  const narrow = new Set(['openid', 'profile', 'payroll:read'])
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a token', { scope: 'openid email payroll:read payroll:approve' }, { scope: 'openid payroll:read' }],
    ['a token with nothing left', { scope: 'email' }, { scope: '' }],
    ['one without scopes', { clientId: 'guest' }, { clientId: 'guest' }],
    [
      'a grant',
      {
        openid: { scope: 'openid profile email', claims: ['name', 'email', 'preferred_username', 'acr'] },
        resources: { 'https://api.example/': 'payroll:read payroll:approve', 'https://other.example/': 'other' },
      },
      {
        openid: { scope: 'openid profile', claims: ['name', 'acr'] },
        resources: { 'https://api.example/': 'payroll:read', 'https://other.example/': '' },
      },
    ],
    ['a grant of claims alone', { openid: { claims: ['email'] } }, { openid: { scope: '', claims: [] } }],
    ['a sitting', { params: { scope: 'openid email', state: 's' } }, { params: { scope: 'openid', state: 's' } }],
  ])('%s', (_what, kept, left) => {
    expect(withinRecord(kept, narrow)).toEqual(left)
    expect(withinRecord(left, narrow)).toEqual(left)
  })
})
