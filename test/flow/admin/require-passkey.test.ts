/** Administration that takes a passkey (`admin.require`): the floor of its own client, at its door and behind it. */
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { passkeyOf, use } from '../../support/people/passkey.ts'
import { ask, due, nextCode, oblige, obligeAll, reopen, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()
const here = forAllTests(() => world({ settings: { admin: { require: 'phishingResistant' } } }))

/** Of the help desk, with an app, in a browser without a session. */
async function helper() {
  const who = await somebody(here.app, 'Bakkerij', ['help-desk'])
  await ask(who, await relyingParty(here, 'strict'))
  reopen(who)
  pass(MINUTE)
  return who
}

test.each([
  [true, ['password']],
  [false, ['password', 'passkey']],
])('whoever has one comes in with it (alone: %s)', async (alone, pages) => {
  const who = await helper()
  const key = await passkeyOf(here.app, who.email)
  await who.browser.visit(`${here.app.origin}/admin`)
  expect(await obligeAll({ ...who, passkey: { key, alone } })).toEqual(pages)
  expect([who.browser.page.status, new URL(who.browser.page.url).pathname]).toEqual([200, '/admin'])
})

test('a code is not asked for, and not taken', async () => {
  const who = await helper()
  const key = await passkeyOf(here.app, who.email)
  const { browser } = who
  await browser.visit(`${here.app.origin}/admin`)
  await oblige(who)
  const there = browser.page.url
  await browser.visit(`${there}/challenge/totp`)
  expect(due(browser)).toBe('passkey')
  await browser.post(`${new URL(there).pathname}/challenge/totp`, {
    ...browser.forms()[0]?.fields,
    code: nextCode(who),
  })
  expect(due(browser)).toBe('passkey')
  await use(browser, key)
  expect(new URL(browser.page.url).pathname).toBe('/admin')
})

test('of whoever came in elsewhere with a code the passkey is asked for', async () => {
  const who = await helper()
  await ask(who, await relyingParty(here, 'strict'))
  const key = await passkeyOf(here.app, who.email)
  await who.browser.visit(`${here.app.origin}/admin`)
  expect(await obligeAll({ ...who, passkey: { key, alone: false } })).toEqual(['passkey'])
  expect(new URL(who.browser.page.url).pathname).toBe('/admin')
})
