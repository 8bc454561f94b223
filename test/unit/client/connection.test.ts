/** What administration makes of the libraries' pages in docs. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { libraryPages } from '../../../src/app/libraries.ts'
import { APPLICATION, baseOf, ISSUER, needsOf, readPage, recordsOf } from '../../../src/client/connection.ts'
import { KINDS, kindOf } from '../../../src/client/kinds.ts'
import { DEFINITIONS } from '../../support/unit/applications.ts'

const PAGES = libraryPages(join(import.meta.dirname, '../../..'))()
const WHERE = { issuer: ISSUER, base: APPLICATION }

test.each(PAGES)('$library: a record as its page has it is in order, and needs nothing more', (page) => {
  const [record] = recordsOf(page, WHERE).clients
  const checked = DEFINITIONS.client(record, { scopes: undefined, hasSecret: true, ours: [] })
  expect(checked).toMatchObject({ ok: true })
  expect(needsOf(page, checked.ok ? checked.definition : {})).toEqual([])
  expect(page.title).not.toMatch(/[#`[]/)
  expect(page.parts.length).toBeGreaterThan(0)
  for (const text of [...page.about, ...page.rest, ...page.parts.flatMap((part) => part.text)])
    expect(text).not.toMatch(/\n|\]\(|^[|#-]|\*\*/)
})

test('every kind of application has a page', () => {
  const kinds = PAGES.map((page) => kindOf(recordsOf(page, WHERE).clients[0] ?? {}))
  expect([...new Set(kinds)].sort()).toEqual([...KINDS].sort())
})

describe('what a record still has to say', () => {
  const page = readPage(
    'other',
    [
      '# Other',
      'About it.',
      '```yaml',
      '- client_id: roster',
      '  redirect_uris: [https://roster.example.org/auth/back, https://roster.example.org/more]',
      '  grant_types: [authorization_code, refresh_token]',
      '  token_endpoint_auth_method: client_secret_post',
      '  require_pkce: false',
      '```',
    ].join('\n'),
  )
  const right = {
    redirect_uris: ['https://rota.example.org/app/auth/back'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_post',
    require_pkce: false,
    id_token_claims: false,
    application_type: 'web',
  }

  test.each<[what: string, changes: object, needs: object[]]>([
    ['nothing', {}, []],
    ['more than it needs', { id_token_claims: true, grant_types: [...right.grant_types, 'client_credentials'] }, []],
    [
      'another way',
      { token_endpoint_auth_method: 'client_secret_basic' },
      [{ field: 'token_endpoint_auth_method', to: 'client_secret_post' }],
    ],
    ['PKCE', { require_pkce: true }, [{ field: 'require_pkce', to: false }]],
    ['a grant', { grant_types: ['authorization_code'] }, [{ field: 'grant_types', to: ['refresh_token'] }]],
    [
      'the address of the library, where the application is',
      { redirect_uris: ['https://rota.example.org/callback'] },
      [{ field: 'redirect_uris', to: ['https://rota.example.org/auth/back'] }],
    ],
  ])('%s', (_what, changes, needs) => expect(needsOf(page, { ...right, ...changes })).toEqual(needs))

  test.each<[address: string | undefined, base: string]>([
    ['https://rota.example.org/app/auth/back', 'https://rota.example.org/app'],
    ['https://rota.example.org:8443/elsewhere', 'https://rota.example.org:8443'],
    [undefined, APPLICATION],
  ])('an application that is answered at %s is at %s', (address, base) => {
    expect(baseOf(page, { redirect_uris: address === undefined ? [] : [address] })).toBe(base)
  })
})
