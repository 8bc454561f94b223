/** What somebody tried with passkeys who has a password and a code, a page that was left open, or nothing at all. */
import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { at, elsewhere, link, open, settled } from '../../support/app/settings.ts'
import { addPasskey, NEW_PASSKEY, registrationFor } from '../../support/people/own-passkeys.ts'
import { askedOn, keyFor, make, makesPasskey, passkeyOf, use } from '../../support/people/passkey.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, PASSWORD, press, text } from '../../support/people/second-factor.ts'
import {
  authorize,
  codesOf,
  halfSignedIn,
  someVictim,
  startTwoStep,
  type Victim,
} from '../../support/people/second-factor-attack.ts'
import { changeEmail } from '../../support/people/settings-changes.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfEachTest()
const app = forAllTests(() => startTwoStep({ settings: { admin: { require: 'phishingResistant' } } }))
const PHR = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'phr' } } }) }

/** Whoever has phished the password and one code of the app. */
async function phished(sanne: Victim): Promise<Person> {
  const thief = await halfSignedIn(app, sanne.email)
  await thief.visit(thief.page.url.replace(/\/challenge.*|\/?$/, '/challenge/totp'))
  pass(30 * SECOND)
  await press(thief, 'verify', { code: codeOf(sanne.key, Date.now()) })
  expect(codesOf(thief)).toHaveLength(1)
  return thief
}

async function ownerWithPasskey(): Promise<Victim> {
  const sanne = await someVictim(app)
  await passkeyOf(app, sanne.email)
  await app.core.store.durable.people.change(sanne.id, (draft) => {
    if (draft.account) draft.account.roles = ['owner']
  })
  return sanne
}

describe('of somebody who has a passkey, a phished password and code make no passkey', () => {
  test('added in the settings, it opens administration that takes passkeys only', async () => {
    const thief = await phished(await ownerWithPasskey())
    const evil = keyFor(app)
    await thief.visit(app.origin + NEW_PASSKEY)
    if (makesPasskey(thief)) await thief.submit({ registration: registrationFor(thief, evil) })
    await thief.visit(`${app.origin}/admin`)
    await use(thief, evil)
    expect(at(thief)).not.toBe('/admin')
  })

  test('the owner’s is removed, and the door itself leads to another', async () => {
    const thief = await phished(await ownerWithPasskey())
    await thief.visit(`${app.origin}/account`)
    await thief.visit(app.origin + link(thief, /^\/account\/passkeys\/[\w-]+\/remove$/))
    await thief.submit()
    await thief.visit(`${app.origin}/admin`)
    expect(makesPasskey(thief)).toBe(false)
  })
})

test('who takes the address back takes away the passkey that the thief made a minute before the change', async () => {
  const owner = await settled(app, () => Date.now())
  const before = owner.email
  pass(HOUR)
  const thief = elsewhere(owner, new Person())
  await open(app, thief, '/account')
  const evil = await addPasskey(app, thief)
  pass(MINUTE)
  await changeEmail(app, thief)
  const mails = (await app.inbox()).filter(({ to }) => to === before)
  const reader = new Person()
  await reader.visit(mails.map(({ text = '' }) => /https?:\S+\/undo\/\S+/.exec(text)?.[0]).find(Boolean) ?? '')
  await reader.submit({ sure: 'yes' })
  expect(at(reader)).toBe('/undo/done')
  const again = new Person()
  await again.visit(`${app.origin}/account`)
  await use(again, evil)
  expect(at(again)).not.toBe('/account')
})

