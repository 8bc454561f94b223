/** The wizard with a passkey in the place of an app, on either store. What browsers do is test/browser/passkey-wizard.test.ts's matter. */
import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { listAuthenticators } from '../../../src/person/authenticator.ts'
import type { PersonRecord } from '../../../src/person/person.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import { creationOn, keyFor, make, makesPasskey, registrationOn, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { activated, appBound, backupCodeOn, backupSaved, press, text } from '../../support/people/second-factor.ts'
import { authorize, codesOf, halfSignedIn, startTwoStep } from '../../support/people/second-factor-attack.ts'
import { forAllTests } from '../../support/runner/made.ts'

let count = 0
let email = ''
let sanne: Person

clockOfAllTests()

const app = forAllTests(startTwoStep)
beforeEach(async () => {
  count += 1
  email = `passkey${count}@sigma.example`
  sanne = new Person()
  await activated(app, email, sanne)
})

async function record(): Promise<PersonRecord> {
  const { people } = app.core.store.durable
  const account = await asked(people).findAccountByEmail(email)
  const found = await people.find(account?.id ?? '')
  if (!found) throw new Error(`nobody has ${email}`)
  return found
}

const kinds = async () => listAuthenticators(await record()).map(({ kind }) => kind)
const mails = async () => (await app.inbox()).filter(({ to }) => to === email).map(({ subject }) => subject)

/** On the page that asks for an app. */
async function choosing(person = sanne, client = 'payroll'): Promise<Person> {
  await halfSignedIn(app, email, client, person)
  await press(person, 'enable')
  return person
}

test('a passkey is the first factor: it is on with a backup code, and one gesture shows that it works', async () => {
  await choosing()
  expect(creationOn(sanne.page)).toMatchObject({ user: { name: email }, excludeCredentials: [] })
  const key = keyFor(app)
  await make(sanne, key)
  expect(text(sanne.page)).toContain('Add SMS as a backup')
  expect(await kinds()).toEqual(['passkey'])
  expect((await record()).account).toMatchObject({ enrolledAt: expect.any(Number), userHandle: key.userHandle })
  await press(sanne, 'skip')
  const backupCode = backupCodeOn(sanne.page)
  await press(sanne, 'saved', { saved: 'yes' })
  expect(text(sanne.page)).toContain('From now on you confirm with your fingerprint, face or PIN')
  await press(sanne, 'continue')
  // A registration is signed by nobody: nothing has been proven yet.
  expect(codesOf(sanne)).toEqual([])
  expect(text(sanne.page)).toContain('Confirm with your passkey')
  await use(sanne, key)
  expect(codesOf(sanne)).toHaveLength(1)

  const elsewhere = await halfSignedIn(app, email)
  await elsewhere.visit(elsewhere.page.url.replace(/\/?$/, '/challenge/backup'))
  await press(elsewhere, 'verify', { code: backupCode })
  expect(text(elsewhere.page)).toContain('Is your phone lost for good?')
})

test('the mail says that two-step verification is on, and with what', async () => {
  const before = await mails()
  await make(await choosing(), keyFor(app))
  const [said] = (await app.inbox()).filter(({ to }) => to === email)
  expect(await mails()).toHaveLength(before.length + 1)
  expect(said?.text).toContain('Passkey')
})

test('whoever closes the window after the act is asked for the passkey, and then saves a backup code', async () => {
  const key = keyFor(app)
  await make(await choosing(), key)
  const next = await halfSignedIn(app, email)
  await use(next, key)
  expect(codesOf(next)).toEqual([])
  expect(text(next.page)).toContain('Save your backup code')
  await press(next, 'saved', { saved: 'yes' })
  expect(codesOf(next)).toHaveLength(1)
})

test.each<[string, (person: Person) => Promise<unknown>, string]>([
  [
    'after a canceled dialog nothing is sent, and an app can be chosen',
    (person) => press(person, 'app:other'),
    'QR code',
  ],
  ['nothing', (person) => person.submit({ step: 'passkey' }), 'That did not work'],
  ['what is no registration', (person) => person.submit({ registration: '{}' }), 'That did not work'],
  [
    'one without user verification',
    (person) => person.submit({ registration: registrationOn(person, keyFor(app), { verified: false }) }),
    'That did not work',
  ],
  [
    'one for another page',
    async (person) => {
      const registration = registrationOn(person, keyFor(app))
      await press(person, 'back')
      pass(6 * MINUTE)
      await person.submit({ registration })
    },
    'had been open for too long',
  ],
])('%s: the person stays where the other choices are', async (_what, answer, said) => {
  await choosing()
  await answer(sanne)
  expect(text(sanne.page)).toContain(said)
  expect(sanne.page.html).toMatch(/app:other|secret=/)
  expect(await kinds()).toEqual([])
})

