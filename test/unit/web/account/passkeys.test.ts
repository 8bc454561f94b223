/** The pages about one's own passkeys: what they do with refusals, and with what another tab changed meanwhile. */
import { describe, expect, test } from 'vitest'
import { Person } from '../../../support/people/person.ts'
import { forEachTest } from '../../../support/runner/made.ts'
import { type Desk, factorDesk, passkeyView } from '../../../support/unit/factor-desk.ts'

const desk = forEachTest(factorDesk)
const sanne = forEachTest(() => new Person())

const open = (path: string) => sanne.visit(`${desk.origin}${path}`)
const left = () => sanne.page.html.replace('notice ', '')
const path = () => new URL(sanne.page.url).pathname
const has = (apps: number, ...passkeys: string[]) => {
  desk.overview.apps.splice(apps)
  desk.overview.passkeys = passkeys.map(passkeyView)
}

describe('one more', () => {
  test('it is named at once, ends nothing, and goes by the name that it has if nobody gives it another', async () => {
    await open('/account/passkeys/new')
    await sanne.submit({ registration: 'R' })
    expect(path()).toBe('/account/passkeys/k1/rename')
    expect(sanne.page.html).toContain('<h1>Name your passkey</h1>')
    expect(sanne.page.html).toContain('The passkey is added.')
    expect(sanne.forms()[0]?.fields.label).toBe('passkey k1')
    await sanne.submit()
    expect(left()).toBe('passkey-renamed')
    expect(desk.acts).toEqual([expect.stringMatching(/^add passkey R \S/), 'rename k1 passkey k1'])
    await open('/account/passkeys/k1/rename')
    expect(sanne.page.html).toContain('<h1>Rename this passkey</h1>')
  })

  test.each<[NonNullable<Desk['answers']['passkey']>, string]>([
    ['wrong', 'Adding the passkey did not work.'],
    ['expired', 'This page had been open for too long'],
    ['known', 'This device has a passkey already.'],
    ['gone', 'Your account changed in another window meanwhile'],
  ])(
    'refused as %s: it is said, the button is there again, and the device hears which ones count',
    async (reason, says) => {
      desk.answers.passkey = reason
      await open('/account/passkeys/new')
      await sanne.submit({ registration: 'R' })
      expect(sanne.page.status).toBe(400)
      expect(sanne.page.html).toContain(says)
      expect(sanne.page.html).toContain('data-passkey="create"')
      expect(sanne.page.html).toContain('signalAllAcceptedCredentials')
      expect(desk.acts).toEqual([])
    },
  )

  test('no more than there may be: neither the page nor its form', async () => {
    await open('/account/passkeys/new')
    has(1, ...'0123456789')
    await sanne.submit({ registration: 'R' })
    expect(left()).toBe('passkey-too-many')
    await open('/account/passkeys/new')
    expect(left()).toBe('passkey-too-many')
    expect(desk.acts).toEqual([])
  })

  test('the first factor of all is set up in the wizard, which makes a backup code too', async () => {
    await open('/account/passkeys/new')
    has(0)
    await sanne.submit({ registration: 'R' })
    expect(left()).toBe('two-step-first')
    await open('/account/passkeys/new')
    expect(left()).toBe('two-step-first')
    expect(desk.acts).toEqual([])
  })
})

test.each(['rename', 'remove'])('%s of one that another tab removed: a notice, and nothing done', async (act) => {
  has(1, 'k1', 'k2')
  await open(`/account/passkeys/k2/${act}`)
  has(1, 'k1')
  await sanne.submit({ label: 'x' })
  expect(left()).toBe('passkey-unknown')
  await open(`/account/passkeys/k2/${act}`)
  expect(left()).toBe('passkey-unknown')
  expect(desk.acts).toEqual([])
})

test('an app is no passkey, nor the other way round: each has pages of its own', async () => {
  has(1, 'k1')
  await open('/account/passkeys/a1/remove')
  expect(left()).toBe('passkey-unknown')
  await open('/account/apps/k1/remove')
  expect(left()).toBe('app-unknown')
})

test.each<[Exclude<Desk['answers']['renamed'], { ok: true }>['reason'], string]>([
  ['missing', 'Enter a name.'],
  ['too-long', 'at most 40 characters'],
  ['not-allowed', 'no citizen service number'],
  ['taken', 'Another passkey of yours has this name already.'],
])('a name that is %s is said at the field, with what was typed', async (reason, says) => {
  has(1, 'k1')
  desk.answers.renamed = { ok: false, reason }
  await open('/account/passkeys/k1/rename')
  await sanne.submit({ label: 'A"b' })
  expect(sanne.page.status).toBe(400)
  expect(sanne.page.html).toContain(says)
  expect(sanne.forms()[0]?.fields.label).toBe('A"b')
})

describe('one less', () => {
  test('one of several goes, and everything else that was signed in ends', async () => {
    has(1, 'k1')
    await open('/account/passkeys/k1/remove')
    await sanne.submit()
    expect(left()).toBe('passkey-removed')
    expect(desk.acts).toEqual(['remove k1', 'end others'])
  })

  test('the last of all goes with two-step verification, and only if its page said so', async () => {
    has(1, 'k1')
    await open('/account/passkeys/k1/remove')
    has(0, 'k1')
    await sanne.submit()
    expect(path()).toBe('/account/passkeys/k1/remove')
    expect(sanne.page.html).toContain('Turn two-step verification off?')
    await sanne.submit()
    expect(left()).toBe('two-step-off')
    expect(desk.acts).toEqual(['turn off k1', 'end others'])
  })

  test('the last of all stays where one is demanded, and its page leads to another', async () => {
    has(0, 'k1')
    desk.overview.demanded = true
    await open('/account/passkeys/k1/remove')
    expect(sanne.page.html).toContain('<h1>This passkey cannot be removed</h1>')
    expect(sanne.page.html).toContain('href="/account/passkeys/new"')
    expect(sanne.page.html).toContain('href="/account/apps/new"')
    expect(sanne.forms()).toEqual([])
  })

  test.each<[string, () => void, string]>([
    ['/account/apps/a1/remove', () => has(1, 'k1'), 'Without <strong>app a1</strong> you would have only passkeys.'],
    ['/account/passkeys/k1/remove', () => has(0, 'k1', 'k2'), 'Without <strong>passkey k1</strong> you would'],
    ['/account/phone/remove', () => has(0, 'k1'), 'Without your phone number you would have only passkeys.'],
  ])('%s: nobody is left with passkeys only and no backup code that is saved', async (address, prepare, says) => {
    prepare()
    if (!address.includes('phone')) desk.overview.phone = undefined
    await open(address)
    expect(sanne.page.html).toContain('value="FOR"')
    // Another tab makes a new code, and does not save it.
    desk.overview.backup = { createdAt: 0, saved: false }
    await sanne.submit()
    expect(path()).toBe(address)
    expect(sanne.page.html).toContain(says)
    expect(sanne.page.html).toContain('href="/account/backup-code"')
    expect(sanne.forms()).toEqual([])
    expect(desk.acts).toEqual([])
  })
})

test('a number, an app and a backup code can be had by whoever has only a passkey', async () => {
  has(0, 'k1')
  desk.proven = ['passkey']
  for (const page of ['/account/phone', '/account/apps/new', '/account/backup-code']) {
    await open(page)
    expect(path(), page).toBe(page)
  }
  await sanne.submit()
  expect(desk.acts).toEqual(['renew', 'end others'])
  await open('/account/apps/new')
  expect(sanne.page.html).toContain('<h1>Add an authenticator app</h1>')
})
