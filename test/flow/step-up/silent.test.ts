/** Requests that may show no page, the campaign's offer, and how a step-up ends without a code for the application. */
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { ACR, answer, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { asked } from '../../support/people/asked-people.ts'
import { PASSWORD, text } from '../../support/people/second-factor.ts'
import {
  ask,
  due,
  type Outcome,
  reopen,
  type Someone,
  type Starts,
  somebody,
  startsOf,
} from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(() =>
  world({
    settings: {
      twoStep: {
        campaign: {
          organizations: {
            Offered: { start: '2020-01-01', deadline: '2099-01-01' },
            Required: { start: '2020-01-01', deadline: '2020-02-01' },
          },
        },
      },
    },
  }),
)
const house = forAllTests(() => relyingParty(here, 'house'))
const strict = forAllTests(() => relyingParty(here, 'strict'))
const starts = forAllTests(() => startsOf(here.app, house))
clockOfEachTest()

const UNMET = 'unmet_authentication_requirements'
const demand = (acr: string) => ({ claims: JSON.stringify({ id_token: { acr: { essential: true, value: acr } } }) })

describe('prompt=none', () => {
  type Row = [start: keyof Starts, client: 'house' | 'strict', asked: Record<string, string>, expected: Outcome]
  test.each<Row>([
    ['stranger', 'house', {}, { pages: [], error: 'login_required' }],
    ['password', 'house', {}, { pages: [], acr: ACR.password }],
    ['password', 'house', { acr_values: ACR.mfa }, { pages: [], error: 'interaction_required' }],
    ['password', 'strict', {}, { pages: [], error: 'interaction_required' }],
    ['password', 'house', demand('phr'), { pages: [], error: 'interaction_required' }],
    ['password', 'house', demand('phrh'), { pages: [], error: UNMET }],
    ['password', 'house', { max_age: '60' }, { pages: [], error: 'login_required' }],
    ['knownDevice', 'house', {}, { pages: [], acr: 'urn:sigma:acr:known-device' }],
    ['knownDevice', 'house', { acr_values: ACR.mfa }, { pages: [], error: 'interaction_required' }],
    ['knownDevice', 'house', { max_age: '3600' }, { pages: [], error: 'interaction_required' }],
    ['knownDevice', 'strict', {}, { pages: [], error: 'interaction_required' }],
    ['mfa', 'strict', {}, { pages: [], acr: ACR.mfa }],
    ['mfa', 'strict', demand(ACR.refedsMfa), { pages: [], acr: ACR.refedsMfa }],
  ])('%s at %s, with %j', async (start, client, asked, expected) => {
    const who = await starts[start]()
    pass(2 * MINUTE)
    const told = await ask(who, client === 'house' ? house : strict, { ...asked, prompt: 'none' })
    expect(told).toMatchObject(expected)
  })

  test('an offer that can wait is no reason to fail, and is not taken for refused', async () => {
    const who = await somebody(here.app, 'Offered')
    await house.open(who.browser, {}, who.email)
    expect(due(who.browser)).toBe('offer')
    expect(await ask(who, house, { prompt: 'none' })).toMatchObject({ pages: [], acr: ACR.password })
    expect((await ask(who, house)).pages).toEqual(['offer'])
    expect((await ask(who, house)).pages).toEqual([])
  })

  test('past the deadline it is', async () => {
    const who = await somebody(here.app, 'Required')
    await house.open(who.browser, {}, who.email)
    expect(due(who.browser)).toBe('enroll')
    expect(await ask(who, house, { prompt: 'none' })).toEqual({ pages: [], error: 'interaction_required' })
  })
})

describe('who has nothing set up', () => {
  test('during the campaign: an application that asks for mfa leaves no room for later', async () => {
    const who = await somebody(here.app, 'Offered')
    expect((await ask(who, house)).pages).toEqual(['password', 'offer'])
    await house.open(who.browser, { acr_values: ACR.mfa })
    expect(text(who.browser.page)).not.toContain('Remind me later')
    await who.browser.post(`${who.browser.page.url}/enroll`, { ...who.browser.forms()[0]?.fields, step: 'later' })
    expect(due(who.browser)).toBe('enroll')
    expect(await ask(who, house, { acr_values: ACR.mfa })).toMatchObject({ pages: ['enroll'], acr: ACR.mfa })
  })

  test('past the deadline the wizard comes up once, whatever is asked, and mfa is there in the same request', async () => {
    const who = await somebody(here.app, 'Required')
    expect(await ask(who, house)).toMatchObject({ pages: ['password', 'enroll'], acr: ACR.mfa })
    reopen(who)
    expect((await ask(who, house)).pages).toEqual(['password', 'code'])
  })
})

describe('Cancel goes back to the application with access_denied', () => {
  async function cancel(who: Someone, parameters: Record<string, string>): Promise<string[]> {
    const page = due(who.browser)
    await house.open(who.browser, parameters, who.email)
    const shown = due(who.browser)
    await who.browser.submit({ action: 'cancel' })
    expect([page, answer(who.browser).get('code')]).toEqual([undefined, null])
    return [String(shown), String(answer(who.browser).get('error'))]
  }

  test.each<[keyof Starts, Record<string, string>, string]>([
    ['password', { acr_values: ACR.mfa }, 'enroll'],
    ['knownDevice', { acr_values: ACR.mfa }, 'code'],
    ['enrolled', {}, 'code'],
  ])('%s, with %j', async (start, parameters, screen) => {
    const who = await starts[start]()
    expect(await cancel(who, parameters)).toEqual([screen, 'access_denied'])
    // What was proven before is still there, and nothing more.
    const after = await ask(who, house, { prompt: 'none' })
    expect(after.error ?? after.acr).toBe(
      { password: ACR.password, knownDevice: 'urn:sigma:acr:known-device', enrolled: 'interaction_required' }[
        String(start)
      ],
    )
  })

  test('from the middle of the wizard, nothing half set up is asked for afterwards', async () => {
    const who = await starts.password()
    await house.open(who.browser, { acr_values: ACR.mfa })
    await who.browser.submit({ step: 'enable' })
    await who.browser.submit({ step: 'app:other' })
    await who.browser.submit({ action: 'cancel' })
    expect(answer(who.browser).get('error')).toBe('access_denied')
    reopen(who)
    expect(await ask(who, house)).toMatchObject({ pages: ['password'], acr: ACR.password })
  })
})

describe('ACR-04 never a loop', () => {
  test('everything is ended again and again while somebody signs in: after two rounds there is an error', async () => {
    const { browser, email } = await somebody(here.app)
    const account = await asked(here.app.core.store.durable.people).findAccountByEmail(email)
    await browser.visit((await house.request()).url.href)
    const screens = []
    for (let round = 0; due(browser) === 'password' && round < 5; round += 1) {
      screens.push(due(browser))
      const form = browser.forms()[0]
      const body = new URLSearchParams({ ...form?.fields, email, password: PASSWORD })
      const answered = await browser.request('POST', new URL(form?.action ?? '', browser.page.url).href, body)
      // Between the password and the way back, as if somebody pressed «Sign out everywhere» elsewhere.
      await asked(here.app.core.store.durable.people).setStatus(
        { accountId: account?.id ?? '', from: ['active'], to: 'active' },
        [],
      )
      await browser.visit(answered.headers.get('location') ?? '')
    }
    expect(screens).toEqual(['password', 'password'])
    expect(answer(browser).get('error')).toBe('login_required')
    expect(answer(browser).get('code')).toBeNull()
  })
})
