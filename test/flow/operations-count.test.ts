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
/**
 * Whoever finds a session also looks whether it was ended: a request that was under way when that happened may have
 * written it back.
 */
const ended = (times: number) => ({ 'findArtifact EndedSession': times })
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

test('single sign-on: 7; a code: 9; a refresh: 9; userinfo: 5; discovery and keys: none', async () => {
  const sanne = new Person()
  await house.signIn(sanne)

  const request = await house.request()
  const sso = await counted.during(() => sanne.visit(request.url.href))
  expect(sso).toEqual({
    ...ended(1),
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
    ...ended(1),
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
    ...ended(1),
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
    ...ended(1),
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

  /**
   * The code's page: what the person can use, whether this session proved anything before, and whether it is still the
   * one that the sitting began in.
   */
  const codePage = {
    ...ended(2),
    listAuthenticators: 3,
    findBackupCode: 2,
    'findArtifact Session': 1,
    'findArtifactByUid Session': 1,
  }
  const codeAnswered = {
    ...ended(4),
    'findArtifact Interaction': 3,
    'findArtifactByUid Session': 2,
    // When the answer comes, and when the authorization is taken up again.
    'findArtifact Session': 2,
    findAccount: 3,
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

  test('a sign-in with a code: 27 for the password and the page after it, 34 for the code', async () => {
    await shown()
    expect(due(who.browser)).toBe('password')
    const password = await counted.during(() => oblige(who))
    expect(due(who.browser)).toBe('code')
    expect(password).toEqual({
      ...passwordAnswered,
      ...codePage,
      'findArtifact Interaction': 4,
      'putArtifact Interaction': 2,
      findAccount: 3,
      appendAudit: 1,
    })
    const code = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(code).toEqual(codeAnswered)
    expect([total(password), total(code)]).toEqual([27, 34])
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

  test('a step-up: 18 for its page, 34 for the code', async () => {
    const page = await counted.during(() => shown({ acr_values: ACR.mfa }))
    expect(due(who.browser)).toBe('code')
    expect(page).toEqual({
      ...codePage,
      ...ended(3),
      'findArtifact Session': 2,
      findAccount: 3,
      'findArtifact Grant': 1,
      'putArtifact Interaction': 1,
      'putArtifact Session': 1,
      'findArtifact Interaction': 1,
    })
    const code = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(code).toEqual(codeAnswered)
    expect([total(page), total(code)]).toEqual([18, 34])
  })

  test('single sign-on of somebody who has an app: 9, for what they have set up is asked for', async () => {
    const sso = await counted.during(() => shown({ acr_values: ACR.mfa }))
    expect(sso).toEqual({
      ...ended(1),
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

describe('the security settings', () => {
  let who: Someone
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    who = await startsOf(all.app, house).mfa()
    await visit('/account')
  })
  afterAll(() => void vi.useRealTimers())

  const visit = (path: string) => who.browser.visit(all.app.origin + path)

  /** At the door: the session, whose it is, what they have; and whether use of the page has to keep the session alive. */
  const door = {
    ...ended(2),
    'findArtifact Session': 2,
    findAccount: 1,
    listAuthenticators: 1,
    findBackupCode: 1,
  }
  const overview = {
    ...door,
    // One more for each session that is shown.
    ...ended(3),
    // Whose the sessions are that are shown.
    findAccount: 2,
    listAuthenticators: 2,
    findBackupCode: 2,
    listDevices: 1,
    'listArtifactsByAccount Session': 1,
    'listArtifactsByAccount Grant': 1,
    listAudit: 1,
  }

  test('the overview: 15, whatever there is, and one for each session', async () => {
    const seen = await counted.during(() => visit('/account'))
    expect(seen).toEqual(overview)
    expect(total(seen)).toBe(15)
  })

  test('a change: 7 for its page, 12 for the form, and the overview again', async () => {
    expect(await counted.during(() => visit('/account/language'))).toEqual(door)
    const changed = await counted.during(() => who.browser.submit({ locale: 'nl' }))
    expect(who.browser.page.url).toBe(`${all.app.origin}/account`)
    expect(changed).toEqual({
      ...overview,
      // The door twice: before its turn and, since whatever came before may have ended the session, in its turn.
      ...ended(5),
      'findArtifact Session': 4,
      findAccount: 4,
      listAuthenticators: 4,
      findBackupCode: 4,
      setLocale: 1,
      appendAudit: 1,
    })
    expect(total(changed) - total(overview)).toBe(12)
  })
})
