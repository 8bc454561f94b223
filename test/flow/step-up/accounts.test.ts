/** What one person has proven never counts for another, whoever they are to each other. */
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { ACR, answer, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { ask, due, oblige, obligeAll, outcome, type Someone, startsOf } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const here = forAllTests(world)
const house = forAllTests(() => relyingParty(here, 'house'))
const starts = forAllTests(() => startsOf(here.app, house))
clockOfEachTest()

/** Another person in the browser of the first. */
function inBrowserOf({ browser }: Someone, who: Someone): Someone {
  return { ...who, browser }
}

test('ACR-06 another account in a step-up proves everything itself, and is another session', async () => {
  const anna = await starts.mfa()
  const joris = inBrowserOf(anna, await starts.enrolled())
  pass(MINUTE)
  const before = await house.signIn(anna.browser)
  const request = await house.request({ prompt: 'select_account', acr_values: ACR.mfa })
  await anna.browser.visit(request.url.href)
  await anna.browser.submit({ action: 'other' })
  expect(await obligeAll(joris)).toEqual(['password', 'code'])
  const { tokens } = await outcome(joris, house, request)
  expect(tokens?.claims()?.sub).not.toBe(before.claims()?.sub)
  expect(tokens?.claims()?.sid).not.toBe(before.claims()?.sid)
})

test('ACR-06 another account in a step-up, nothing set up: the wizard, not the proof of the first', async () => {
  const anna = await starts.mfa()
  const joris = inBrowserOf(anna, await starts.stranger())
  pass(MINUTE)
  const request = await house.request({ prompt: 'login', acr_values: ACR.mfa })
  await anna.browser.visit(request.url.href)
  expect(await obligeAll(joris)).toEqual(['password', 'enroll'])
})

test('ACR-06 a remembered device of the first person saves the second nothing', async () => {
  const anna = await starts.knownDevice()
  const joris = inBrowserOf(anna, await starts.enrolled())
  expect((await ask(joris, house, { prompt: 'login' })).pages).toEqual(['password', 'code'])
})

test('ACR-06 two passwords within one request: the device of the first person does not open the account of the second', async () => {
  // A hint at a third person has the page for the password come up again, whoever answers it.
  const hinted = await starts.password()
  const id_token_hint = (await house.signIn(hinted.browser)).id_token ?? ''
  const thief = await starts.knownDevice()
  const victim = inBrowserOf(thief, await starts.enrolled())
  const request = await house.request({ id_token_hint })
  await thief.browser.visit(request.url.href)
  expect(due(thief.browser)).toBe('password')
  await oblige(thief)
  expect(due(thief.browser)).toBe('password')
  await oblige(victim)
  expect(answer(victim.browser).get('code')).toBeNull()
  // What the session of the victim is worth shows at the next request.
  const next = await house.request()
  await victim.browser.visit(next.url.href)
  expect(due(victim.browser)).toBe('code')
})
