/** How often the second step and the security settings ask the store, exactly: a new query shows here first. */
import { beforeAll, describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { countedStore, total } from '../../support/app/counted-store.ts'
import { ACR, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { press } from '../../support/people/second-factor.ts'
import { due, nextCode, oblige, reopen, type Someone, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const counted = countedStore()

const all = forAllTests(() => world({ instrument: counted.instrument }))
const house = forAllTests(() => relyingParty(all, 'house'))

describe('two-step verification', () => {
  let who: Someone
  clockOfAllTests()
  beforeAll(async () => {
    who = await startsOf(all.app, house).enrolled()
  })

  async function shown(parameters: Record<string, string> = {}): Promise<void> {
    const { url } = await house.request(parameters)
    await who.browser.visit(url.href)
  }

  /**
   * The code's page: what the person can use, whether this session proved anything before, and whether it is still the
   * one that the sitting began in.
   */
  const codePage = {
    // The session, together with the sitting.
    findArtifacts: 1,
  }
  const codeAnswered = {
    // Sitting and session, when the answer comes, and when the authorization is taken up again.
    findArtifacts: 2,
    // Once for each of the two requests: when the code is looked at, and for the policy, once it was right.
    'people.find': 2,
    spendBoth: 1,
    // Moves the step of the app on.
    'people.change': 1,
    reset: 1,
    refund: 1,
    appendAudit: 2,
    'replaceArtifact Interaction': 1,
    'takeArtifact Interaction': 1,
    'findArtifact Grant': 1,
    'putArtifact AuthorizationCode': 1,
    // Under its new id, in the place of the old one.
    'renameArtifact Session': 1,
  }
  const passwordAnswered = {
    'people.findBy': 1,
    spendStreak: 1,
    reset: 1,
    'takeArtifact Interaction': 1,
    'putArtifact Grant': 1,
    'replaceArtifact Session': 1,
  }

  test('a sign-in with a code: 15 for the password and the page after it, 15 for the code', async () => {
    await shown()
    expect(due(who.browser)).toBe('password')
    const password = await counted.during(() => oblige(who))
    expect(due(who.browser)).toBe('code')
    expect(password).toEqual({
      ...passwordAnswered,
      ...codePage,
      'findArtifact Interaction': 2,
      'putArtifact Interaction': 1,
      'replaceArtifact Interaction': 1,
      // Once for each of the two requests after the browser is remembered anew.
      'people.find': 2,
      'people.change': 1,
      appendAudit: 1,
    })
    const code = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(code).toEqual(codeAnswered)
    expect([total(password), total(code)]).toEqual([15, 15])
  })

  test('a remembered device: 1 change more than a password alone, and what the person has set up is read with the person', async () => {
    await house.open(who.browser, { prompt: 'login' }, who.email)
    await press(who.browser, 'verify', { code: nextCode(who), remember: 'yes' })
    reopen(who)
    await shown()
    const known = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(known).toEqual({
      ...passwordAnswered,
      'findArtifact Interaction': 2,
      'replaceArtifact Interaction': 1,
      'people.find': 2,
      // The browser is remembered anew, and the device gets its next token.
      'people.change': 2,
      'putArtifact AuthorizationCode': 1,
      appendAudit: 2,
    })
  })

  test('a step-up: 7 for its page, 15 for the code', async () => {
    const page = await counted.during(() => shown({ acr_values: ACR.mfa }))
    expect(due(who.browser)).toBe('code')
    expect(page).toEqual({
      ...codePage,
      'findArtifact Session': 1,
      'people.find': 2,
      'findArtifact Grant': 1,
      'putArtifact Interaction': 1,
      'replaceArtifact Session': 1,
    })
    const code = await counted.during(() => oblige(who))
    expect(who.browser.page.url).toContain('code=')
    expect(code).toEqual(codeAnswered)
    expect([total(page), total(code)]).toEqual([7, 15])
  })

  test('single sign-on of somebody who has an app: 6, as of anybody', async () => {
    const sso = await counted.during(() => shown({ acr_values: ACR.mfa }))
    expect(sso).toEqual({
      'findArtifact Session': 1,
      'people.find': 1,
      'findArtifact Grant': 1,
      'putArtifact AuthorizationCode': 1,
      appendAudit: 1,
      'replaceArtifact Session': 1,
    })
  })
})

describe('the security settings', () => {
  let who: Someone
  clockOfAllTests()
  beforeAll(async () => {
    who = await startsOf(all.app, house).mfa()
    await visit('/account')
  })

  const visit = (path: string) => who.browser.visit(all.app.origin + path)

  /** At the door: the session, whose it is, what they have; and whether use of the page has to keep the session alive. */
  const door = {
    'findArtifact Session': 2,
    'people.find': 1,
  }
  const overview = {
    ...door,
    // Whose the sessions are that are shown.
    'people.find': 2,
    'listArtifactsByAccount Session': 1,
    'listArtifactsByAccount Grant': 1,
    listAudit: 1,
  }

  test('the overview: 7, whatever there is', async () => {
    const seen = await counted.during(() => visit('/account'))
    expect(seen).toEqual(overview)
    expect(total(seen)).toBe(7)
  })

  test('a change: 3 for its page, 6 for the form, and the overview again', async () => {
    expect(await counted.during(() => visit('/account/language'))).toEqual(door)
    const changed = await counted.during(() => who.browser.submit({ locale: 'nl' }))
    expect(who.browser.page.url).toBe(`${all.app.origin}/account`)
    expect(changed).toEqual({
      ...overview,
      // The door twice: before its turn and, since whatever came before may have ended the session, in its turn.
      'findArtifact Session': 4,
      'people.find': 4,
      'people.change': 1,
      appendAudit: 1,
    })
    expect(total(changed) - total(overview)).toBe(6)
  })
})
