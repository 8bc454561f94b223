/** Passkeys of somebody whose phone is lost (JOURNEYS J7), and of somebody who has nothing else. */
import { expect, onTestFinished, test } from 'vitest'
import { allOf } from '../../../src/person/listing.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { atTemporary, issueCode } from '../../support/people/desk.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { signalsOn } from '../../support/people/own-passkeys.ts'
import { passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { press, text } from '../../support/people/second-factor.ts'
import { authorize, codesOf, someVictim, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

const PAST = { start: '2020-01-01', deadline: '2020-02-01' }

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

test('past the deadline whoever has a passkey and nothing else is not stopped, and counts as done', async () => {
  const late = await startTwoStep({
    settings: { twoStep: { campaign: { everyone: PAST } } },
  })
  onTestFinished(() => late.stop())
  const { email, id } = await someVictim(late)
  const key = await passkeyOf(late, email)
  const { people } = late.core.store.durable
  await people.change(id, (person) => {
    person.authenticators = person.authenticators.filter(({ kind }) => kind === 'passkey')
  })
  const browser = new Person()
  await browser.visit(authorize(late))
  await use(browser, key)
  expect(codesOf(browser)).toHaveLength(1)
  expect((await people.list({ by: 'inTwoStep', ...allOf('on'), limit: 10 })).map((found) => found.id)).toContain(id)
})
