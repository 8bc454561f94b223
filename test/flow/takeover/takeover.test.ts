/**
 * A thief has a copy of a browser's cookies, and the wizard open in it that binds an authenticator app. Whatever its owner
 * does to get rid of them ends that sitting too, also when a request of it is under way or the process dies half-way.
 */
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, open, send, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'
import { backupCodeOn, codeOf, keyOn, PASSWORD, press, scanned } from '../../support/people/second-factor.ts'
import { changePassword } from '../../support/people/settings-changes.ts'
import { due, nextCode, type Someone, somebody } from '../../support/people/step-up.ts'
import { disturbance, during, factorsOf, gotSession, resetByMail, slowly } from '../../support/people/takeover.ts'
import { forAllTests } from '../../support/runner/made.ts'

const store = disturbance()
const now = () => Date.now()

clockOfAllTests()

const app = forAllTests(() =>
  startApp({ instrument: store.instrument, settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }),
)

/** Somebody without two-step verification, signed in to the settings; and a copy of all that the browser holds. */
async function copied(): Promise<{ owner: Someone; thief: Person }> {
  const owner = await somebody(app)
  await open(app, owner, '/account')
  // A page with a form: its token is the browser's, so the copy can post whatever it wants.
  await open(app, owner, '/account/language')
  return { owner, thief: owner.browser.copy() }
}

/** Where a form of a session that has ended leads: to whoever can prove the password. */
const PASSWORD_ASKED = new Set(['200 Sign in', '200 Confirm it’s you'])

/** What the page, and then every button of the wizard, leads to; there may be no form any more to press them in. */
async function everyButton(thief: Person, address: string, fields: Record<string, string>): Promise<Set<string>> {
  const steps = ['enable', 'app:other', 'scanned', 'code', 'skip', 'send', 'kept', 'saved', 'continue']
  await thief.visit(address)
  const seen = [headline(thief)]
  for (const step of steps) {
    await thief.post(`${address}/enroll`, { ...fields, step, saved: 'yes' })
    seen.push(headline(thief))
  }
  return new Set(seen)
}

function headline({ page }: Person): string {
  return `${page.status} ${/<h1>([^<]*)/.exec(page.html)?.[1]}`
}

function outside(seen: Set<string>): boolean {
  return [...seen].every((page) => PASSWORD_ASKED.has(page))
}

describe('1 a wizard that was opened with a copied cookie', () => {
  test('after a change of password it adds nothing and gives no session; the owner goes on', async () => {
    const { owner, thief } = await copied()
    await thief.visit(`${app.origin}/account/two-step`)
    const key = await scanned(thief)
    const wizard = thief.page.url
    const fields = thief.forms()[0]?.fields ?? {}
    await changePassword(app, owner)
    const since = thief.trail.length
    await press(thief, 'code', { code: codeOf(key, now()) })
    expect(PASSWORD_ASKED).toContain(headline(thief))
    expect(outside(await everyButton(thief, wizard, fields))).toBe(true)
    expect(await factorsOf(app, owner)).toEqual([])
    expect(gotSession(thief, since)).toBe(false)
    expect(await open(app, owner, '/account')).toEqual([])
    expect(at(owner.browser)).toBe('/account')
  })

  test('nor does one in another tab of the owner, who may be looking at the thief’s', async () => {
    const { owner } = await copied()
    const tab = owner.browser
    await tab.visit(`${app.origin}/account/two-step`)
    const key = await scanned(tab)
    const page = tab.page
    await changePassword(app, owner)
    tab.page = page
    await press(tab, 'code', { code: codeOf(key, now()) })
    // The wizard begins anew, in the session that the owner has now.
    expect(headline(tab)).toBe('200 Add an extra layer of security')
    expect(await scanned(tab)).not.toBe(key)
    expect(await factorsOf(app, owner)).toEqual([])
  })

  test('is refused when a new password by mail came while it was being opened, and all of it was written back', async () => {
    const { owner, thief } = await copied()
    const fields = thief.forms()[0]?.fields ?? {}
    await during(
      store.hold('putArtifact', 'Interaction'),
      () => thief.visit(`${app.origin}/account/two-step`),
      () => resetByMail(app, owner),
    )
    expect(thief.page.url).toContain('/interaction/')
    // The session could not be written back, so the request began again, without one.
    expect(await everyButton(thief, thief.page.url, fields)).toEqual(new Set(['200 Sign in']))
    expect(await factorsOf(app, owner)).toEqual([])
  })

  test.each<[string, (owner: Someone) => Promise<unknown>]>([
    ['a new password by mail', (owner) => resetByMail(app, owner)],
    ['a sign-out everywhere', (owner) => signOutElsewhere(owner)],
  ])('adds nothing when %s came while its code was being kept', async (_what, end) => {
    const { owner, thief } = await copied()
    await thief.visit(`${app.origin}/account/two-step`)
    const key = await scanned(thief)
    await during(
      store.hold('activate'),
      () => press(thief, 'code', { code: codeOf(key, now()) }),
      () => end(owner),
    )
    expect(await factorsOf(app, owner)).toEqual([])
    expect(gotSession(thief, thief.trail.length - 1)).toBe(false)
  })

  test('is refused when a new password by mail came between the head and the body of its form', async () => {
    const { owner, thief } = await copied()
    await thief.visit(`${app.origin}/account/two-step`)
    const key = await scanned(thief)
    const { action = '', fields = {} } = thief.forms()[0] ?? {}
    const form = { action, fields: { ...fields, step: 'code', code: codeOf(key, now()) } }
    expect(await slowly(thief, form, () => resetByMail(app, owner))).toBe(303)
    expect(await factorsOf(app, owner)).toEqual([])
  })

  test('is refused when the process died between the new password and the end of the rest', async () => {
    const { owner, thief } = await copied()
    await thief.visit(`${app.origin}/account/two-step`)
    const key = await scanned(thief)
    store.fail('removeArtifactsByAccount')
    expect(await resetByMail(app, owner)).toBe(500)
    await press(thief, 'code', { code: codeOf(key, now()) })
    expect(PASSWORD_ASKED).toContain(headline(thief))
    expect(await factorsOf(app, owner)).toEqual([])
    // It is there, but nothing shows or takes it: its epoch is over.
    const { id } = await accountOf(owner)
    expect(await app.core.store.expiring.listArtifactsByAccount('Session', id, now())).toHaveLength(1)
    expect(await app.core.ownSessions.list(await accountOf(owner), '')).toEqual([])
  })

  test('a challenge whose form comes late gives no remembered device once everything was ended', async () => {
    const owner = await settled(app, now)
    const thief = elsewhere(owner)
    await thief.browser.visit(`${app.portalOrigin}/login`)
    await thief.browser.submit({ email: owner.email, password: PASSWORD })
    const { action = '', fields = {} } = thief.browser.forms()[0] ?? {}
    const form = { action, fields: { ...fields, step: 'verify', remember: 'yes', code: nextCode(owner) } }
    await open(app, owner, '/account/sign-out-everywhere')
    const answer = await slowly(thief.browser, form, () => send(app, owner, '/account/sign-out-everywhere'))
    expect(answer).toBe(303)
    expect(await asked(app.core.store.durable.people).listDevices((await accountOf(owner)).id, now())).toEqual([])
  })

  test('a challenge in such a session is refused as well, before any code', async () => {
    const owner = await settled(app, now)
    const thief = owner.browser.copy()
    pass(11 * MINUTE)
    await thief.visit(`${app.origin}/account/password`)
    expect(due(thief)).toBe('code')
    const challenge = thief.page.url
    store.fail('removeArtifactsByAccount')
    expect(await resetByMail(app, owner)).toBe(500)
    await thief.visit(challenge)
    expect(PASSWORD_ASKED).toContain(headline(thief))
  })
})

