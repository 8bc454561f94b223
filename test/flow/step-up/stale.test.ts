/** A session that somebody finds open: what it may set up, and what it may not (SECURITY SES-05). */
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { ACR, answer, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { ask, due, oblige, reopen, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const starts = forAllTests(() => startsOf(here.app, house))
clockOfEachTest()

test('ten minutes after the password, setting up a first factor asks for it again', async () => {
  const soon = await starts.password()
  pass(9 * MINUTE)
  expect((await ask(soon, house, { acr_values: ACR.mfa })).pages).toEqual(['enroll'])

  const found = await starts.password()
  pass(11 * MINUTE)
  await house.open(found.browser, { acr_values: ACR.mfa, prompt: 'none' })
  expect(answer(found.browser).get('error')).toBe('login_required')
  expect(await ask(found, house, { acr_values: ACR.mfa })).toMatchObject({
    pages: ['password', 'enroll'],
    acr: ACR.mfa,
  })
})

test('single sign-on goes on asking for nothing', async () => {
  const who = await starts.password()
  pass(50 * MINUTE)
  expect(await ask(who, house)).toMatchObject({ pages: [], acr: ACR.password })
})

test('a device is remembered within a sign-in only, whatever a step-up posts', async () => {
  const who = await starts.mfa()
  pass(6 * MINUTE)
  const sensitive = await relyingParty(here, 'sensitive')
  await who.browser.visit((await sensitive.request()).url.href)
  expect(due(who.browser)).toBe('code')
  const submit = who.browser.submit.bind(who.browser)
  who.browser.submit = (fields = {}, which = 0) => submit({ ...fields, remember: 'yes' }, which)
  await oblige(who)
  expect(who.browser.cookie('sigma-device')).toBeUndefined()
  who.browser.submit = submit
  reopen(who)
  pass(MINUTE)
  expect((await ask(who, house)).pages).toEqual(['password', 'code'])
})
