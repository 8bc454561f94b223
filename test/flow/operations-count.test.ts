/** How often each flow asks the store, exactly: a new query shows here first. Only ever lower a number, or say why not. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { countedStore, total } from '../support/counted-store.ts'
import { Person } from '../support/person.ts'
import {
  ACR,
  EMAIL,
  PASSWORD,
  type RelyingParty,
  relyingParty,
  type Tokens,
  type World,
  world,
} from '../support/relying-party.ts'
import { press } from '../support/second-factor.ts'
import { due, nextCode, oblige, reopen, type Someone, startsOf } from '../support/step-up.ts'

const counted = countedStore()
let all: World
let house: RelyingParty

beforeAll(async () => {
  all = await world({ instrument: counted.instrument })
  house = await relyingParty(all, 'house')
})
afterAll(() => all.stop())

test('one sign-in with a password: 23, of which the counters that stop guessing are 8', async () => {
  const sanne = new Person()
  const { url } = await house.request()
  expect(await counted.during(() => sanne.visit(url.href))).toEqual({
    'putArtifact Interaction': 1,
    'findArtifact Interaction': 1,
  })
  const answered = await counted.during(() => sanne.submit({ email: EMAIL, password: PASSWORD }))
  expect(sanne.page.url).toContain('code=')
  expect(answered).toEqual({
    // For the form, for its result, and when the authorization is taken up again.
    'findArtifact Interaction': 3,
    findAccountByEmail: 1,
    spendWindow: 3,
    spendStreak: 1,
    reset: 1,
    refund: 3,
    rememberBrowser: 1,
    appendAudit: 2,
    'putArtifact Interaction': 1,
    'removeArtifact Interaction': 1,
    findAccount: 1,
    'putArtifact Grant': 1,
    'putArtifact AuthorizationCode': 1,
    'putArtifact Session': 1,
  })
  expect(total(answered)).toBe(21)
})

test('a wrong password asks for no more than a right one, and as much for a stranger as for an account', async () => {
  const refused = {
    'findArtifact Interaction': 1,
    findAccountByEmail: 1,
    spendWindow: 3,
    spendStreak: 1,
    // Whether that was the guess that closed the password, which its owner is told.
    count: 1,
    appendAudit: 1,
  }
  for (const email of [EMAIL, 'nobody@sigma.example']) {
    const person = new Person()
    await person.visit((await house.request()).url.href)
    const asked = await counted.during(() => person.submit({ email, password: 'een heel ander wachtwoord' }))
    expect([email, person.page.status, asked]).toEqual([email, 400, refused])
  }
})

test('single sign-on: 6; a code: 8; a refresh: 8; userinfo: 4; discovery and keys: none', async () => {
  const sanne = new Person()
  await house.signIn(sanne)

  const request = await house.request()
  const sso = await counted.during(() => sanne.visit(request.url.href))
  expect(sso).toEqual({
    'findArtifact Session': 1,
    findAccount: 1,
    'findArtifact Grant': 1,
    'putArtifact AuthorizationCode': 1,
    'putArtifact Session': 1,
    appendAudit: 1,
  })

  let tokens: Tokens | undefined
  const code = await counted.during(async () => {
    tokens = await house.redeem(sanne.page.url, request)
  })
  expect(code).toEqual({
    'findArtifact AuthorizationCode': 1,
    'findArtifactByUid Session': 1,
    'findArtifact Grant': 1,
    'consumeArtifact AuthorizationCode': 1,
    findAccount: 1,
    'putArtifact AccessToken': 1,
    'putArtifact RefreshToken': 1,
    appendAudit: 1,
  })

  const refresh = await counted.during(async () => {
    tokens = await house.refresh(tokens?.refresh_token)
  })
  expect(refresh).toEqual({
    'findArtifact RefreshToken': 1,
    'findArtifactByUid Session': 1,
    'findArtifact Grant': 1,
    findAccount: 1,
    'consumeArtifact RefreshToken': 1,
    'putArtifact RefreshToken': 1,
    'putArtifact AccessToken': 1,
    appendAudit: 1,
  })

  const { app } = all
  const headers = { authorization: `Bearer ${tokens?.access_token}` }
  expect(await counted.during(() => fetch(`${app.origin}/me`, { headers }))).toEqual({
    'findArtifact AccessToken': 1,
    'findArtifactByUid Session': 1,
    findAccount: 1,
    'findArtifact Grant': 1,
  })
  const none = await counted.during(async () => {
    await fetch(`${app.origin}/.well-known/openid-configuration`)
    await fetch(`${app.origin}/jwks`)
  })
  expect(none).toEqual({})
})

describe('two-step verification', () => {
  let who: Someone
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    who = await startsOf(all.app, house).enrolled()
  })
  afterAll(() => void vi.useRealTimers())

  async function shown(parameters: Record<string, string> = {}): Promise<void> {
    const { url } = await house.request(parameters)
    await who.browser.visit(url.href)
  }

  /** The code's page: what the person can use, and whether this session proved anything before. */
  const codePage = { listAuthenticators: 3, findBackupCode: 2, 'findArtifactByUid Session': 1 }
  const codeAnswered = {
    'findArtifact Interaction': 3,
    'findArtifactByUid Session': 2,
    'findArtifact Session': 1,
    findAccount: 2,
    // Which ways there are, for the page and for the answer; the app itself; and the policy, once the code was right.
    listAuthenticators: 5,
    findBackupCode: 2,
    spendWindow: 1,
    spendStreak: 1,
    advanceStep: 1,
    reset: 1,
    refund: 1,
    appendAudit: 2,
    'putArtifact Interaction': 1,
    'removeArtifact Interaction': 1,
    'findArtifact Grant': 1,
    'putArtifact AuthorizationCode': 1,
    'putArtifact Session': 1,
    'removeArtifact Session': 1,
  }
  const passwordAnswered = {
    findAccountByEmail: 1,
    isKnownBrowser: 1,
    spendStreak: 1,
    reset: 1,
    rememberBrowser: 1,
    'removeArtifact Interaction': 1,
    'putArtifact Grant': 1,
    'putArtifact Session': 1,
  }

  test('a sign-in with a code: 23 for the password and the page after it, 28 for the code', async () => {
    await shown()
    expect(due(who.browser)).toBe('password')
    const password = await counted.during(() => oblige(who))
    expect(due(who.browser)).toBe('code')
    expect(password).toEqual({
      ...passwordAnswered,
      ...codePage,
      'findArtifact Interaction': 4,
      'putArtifact Interaction': 2,
      findAccount: 2,
      appendAudit: 1,
    })
    const code = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(code).toEqual(codeAnswered)
    expect([total(password), total(code)]).toEqual([23, 28])
  })

  test('a remembered device: 2 more than a password alone, and 2 for what the person has set up', async () => {
    await house.open(who.browser, { prompt: 'login' }, who.email)
    await press(who.browser, 'verify', { code: nextCode(who), remember: 'yes' })
    reopen(who)
    await shown()
    const known = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(known).toEqual({
      ...passwordAnswered,
      'findArtifact Interaction': 3,
      'putArtifact Interaction': 1,
      findAccount: 1,
      findDevice: 1,
      rotateDevice: 1,
      listAuthenticators: 1,
      findBackupCode: 1,
      'putArtifact AuthorizationCode': 1,
      appendAudit: 2,
    })
  })

  test('a step-up: 13 for its page, 28 for the code', async () => {
    const page = await counted.during(() => shown({ acr_values: ACR.mfa }))
    expect(due(who.browser)).toBe('code')
    expect(page).toEqual({
      ...codePage,
      'findArtifact Session': 1,
      findAccount: 2,
      'findArtifact Grant': 1,
      'putArtifact Interaction': 1,
      'putArtifact Session': 1,
      'findArtifact Interaction': 1,
    })
    const code = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(code).toEqual(codeAnswered)
    expect([total(page), total(code)]).toEqual([13, 28])
  })

  test('single sign-on of somebody who has an app: 8, for what they have set up is asked for', async () => {
    const sso = await counted.during(() => shown({ acr_values: ACR.mfa }))
    expect(sso).toEqual({
      'findArtifact Session': 1,
      findAccount: 1,
      'findArtifact Grant': 1,
      listAuthenticators: 1,
      findBackupCode: 1,
      'putArtifact AuthorizationCode': 1,
      appendAudit: 1,
      'putArtifact Session': 1,
    })
  })
})
