/** The wizard with a passkey in the place of an app, on either store. What browsers do is test/browser/passkey-wizard.test.ts's matter. */
import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { listAuthenticators } from '../../../src/person/authenticator.ts'
import type { PersonRecord } from '../../../src/person/person.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { asked } from '../../support/people/asked-people.ts'
import {
  askedOn,
  bind,
  creationOn,
  keyFor,
  make,
  makesPasskey,
  registrationOn,
  use,
} from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { activated, appBound, backupCodeOn, backupSaved, press, text } from '../../support/people/second-factor.ts'
import { authorize, codesOf, halfSignedIn, startTwoStep } from '../../support/people/second-factor-attack.ts'
import type { Ceremony, SoftKey } from '../../support/people/soft-key.ts'
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

test('a passkey is the first factor: one gesture shows that it works, and it is on with a backup code', async () => {
  await choosing()
  expect(creationOn(sanne.page)).toMatchObject({ user: { name: email }, excludeCredentials: [] })
  const key = keyFor(app, { counts: true, synced: false })
  await make(sanne, key)
  expect(text(sanne.page)).toContain('Confirm once that it works')
  expect(askedOn(sanne.page).allowCredentials).toMatchObject([{ type: 'public-key', id: key.credentialId }])
  expect(await kinds()).toEqual([])
  pass(MINUTE)
  await use(sanne, key)
  expect(text(sanne.page)).toContain('Add SMS as a backup')
  expect((await record()).authenticators).toEqual([
    expect.objectContaining({
      kind: 'passkey',
      lastUsedAt: Date.now(),
      passkey: expect.objectContaining({ signCount: 2, backedUp: false }),
    }),
  ])
  expect((await record()).account).toMatchObject({ enrolledAt: expect.any(Number), userHandle: key.userHandle })
  await press(sanne, 'skip')
  const backupCode = backupCodeOn(sanne.page)
  await press(sanne, 'saved', { saved: 'yes' })
  expect(text(sanne.page)).toContain('From now on you confirm with your fingerprint, face or PIN')
  await press(sanne, 'continue')
  // It was proven in this session: no other gesture is asked for.
  expect(codesOf(sanne)).toHaveLength(1)

  const elsewhere = await halfSignedIn(app, email)
  await elsewhere.visit(elsewhere.page.url.replace(/\/?$/, '/challenge/backup'))
  await press(elsewhere, 'verify', { code: backupCode })
  expect(text(elsewhere.page)).toContain('Is your phone lost for good?')
})

test('the mail says that two-step verification is on, and with what', async () => {
  const before = await mails()
  const key = keyFor(app)
  await make(await choosing(), key)
  expect(await mails()).toHaveLength(before.length)
  await use(sanne, key)
  const [said] = (await app.inbox()).filter(({ to }) => to === email)
  expect(await mails()).toHaveLength(before.length + 1)
  expect(said?.text).toContain('Passkey')
})

test('whoever closes the window after the act is asked for the passkey, and then saves a backup code', async () => {
  const key = keyFor(app)
  await bind(await choosing(), key)
  const next = await halfSignedIn(app, email)
  await use(next, key)
  expect(codesOf(next)).toEqual([])
  expect(text(next.page)).toContain('Save your backup code')
  await press(next, 'saved', { saved: 'yes' })
  expect(codesOf(next)).toHaveLength(1)
})

/** Another browser, with the password and nothing else. */
async function withPassword(): Promise<Person> {
  const next = await halfSignedIn(app, email)
  expect(text(next.page)).toContain('Add an extra layer of security')
  return next
}

test('whoever closes the window before the gesture is where they were: the password leads on, and nothing is kept', async () => {
  await make(await choosing(sanne, 'strict'), keyFor(app))
  const kept = await record()
  expect([kept.authenticators, kept.backup, kept.account?.enrolledAt]).toEqual([[], undefined, undefined])
  // In the same browser it waits, for a device that did keep it; from there an app can be set up.
  pass(HOUR)
  await halfSignedIn(app, email, 'strict', sanne)
  expect(text(sanne.page)).toContain('Confirm once that it works')
  await withPassword()
  await press(sanne, 'back')
  await appBound(sanne)
  expect(await kinds()).toEqual(['totp'])
})

test('Back leads to the other choices, and the page says the same in every tab and language', async () => {
  const key = keyFor(app)
  await make(await choosing(), key)
  const tab = sanne.copy()
  await sanne.visit(sanne.page.url)
  expect(text(sanne.page)).toContain('Confirm once that it works')
  await sanne.visit(`${sanne.page.url}?lang=nl`)
  await press(sanne, 'back')
  expect(makesPasskey(sanne)).toBe(true)
  expect(sanne.page.html).toMatch(/app:other|secret=/)
  // The page of before still counts: nobody made another.
  await use(tab, key)
  expect(await kinds()).toEqual(['passkey'])
})

