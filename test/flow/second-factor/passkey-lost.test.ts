/** Passkeys of somebody whose phone is lost (JOURNEYS J7): what is told, what goes, and what the next browser hears. */
import { expect, test } from 'vitest'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { atTemporary, issueCode } from '../../support/people/desk.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { signalsOn } from '../../support/people/own-passkeys.ts'
import { passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { authorize, codesOf, someVictim, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startTwoStep)
const hanna = forAllTests(() => colleague(app, 'help-desk'))

test('the help desk takes all of them away, and the browser in which the code is used empties its picker', async () => {
  const [sanne, bram] = [await someVictim(app), await someVictim(app)]
  const key = await passkeyOf(app, sanne.email)
  await visit(app, hanna, `/admin/people/${sanne.id}`)
  expect(text(hanna.browser.page)).toMatch(/Passkeys 1\b/)
  expect(hanna.browser.page.html).not.toContain(key.credentialId)

  const code = await issueCode(app, hanna, sanne.email)
  expect((await app.inbox()).map((mail) => mail.text).join()).toContain(
    'Your authenticator app, passkeys, phone number',
  )
  const thief = new Person()
  await thief.visit(authorize(app))
  await use(thief, key)
  expect(codesOf(thief)).toEqual([])

  const browser = await atTemporary(app, sanne)
  await press(browser, 'verify', { code })
  expect(signalsOn(browser)).toContainEqual({
    method: 'signalAllAcceptedCredentials',
    options: { rpId: 'localhost', userId: key.userHandle, allAcceptedCredentialIds: [] },
  })
  // Who was never asked for one has nothing to be told.
  await app.core.store.durable.people.change(bram.id, ({ account }) => {
    if (account) account.userHandle = undefined
  })
  const ofBram = await issueCode(app, hanna, bram.email)
  const other = await atTemporary(app, bram)
  await press(other, 'verify', { code: ofBram })
  expect([text(other.page).includes('no longer counts'), signalsOn(other)]).toEqual([true, []])
})
