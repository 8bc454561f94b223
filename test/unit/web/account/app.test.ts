/** The pages about one's own authenticator apps: what they do with refusals, and with what another tab changed meanwhile. */
import { describe, expect, test } from 'vitest'
import { Person } from '../../../support/people/person.ts'
import { forEachTest } from '../../../support/runner/made.ts'
import { type Desk, factorDesk, NOW } from '../../../support/unit/factor-desk.ts'

const desk = forEachTest(factorDesk)
const sanne = forEachTest(() => new Person())

const open = (path: string) => sanne.visit(`${desk.origin}${path}`)
const left = () => sanne.page.html.replace('notice ', '')
const path = () => new URL(sanne.page.url).pathname
const only = () => void desk.overview.apps.splice(1)

describe('one more app, or a new phone', () => {
  test('the way through: intro, QR code, code, and everything else that was signed in ends', async () => {
    await open('/account/apps/a1/move')
    expect(desk.acts).toEqual([])
    await sanne.submit()
    expect(path()).toBe('/account/apps/scan')
    expect(sanne.page.html).toContain('<strong>app a1</strong> keeps working until')
    expect(sanne.page.html).toContain('otpauth://totp/Sigma%20ID:sanne%40sigma.example%20%282%29?secret=JBSWY3DP')
    await sanne.submit({ step: 'scanned' })
    expect(path()).toBe('/account/apps/code')
    expect(sanne.page.html).not.toContain('JBSWY3DP')
    await sanne.submit({ step: 'code', code: '123 456' })
    expect(left()).toBe('app-moved')
    expect(desk.acts).toEqual(['begin a1', 'confirm 123 456', 'end others'])
  })

  test('another app says so', async () => {
    await open('/account/apps/new')
    await sanne.submit()
    await sanne.submit()
    await sanne.submit({ step: 'code', code: '123456' })
    expect(left()).toBe('app-added')
  })

  test('OTP-09: no more apps than there may be', async () => {
    desk.answers.begun = 'too-many'
    await open('/account/apps/new')
    await sanne.submit()
    expect(left()).toBe('app-too-many')
  })

  test('the first app is set up in the wizard, which makes a backup code too', async () => {
    await open('/account/apps/new')
    desk.overview.apps = []
    await sanne.submit()
    expect(left()).toBe('two-step-first')
    await open('/account/apps/new')
    expect(left()).toBe('two-step-first')
    expect(desk.acts).toEqual([])
  })

  test('an app that was removed meanwhile: a notice, and nothing begun', async () => {
    await open('/account/apps/a2/move')
    only()
    await sanne.submit()
    expect(left()).toBe('app-unknown')
    for (const act of ['move', 'rename', 'remove']) {
      await open(`/account/apps/a2/${act}`)
      expect(left(), act).toBe('app-unknown')
    }
    expect(desk.acts).toEqual([])
  })

  test('two tabs: a code typed for the app of the one never confirms the app of the other', async () => {
    await open('/account/apps/new')
    await sanne.submit()
    await sanne.submit()
    const stale = sanne.copy()
    await open('/account/apps/a1/move')
    await sanne.submit()
    await stale.submit({ step: 'code', code: '123456' })
    expect(stale.page.url).toBe(`${desk.origin}/account/apps/scan`)
    expect(stale.page.html).toContain('You started again in another window.')
    expect(desk.acts).toEqual(['begin new', 'begin a1'])
    await stale.visit(stale.page.url)
    expect(stale.page.html).not.toContain('You started again in another window.')
  })

  test('OTP-05: what has expired shows nothing and confirms nothing', async () => {
    await open('/account/apps/new')
    await sanne.submit()
    await sanne.submit()
    desk.waitingApp = undefined
    await sanne.submit({ step: 'code', code: '123456' })
    expect(left()).toBe('app-expired')
    for (const page of ['scan', 'code']) {
      await open(`/account/apps/${page}`)
      expect(left(), page).toBe('app-expired')
    }
    expect(desk.acts).toEqual(['begin new'])
  })

  test.each<[Desk['answers']['confirmed'], number, string]>([
    [{ ok: false, reason: 'wrong-code' }, 400, 'Enter the one that the app shows now.'],
    [{ ok: false, reason: 'wait', retryAt: NOW + 30_000 }, 429, 'Wait 30 seconds'],
    [{ ok: false, reason: 'closed' }, 400, 'There were too many wrong codes.'],
    [{ ok: false, reason: 'gone' }, 200, 'notice app-gone'],
    [{ ok: false, reason: 'expired' }, 200, 'notice app-expired'],
  ])('a code that is refused: %j', async (confirmed, status, says) => {
    desk.answers.confirmed = confirmed
    await open('/account/apps/new')
    await sanne.submit()
    await sanne.submit()
    await sanne.submit({ step: 'code', code: '000000' })
    expect([sanne.page.status, sanne.page.headers.get('retry-after')]).toEqual([status, status === 429 ? '30' : null])
    expect(sanne.page.html).toContain(says)
    expect(desk.acts).toEqual(['begin new', 'confirm 000000'])
  })

  test('an empty field costs no try, and Back shows the QR code again', async () => {
    await open('/account/apps/new')
    await sanne.submit()
    await sanne.submit()
    await sanne.submit({ step: 'code', code: ' ' })
    expect(sanne.page.html).toContain('Enter the code.')
    await sanne.submit({ step: 'back' })
    expect(path()).toBe('/account/apps/scan')
    expect(desk.acts).toEqual(['begin new'])
  })

  test('Cancel throws the waiting app away', async () => {
    await open('/account/apps/new')
    await sanne.submit()
    await sanne.submit({ action: 'cancel' })
    expect(left()).toBe('app-canceled')
    expect(desk.acts).toEqual(['begin new', 'cancel'])
  })
})

