/** How often each flow asks the store, exactly: a new query shows here first. Only ever lower a number, or say why not. */
import { expect, test } from 'vitest'
import { countedStore, total } from '../../support/app/counted-store.ts'
import { EMAIL, PASSWORD, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const counted = countedStore()

const all = forAllTests(() => world({ instrument: counted.instrument }))
const house = forAllTests(() => relyingParty(all, 'house'))

test('one sign-in with a password: 17, of which the counters that stop guessing are 3', async () => {
  const sanne = new Person()
  const { url } = await house.request()
  expect(await counted.during(() => sanne.visit(url.href))).toEqual({
    'putArtifact Interaction': 1,
    'findArtifact Interaction': 1,
  })
  const answered = await counted.during(() => sanne.submit({ email: EMAIL, password: PASSWORD }))
  expect(sanne.page.url).toContain('code=')
  expect(answered).toEqual({
    // For the form, and when the authorization is taken up again.
    'findArtifact Interaction': 2,
    'people.findBy': 1,
    // What failed where it comes from is only looked at: a right password is no failure.
    peekWindows: 1,
    spendStreak: 1,
    reset: 1,
    'people.change': 1,
    appendAudit: 2,
    'replaceArtifact Interaction': 1,
    'takeArtifact Interaction': 1,
    'people.find': 1,
    'putArtifact Grant': 1,
    'putArtifact AuthorizationCode': 1,
    'replaceArtifact Session': 1,
  })
  expect(total(answered)).toBe(15)
})

test('a wrong password asks for no more than a right one, and as much for a stranger as for an account', async () => {
  const refused = {
    'findArtifact Interaction': 1,
    'people.findBy': 1,
    peekWindows: 1,
    spendStreak: 1,
    spendWindow: 3,
    appendAudit: 1,
  }
  for (const email of [EMAIL, 'nobody@sigma.example']) {
    const person = new Person()
    await person.visit((await house.request()).url.href)
    const asked = await counted.during(() => person.submit({ email, password: 'een heel ander wachtwoord' }))
    expect([email, person.page.status, asked]).toEqual([email, 400, refused])
  }
})

test('single sign-on: 6; a code: 6, for the trail tells how many; a refresh: 7; userinfo: 3; discovery and keys: none', async () => {
  const sanne = new Person()
  await house.signIn(sanne)

  const request = await house.request()
  const sso = await counted.during(() => sanne.visit(request.url.href))
  expect(sso).toEqual({
    'findArtifact Session': 1,
    'people.find': 1,
    'findArtifact Grant': 1,
    'putArtifact AuthorizationCode': 1,
    'replaceArtifact Session': 1,
    appendAudit: 1,
  })

  let tokens: Tokens | undefined
  const code = await counted.during(async () => {
    tokens = await house.redeem(sanne.page.url, request)
  })
  expect(code).toEqual({
    'findArtifact AuthorizationCode': 1,
    // The session that it ends with, and the grant.
    findArtifacts: 1,
    'consumeArtifact AuthorizationCode': 1,
    'people.find': 1,
    'putArtifact AccessToken': 1,
    'putArtifact RefreshToken': 1,
  })

  const refresh = await counted.during(async () => {
    tokens = await house.refresh(tokens?.refresh_token)
  })
  expect(refresh).toEqual({
    'findArtifact RefreshToken': 1,
    // The session that it ends with, and the grant.
    findArtifacts: 1,
    'people.find': 1,
    'consumeArtifact RefreshToken': 1,
    'putArtifact RefreshToken': 1,
    'putArtifact AccessToken': 1,
    appendAudit: 1,
  })

  const { app } = all
  const headers = { authorization: `Bearer ${tokens?.access_token}` }
  expect(await counted.during(() => fetch(`${app.origin}/me`, { headers }))).toEqual({
    'findArtifact AccessToken': 1,
    findArtifacts: 1,
    'people.find': 1,
  })
  const none = await counted.during(async () => {
    await fetch(`${app.origin}/.well-known/openid-configuration`)
    await fetch(`${app.origin}/jwks`)
  })
  expect(none).toEqual({})
})