describe('1 a copy that has the owner’s own wizard open', () => {
  test('is out of it once the owner’s app has proven itself: no number, no backup code', async () => {
    const { owner } = await copied()
    await owner.browser.visit(`${app.origin}/account/two-step`)
    const key = await scanned(owner.browser)
    const thief = owner.browser.copy()
    const { fields = {}, action = '' } = thief.forms()[0] ?? {}
    const wizard = new URL(action, thief.page.url).href.replace(/\/enroll$/, '')
    const since = thief.trail.length
    const tryAll = async () => {
      const typed = { ...fields, number: '06 1234 5678', country: 'NL' }
      expect(outside(await everyButton(thief, wizard, typed))).toBe(true)
    }
    await press(owner.browser, 'code', { code: codeOf(key, now()) })
    await tryAll()
    await press(owner.browser, 'skip')
    expect(backupCodeOn(owner.browser.page)).toBeTruthy()
    await tryAll()
    await press(owner.browser, 'saved', { saved: 'yes' })
    await press(owner.browser, 'continue')
    expect(at(owner.browser)).toBe('/account')
    expect(gotSession(thief, since)).toBe(false)
    expect((await app.inbox()).filter(({ channel }) => channel === 'sms')).toEqual([])
    expect((await factorsOf(app, owner)).sort()).toEqual(['backup', 'totp'])
    // The copy is outside altogether; the owner is not.
    await thief.visit(`${app.origin}/account`)
    expect(due(thief)).toBe('password')
    expect(await open(app, owner, '/account')).toEqual([])
  })
})

describe('6 the key of a new app that a copy of the session has seen', () => {
  test('is not what the owner is shown after a change of password', async () => {
    const owner = await settled(app, now)
    const thief = elsewhere(owner, owner.browser.copy())
    await send(app, thief, '/account/apps/new')
    const seen = keyOn(thief.browser.page)
    await changePassword(app, owner)
    await open(app, owner, '/account/apps/scan')
    expect([at(owner.browser), owner.browser.page.html.includes(seen)]).toEqual(['/account', false])
    await send(app, owner, '/account/apps/new')
    expect(keyOn(owner.browser.page)).not.toBe(seen)
  })
})

/** The owner, in a browser of their own. */
async function signOutElsewhere({ email }: Someone): Promise<void> {
  const other: Someone = { email, browser: new Person(), enrolled: undefined }
  await open(app, other, '/account')
  await send(app, other, '/account/sign-out-everywhere')
}

async function accountOf({ email }: Someone) {
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account) throw new Error(`nobody is ${email}`)
  return account
}
