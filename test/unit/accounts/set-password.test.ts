/** Setting a password with a mailed link: who hears of it, and what it opens again. The rest is in the flows. */

import { expect, test, vi } from 'vitest'
import { addressCodeLane } from '../../../src/accounts/address-code.ts'
import { strangersLane } from '../../../src/accounts/login.ts'
import { settingsLane } from '../../../src/accounts/own-password.ts'
import { setPassword } from '../../../src/accounts/set-password.ts'
import { digest } from '../../../src/lib/crypto.ts'
import { asked } from '../../support/people/asked-people.ts'
import { forEachTest } from '../../support/runner/made.ts'
import { accountParts, SOURCE, told } from '../../support/unit/account-parts.ts'

const EMAIL = 'sanne@sigma.example'

const parts = forEachTest(accountParts)
const sanne = forEachTest(() => parts.person(EMAIL, { noticeEmail: 'sanne@home.example' }))

/** The token of the newest mailed link. */
async function token(): Promise<string> {
  const mail = (await parts.mails()).findLast(({ data }) => data.link)
  return String(mail?.data.link).replace(/.*\//, '')
}

const NEW = { password: 'groene fietsen langs zee', repeat: 'groene fietsen langs zee', source: SOURCE }

test('G-08: a reset is told to every known address, not only to the one that carried the link', async () => {
  await parts.links.request(EMAIL, SOURCE)
  const mailed = await token()
  expect(await setPassword(parts).set({ ...NEW, token: mailed, purpose: 'reset' })).toMatchObject({ ok: true })
  expect(told(await parts.mails())).toEqual(['password-changed sanne@home.example', `password-changed ${EMAIL}`])
  expect(parts.ended).toEqual([sanne.id])
})

test('an activation is not told', async () => {
  await parts.links.invite({ email: 'eva@sigma.example', name: 'Eva', locale: 'nl' })
  const mailed = await token()
  expect(await setPassword(parts).set({ ...NEW, token: mailed, purpose: 'activation' })).toMatchObject({ ok: true })
  expect(await parts.mails()).toEqual([])
})

test('THR-06: makes the browser known that the link was opened in, beside what it is known for, and no other', async () => {
  const others = 'A'.repeat(43)
  const { passwordHash = '' } = sanne
  await asked(parts.store.people).rememberBrowser(digest(others), sanne.id, passwordHash, parts.now() + 1)
  await parts.links.request(EMAIL, SOURCE)
  const set = await setPassword(parts).set({ ...NEW, token: await token(), purpose: 'reset', browser: others })
  const tokens = set.ok ? set.browser.split('.') : []
  expect(tokens).toEqual([expect.stringMatching(/^[\w-]{43}$/), others])
  const known = tokens.map((one) => asked(parts.store.people).isKnownBrowser(digest(one), sanne.id, parts.now()))
  expect(await Promise.all(known)).toEqual([true, false])
})

test('opens what wrong passwords and codes had closed', async () => {
  const lanes = [strangersLane(sanne.id), settingsLane(sanne.id), addressCodeLane(sanne.id)]
  for (const lane of lanes) await parts.throttle.streak(lane, { free: 1, cap: 1 })
  await parts.links.request(EMAIL, SOURCE)
  await setPassword(parts).set({ ...NEW, token: await token(), purpose: 'reset' })
  for (const lane of lanes) expect(await parts.throttle.count(lane)).toBe(0)
})

test.each([
  ['no password', ''],
  ['a weak one', 'kort'],
  ['a good one', NEW.password],
])('a link of another purpose is dead before %s is judged or hashed, and stays good', async (_what, password) => {
  await parts.links.request(EMAIL, SOURCE)
  const typed = { token: await token(), password, repeat: password, source: SOURCE }
  const hash = vi.spyOn(parts.hasher, 'hash')
  const set = setPassword(parts).set
  expect(await set({ ...typed, purpose: 'activation' })).toEqual({ ok: false, reason: 'dead-link' })
  expect(hash).not.toHaveBeenCalled()
  expect(await set({ ...NEW, token: typed.token, purpose: 'reset' })).toMatchObject({ ok: true })
})