describe('strangers keep nobody out who has a passkey (THR-06, C-08)', () => {
  const small = forAllTests(() =>
    startTwoStep({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6, perMinute: 60 } } }),
  )

  test('sixty times a minute nonsense closes no door, least of all in a known browser', async () => {
    const sanne = await someVictim(small)
    const key = await passkeyOf(small, sanne.email)
    const stranger = new Person()
    await stranger.visit(authorize(small))
    for (let n = 0; n < 60; n += 1) await stranger.submit({ assertion: '{' })
    const { browser } = sanne
    browser.cookies = browser.cookies.filter(({ name }) => !name.startsWith('sigma-session'))
    await browser.visit(authorize(small))
    await use(browser, key)
    expect(browser.page.status).not.toBe(429)
  })

  const tight = forAllTests(() =>
    startTwoStep({ settings: { throttle: { perAddress: 20, perNetwork: 40, perMinute: 1e6 } } }),
  )
  test('what is refused unseen is not written down each time, as at the door of passwords', async () => {
    const stranger = new Person()
    await stranger.visit(authorize(tight))
    const rows = async () => (await tight.core.store.durable.listAudit({ limit: 1e5 })).length
    const rowsOf = async (fields: Record<string, string>) => {
      const before = await rows()
      for (let n = 0; n < 100; n += 1) await stranger.submit(fields)
      return (await rows()) - before
    }
    // Twenty that are looked at, and one that says that no more are written down.
    expect([await rowsOf({ assertion: '{' }), await rowsOf({ assertion: '{' })]).toEqual([21, 0])
  })
})

test('the page of the offer, found open nineteen minutes after the code, makes no passkey', async () => {
  const sanne = await someVictim(app)
  const person = new Person()
  await person.visit(authorize(app))
  await person.submit({ email: sanne.email, password: PASSWORD, platform: 'yes' })
  pass(30 * SECOND)
  await press(person, 'verify', { code: codeOf(sanne.key, Date.now()) })
  const { url } = person.page
  pass(19 * MINUTE)
  await person.visit(url)
  if (makesPasskey(person)) await make(person, keyFor(app))
  const kept = await app.core.store.durable.people.find(sanne.id)
  expect(kept?.authenticators.map(({ kind }) => kind)).toEqual(['totp'])
})

test('a page that asks for the passkeys of one account takes none of another (WebAuthn 7.2 steps 5 and 6)', async () => {
  const [sanne, piet] = [await someVictim(app), await someVictim(app)]
  await passkeyOf(app, sanne.email)
  const theirs = await passkeyOf(app, piet.email)
  const person = await phished(sanne)
  await person.visit(authorize(app, 'payroll', { prompt: 'login' }))
  expect(askedOn(person.page).allowCredentials).toHaveLength(1)
  await use(person, theirs)
  expect(person.page.status).toBe(400)
})

test('a passkey that is removed is no proof of this session any more', async () => {
  const sanne = await someVictim(app)
  const key = await passkeyOf(app, sanne.email)
  const person = new Person()
  await person.visit(authorize(app))
  await use(person, key)
  await person.visit(`${app.origin}/account`)
  await person.visit(app.origin + link(person, /^\/account\/passkeys\/[\w-]+\/remove$/))
  await person.submit()
  pass(9 * MINUTE)
  const before = codesOf(person).length
  await person.visit(authorize(app, 'payroll', PHR))
  expect(codesOf(person)).toHaveLength(before)
})

test('the last factor that can be used: the page says why it does not go', async () => {
  const sanne = await someVictim(app)
  await passkeyOf(app, sanne.email)
  await app.core.store.durable.people.change(sanne.id, (draft) => {
    for (const { passkey } of draft.authenticators) if (passkey) passkey.rpId = 'old.example'
  })
  const person = await phished(sanne)
  await person.visit(`${app.origin}/account`)
  await person.visit(app.origin + link(person, /^\/account\/apps\/[\w-]+\/remove$/))
  const asked = text(person.page)
  await person.submit()
  // The same page again, "Everything else keeps working", without a word and without the box to turn it off.
  expect(text(person.page)).not.toBe(asked)
})

test('of somebody who has a passkey, no backup code is shown to whoever has proven a code of the app only', async () => {
  const sanne = await someVictim(app)
  const key = await passkeyOf(app, sanne.email)
  await app.core.store.durable.people.change(sanne.id, (draft) => {
    if (draft.backup) draft.backup.savedAt = undefined
  })
  const thief = await phished(sanne)
  expect(thief.page.html).not.toContain('name="saved"')
  const owner = await halfSignedIn(app, sanne.email)
  await use(owner, key)
  expect(owner.page.html).toContain('name="saved"')
})