test.each<[string, (key: SoftKey) => Partial<Ceremony>]>([
  ['another key that signs', () => ({ signer: keyFor(app).privateKey })],
  ['another passkey', () => ({ json: { id: keyFor(app).credentialId } })],
  ['the handle of another account', () => ({ userHandle: keyFor(app).userHandle })],
  ['no user verification', () => ({ verified: false })],
  ['a registration', () => ({ type: 'webauthn.create' })],
  ['a counter that stands still', () => ({ signCount: 1 })],
  ['the challenge of a sign-in', () => ({ challenge: 'x'.repeat(96) })],
])(
  '%s turns nothing on: the page stays, with a new challenge, and the right gesture goes on',
  async (_what, otherwise) => {
    const key = keyFor(app, { counts: true, synced: false })
    await make(await choosing(), key)
    const { challenge } = askedOn(sanne.page)
    await use(sanne, key, otherwise(key))
    expect(text(sanne.page)).toContain('This passkey did not work')
    expect(await kinds()).toEqual([])
    expect(askedOn(sanne.page).challenge).not.toBe(challenge)
    await use(sanne, key)
    expect(await kinds()).toEqual(['passkey'])
  },
)

test('a gesture counts once, in its time, in its session, and for the passkey that waits', async () => {
  const [first, key] = [keyFor(app), keyFor(app)]
  await make(await choosing(), first)
  const old = first.assert({ challenge: askedOn(sanne.page).challenge })
  const thief = await choosing(new Person())
  await make(thief, keyFor(app))
  await thief.submit({ assertion: old })
  expect(await kinds()).toEqual([])
  await press(sanne, 'back')
  await make(sanne, key)
  await sanne.submit({ assertion: old })
  expect(text(sanne.page)).toContain('This passkey did not work')
  await sanne.submit({ assertion: old })
  expect(text(sanne.page)).toContain('Confirm once that it works')
  const late = key.assert({ challenge: askedOn(sanne.page).challenge })
  pass(6 * MINUTE)
  await sanne.submit({ assertion: late })
  expect(text(sanne.page)).toContain('had been open for too long')
  expect(await kinds()).toEqual([])
  await use(sanne, key)
  expect(await kinds()).toEqual(['passkey'])
})

test('tries are counted, and waited for', async () => {
  const key = keyFor(app)
  await make(await choosing(), key)
  for (let tries = 1; tries < 10; tries += 1) await use(sanne, key, { verified: false })
  await use(sanne, key)
  expect(sanne.page.status).toBe(429)
  expect(await kinds()).toEqual([])
  pass(2 * MINUTE)
  await use(sanne, key)
  expect(await kinds()).toEqual(['passkey'])
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
  expect(text(sanne.page)).toContain('Confirm once that it works')
})

test('twenty at once make one that waits, and twenty gestures turn it on once', async () => {
  const key = keyFor(app)
  await choosing()
  const making = Array.from({ length: 20 }, () => sanne.copy())
  await Promise.all(making.map((tab) => tab.submit({ registration: registrationOn(tab, key) })))
  expect(making.filter(({ page }) => page.status >= 500)).toEqual([])
  pass(10 * MINUTE)
  await halfSignedIn(app, email, 'payroll', sanne)
  const before = await mails()
  const tabs = Array.from({ length: 20 }, () => sanne.copy())
  await Promise.all(tabs.map((tab) => tab.visit(tab.page.url)))
  expect(new Set(tabs.map(({ page }) => askedOn(page).challenge)).size).toBe(20)
  await Promise.all(tabs.map((tab) => use(tab, key)))
  expect(tabs.filter(({ page }) => page.status >= 500)).toEqual([])
  expect(await kinds()).toEqual(['passkey'])
  expect(await mails()).toHaveLength(before.length + 1)
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
  await bind(await choosing(), key)
  await press(sanne, 'skip')
  const backupCode = backupCodeOn(sanne.page)
  await backupSaved(sanne)
  const [before] = (await record()).authenticators
  const epoch = (await record()).account?.epoch ?? 0

  const anew = await halfSignedIn(app, email)
  await anew.visit(anew.page.url.replace(/\/?$/, '/challenge/backup'))
  await press(anew, 'verify', { code: backupCode })
  await press(anew, 'lost')
  expect(creationOn(anew.page).excludeCredentials).toEqual([])
  const next = keyFor(app)
  await make(anew, next)
  // Until it has signed, all that was before is there, and the backup code leads back.
  expect((await record()).authenticators).toEqual([before])
  const thief = await halfSignedIn(app, email)
  await thief.visit(thief.page.url.replace(/\/?$/, '/challenge/passkey'))
  await use(thief, next)
  expect(codesOf(thief)).toEqual([])
  expect((await record()).account?.epoch).toBe(epoch)
  await use(anew, next)
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

test('a passkey that waits leads on in no application that takes none: an app is chosen there', async () => {
  const key = keyFor(app)
  await make(await choosing(), key)
  const assertion = key.assert({ challenge: askedOn(sanne.page).challenge })
  await sanne.visit(authorize(app, 'no-sms'))
  expect(text(sanne.page)).not.toContain('Confirm once that it works')
  await sanne.submit({ assertion })
  expect(await kinds()).toEqual([])
  await appBound(sanne)
  expect(await kinds()).toEqual(['totp'])
})

test('a passkey that an application does not take has an app beside it, once it was proven', async () => {
  const key = keyFor(app)
  await bind(await choosing(), key)
  await press(sanne, 'skip')
  await backupSaved(sanne)
  pass(HOUR)

  const strict = await halfSignedIn(app, email, 'apps-only')
  await use(strict, key)
  await appBound(strict)
  expect((await kinds()).sort()).toEqual(['passkey', 'totp'])
  await press(strict, 'skip')
  await backupSaved(strict)
  expect(codesOf(strict)).toHaveLength(1)
})