test('a registration counts once, in the browser and for the account that it was made for', async () => {
  await choosing()
  const stolen = registrationOn(sanne, keyFor(app))
  const thief = await choosing(new Person())
  await thief.submit({ registration: stolen })
  expect(text(thief.page)).toContain('That did not work')

  const another = email
  email = `neighbor${count}@sigma.example`
  await activated(app, email, new Person())
  const neighbor = await choosing(new Person())
  await neighbor.submit({ registration: stolen })
  expect(text(neighbor.page)).toContain('That did not work')
  expect(await kinds()).toEqual([])

  email = another
  await sanne.submit({ registration: stolen })
  expect(await kinds()).toEqual(['passkey'])
})

test('twenty at once make one passkey', async () => {
  await choosing()
  const tabs = Array.from({ length: 20 }, () => sanne.copy())
  await Promise.all(tabs.map((tab) => tab.submit({ registration: registrationOn(tab, keyFor(app)) })))
  expect(tabs.filter(({ page }) => page.status >= 500)).toEqual([])
  expect(await kinds()).toEqual(['passkey'])
})

test('once something was set up elsewhere, a page of before adds nothing to it', async () => {
  const thief = await choosing(new Person())
  const registration = registrationOn(thief, keyFor(app))
  await halfSignedIn(app, email, 'payroll', sanne)
  await appBound(sanne)
  await thief.submit({ registration })
  expect(await kinds()).toEqual(['totp'])
  expect(codesOf(thief)).toEqual([])
})

test('with the password alone nobody adds a passkey to what there is', async () => {
  await halfSignedIn(app, email, 'payroll', sanne)
  await appBound(sanne)
  const thief = await halfSignedIn(app, email)
  for (const step of ['enable', 'passkey', 'lost', 'app:other']) {
    await press(thief, step, { registration: '{}' })
    expect(makesPasskey(thief), step).toBe(false)
  }
  expect(await kinds()).toEqual(['totp'])
})

test('a lost phone: all that was before goes with the new passkey, which may be on a device that kept the old one', async () => {
  const key = keyFor(app)
  await make(await choosing(), key)
  await press(sanne, 'skip')
  const backupCode = backupCodeOn(sanne.page)
  await backupSaved(sanne)
  await use(sanne, key)
  const [before] = (await record()).authenticators
  const epoch = (await record()).account?.epoch ?? 0

  const anew = await halfSignedIn(app, email)
  await anew.visit(anew.page.url.replace(/\/?$/, '/challenge/backup'))
  await press(anew, 'verify', { code: backupCode })
  await press(anew, 'lost')
  expect(creationOn(anew.page).excludeCredentials).toEqual([])
  const next = keyFor(app)
  await make(anew, next)
  const after = await record()
  expect(after.authenticators).toHaveLength(1)
  expect(after.authenticators[0]?.id).not.toBe(before?.id)
  expect(after.account).toMatchObject({ epoch: epoch + 1, userHandle: key.userHandle })
  await press(anew, 'skip')
  await backupSaved(anew)
  expect(codesOf(anew)).toHaveLength(1)

  const again = await halfSignedIn(app, email)
  await use(again, next)
  expect(codesOf(again)).toHaveLength(1)
})

test('an application that takes no passkeys offers none, and takes none', async () => {
  await choosing()
  const registration = registrationOn(sanne, keyFor(app))
  await sanne.visit(authorize(app, 'no-sms'))
  expect(makesPasskey(sanne)).toBe(false)
  await sanne.submit({ registration })
  expect(await kinds()).toEqual([])
})

test('a passkey that an application does not take has an app beside it, once it was proven', async () => {
  const key = keyFor(app)
  await make(await choosing(), key)
  await press(sanne, 'skip')
  await backupSaved(sanne)
  await use(sanne, key)
  pass(HOUR)

  const strict = await halfSignedIn(app, email, 'apps-only')
  await use(strict, key)
  await appBound(strict)
  expect((await kinds()).sort()).toEqual(['passkey', 'totp'])
  await press(strict, 'skip')
  await backupSaved(strict)
  expect(codesOf(strict)).toHaveLength(1)
})
