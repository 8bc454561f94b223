/** What applications learn about a person: by which scope, and in which of the tokens. */
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import { HASHES } from '../../support/foreign/foreign.ts'
import { record } from '../../support/oidc/client-records.ts'
import {
  activate,
  answer,
  asksPassword,
  EMAIL,
  type RelyingParty,
  relyingParty,
  type Tokens,
  world,
} from '../../support/oidc/relying-party.ts'
import { bringIn, fileOf, line, run } from '../../support/people/imports.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const BEA = 'bea@sigma.example'
const ALL = 'openid profile email organization organization_id groups roles'

let shown: RelyingParty
const bea = new Person()

const here = forAllTests(() =>
  world({
    more: [record('shown', { scope: ALL, id_token_claims: true })],
    settings: { imported: { passwords: 'keep' } },
  }),
)
beforeAll(async () => {
  const roles = ['auditor', 'help-desk']
  await activate(here.app, BEA, 'Bea de Boer', { givenName: 'Bea', familyName: 'de Boer', locale: 'nl', roles })
  shown = await relyingParty(here, 'shown')
  await shown.open(bea, {}, BEA)
})

const EVERYTHING = {
  name: 'Bea de Boer',
  given_name: 'Bea',
  family_name: 'de Boer',
  preferred_username: BEA,
  locale: 'nl',
  email: BEA,
  email_verified: true,
  organization: 'Bakkerij',
  organization_id: expect.stringMatching(/^[\w-]{36}$/),
  groups: ['Bakkerij'],
  roles: ['auditor', 'help-desk'],
}

/** What the ID token says about the person, leaving out what it says about itself. */
function told(tokens: Tokens): Record<string, unknown> {
  const claims = Object.entries(tokens.claims() ?? {})
  return Object.fromEntries(claims.filter(([name]) => Object.hasOwn(EVERYTHING, name)))
}

async function userinfo(party: RelyingParty, tokens: Tokens): Promise<Record<string, unknown>> {
  const { sub: _, ...said } = await oidc.fetchUserInfo(party.config, tokens.access_token, tokens.claims()?.sub ?? '')
  return said
}

test('every scope gives what it is for: names where they were told apart, groups and roles where the record names them', async () => {
  const tokens = await shown.signIn(bea, { scope: ALL })
  expect(await userinfo(shown, tokens)).toEqual(EVERYTHING)
})

test('an ID token says what userinfo says where the record wants it so, and no more than was asked for', async () => {
  const tokens = await shown.signIn(bea, { scope: ALL })
  expect(told(tokens)).toEqual(EVERYTHING)
  const refreshed = await shown.refresh(tokens.refresh_token)
  expect(told(refreshed)).toEqual(EVERYTHING)
  expect(told(await shown.signIn(bea, { scope: 'openid organization' }))).toEqual({ organization: 'Bakkerij' })
  const narrowed = await shown.refresh(refreshed.refresh_token, { scope: 'openid roles' })
  expect(told(narrowed)).toEqual({ roles: EVERYTHING.roles })
  expect(await userinfo(shown, narrowed)).toEqual({ roles: EVERYTHING.roles })
})

test('the ID tokens of every other application say who signed in, and userinfo the rest', async () => {
  const house = await relyingParty(here, 'house')
  const tokens = await house.signIn(bea, { scope: 'openid profile email' })
  expect(told(tokens)).toEqual({})
  expect(await userinfo(house, tokens)).toMatchObject({ given_name: 'Bea', email: BEA })
})

test('whoever was brought along keeps the sub of before, of another provider of Keycloak too', async () => {
  const sub = `f:8ff9e230-faa0-463c-b7a9-62d5b63e6a98:${'jan.de-vries_'.repeat(16)}`.slice(0, 255)
  const email = 'jan@oud.example'
  const [old] = HASHES
  const file = fileOf(here.app.folder, 'people.jsonl', [
    line(1, { external_id: sub, id: sub, email, password: old?.hash }),
  ])
  expect(await bringIn(here.app.core, { file })).toMatchObject({ written: 1 })
  const jan = new Person()
  const request = await shown.request({ scope: ALL })
  await jan.visit(request.url.href)
  await jan.submit({ email, password: old?.password ?? '' })
  const tokens = await shown.redeem(jan.page.url, request)
  expect(tokens.claims()?.sub).toBe(sub)
  expect((await oidc.fetchUserInfo(shown.config, tokens.access_token, sub)).email).toBe(email)
  expect(await run(here.app.core, 'person:show', { person: sub })).toMatchObject({ id: sub })
  await run(here.app.core, 'person:sign-out', { person: sub })
  await jan.visit((await shown.request()).url.href)
  expect(asksPassword(jan)).toBe(true)
})

test('the name to sign in by is the address, so it is told with the address only', async () => {
  const said = await userinfo(shown, await shown.signIn(bea, { scope: 'openid profile' }))
  expect(said).toEqual({ name: 'Bea de Boer', given_name: 'Bea', family_name: 'de Boer', locale: 'nl' })
})

test.each(['organization_id', 'groups', 'roles'])('%s are for applications whose record names them', async (scope) => {
  const house = await relyingParty(here, 'house')
  await house.open(bea, { scope: `openid ${scope}` }, BEA)
  expect(answer(bea).get('error')).toBe('invalid_scope')
})

test('one name stays one name, and who has no role has none', async () => {
  const sanne = new Person()
  const said = await userinfo(shown, await shown.signIn(sanne, { scope: ALL }))
  expect(said).toMatchObject({ name: 'Sanne de Vries', preferred_username: EMAIL, roles: [] })
  expect(Object.keys(said)).not.toContain('given_name')
  expect(Object.keys(said)).not.toContain('family_name')
})