describe('another name', () => {
  test('it is kept, and nobody is signed out for it', async () => {
    await open('/account/apps/a1/rename')
    await sanne.submit({ label: 'Work phone' })
    expect(left()).toBe('app-renamed')
    expect(desk.acts).toEqual(['rename a1 Work phone'])
  })

  test.each<[Exclude<Desk['answers']['renamed'], { ok: true }>['reason'], string]>([
    ['missing', 'Enter a name.'],
    ['too-long', 'at most 40 characters'],
    ['not-allowed', 'no citizen service number'],
    ['taken', 'Another app of yours has this name already.'],
  ])('%s is said at the field, with what was typed', async (reason, says) => {
    desk.answers.renamed = { ok: false, reason }
    await open('/account/apps/a1/rename')
    await sanne.submit({ label: 'A"b' })
    expect(sanne.page.status).toBe(400)
    expect(sanne.page.html).toContain(says)
    expect(sanne.forms()[0]?.fields.label).toBe('A"b')
  })

  test('E-09: ten thousand characters do not come back', async () => {
    desk.answers.renamed = { ok: false, reason: 'too-long' }
    await open('/account/apps/a1/rename')
    await sanne.submit({ label: `a${'😀'.repeat(1_000)}` })
    expect(sanne.page.html.length).toBeLessThan(8_000)
    expect(sanne.page.html).not.toContain('\ufffd')
  })
})

describe('one app less', () => {
  test('one of two goes, and everything else that was signed in ends', async () => {
    await open('/account/apps/a1/remove')
    await sanne.submit()
    expect(left()).toBe('app-removed')
    expect(desk.acts).toEqual(['remove a1', 'end others'])
  })

  test('two tabs: what was one of two and now is the last is not removed before the person has read what that means', async () => {
    await open('/account/apps/a1/remove')
    only()
    await sanne.submit()
    expect(path()).toBe('/account/apps/a1/remove')
    expect(sanne.page.html).toContain('Turn two-step verification off?')
    expect(desk.acts).toEqual([])
    await sanne.submit()
    expect(left()).toBe('two-step-off')
    expect(desk.acts).toEqual(['turn off a1', 'end others'])
  })

  test('two tabs: the other app is removed between the look and the act: nothing goes off, and the page says what it is now', async () => {
    await open('/account/apps/a1/remove')
    desk.meanwhile = only
    await sanne.submit()
    expect(path()).toBe('/account/apps/a1/remove')
    expect(sanne.page.html).toContain('Turn two-step verification off?')
    expect(desk.acts).toEqual([])
  })

  test('E-07: the last one stays where it is demanded, also if it was not when the page was made', async () => {
    only()
    await open('/account/apps/a1/remove')
    desk.overview.demanded = true
    await sanne.submit()
    expect(sanne.page.html).toContain('This app cannot be removed')
    expect(desk.acts).toEqual([])
  })
})
