/**
 * What the pages of the security settings make of an answer: where they lead, what they say, and that nothing else is
 * done. Who may come in is the house's business.
 */
import { describe, expect, test } from 'vitest'
import type { Confirmed } from '../../../../src/accounts/addresses.ts'
import type { OwnChanged } from '../../../../src/accounts/own-password.ts'
import { MINUTE } from '../../../../src/lib/time.ts'
import { forEachTest } from '../../../support/runner/made.ts'
import { accountWeb, NOW, TOKEN } from '../../../support/unit/account-web.ts'

const GONE = 'That had changed in the meantime, so nothing was done. This is how things are now.'

const web = forEachTest(accountWeb)

/** Posts, and reads what the overview then says. */
async function said(path: string, fields?: Record<string, string>): Promise<string | undefined> {
  const { status, to } = await web.post(path, fields)
  expect([status, to]).toEqual([303, '/account'])
  return notice()
}

async function notice(): Promise<string | undefined> {
  const { text } = await web.visit('/account')
  // Once.
  expect((await web.visit('/account')).text).not.toContain('role="status"')
  return text.match(/role="status"><p>([^<]*)/)?.[1]
}

describe('password', () => {
  const typed = { current: 'a', password: 'b', repeat: 'b' }

  test('after the change everything else that was signed in ends, and the overview says so', async () => {
    expect(await said('/account/password', typed)).toBe(
      'Your password has been changed. Everywhere else you are signed out.',
    )
    expect(web.done).toEqual(['change', 'endOthers'])
  })

  test.each<[OwnChanged, status: number, text: string]>([
    [{ ok: false, reason: 'refused', current: 'wrong', faults: [] }, 400, 'This is not your current password.'],
    [{ ok: false, reason: 'refused', current: undefined, faults: ['same'] }, 400, 'Choose another one.'],
    [{ ok: false, reason: 'wait', retryAt: NOW + 5 * MINUTE }, 429, 'Wait 5 minutes'],
    [{ ok: false, reason: 'closed' }, 400, 'no longer works'],
  ])('%j: stays on the page, ends nothing', async (changed, status, text) => {
    web.answers.changed = changed
    const answer = await web.post('/account/password', typed)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(text)
    expect(web.done).toEqual(['change'])
  })

  test('what is judged while it is typed is judged by the server, and not without end', async () => {
    const { status, text } = await web.ask('/account/password/check', { password: 'abc' })
    expect([status, JSON.parse(text)]).toEqual([200, { ok: false, reasons: ['too-short'] }])
    // A form of another site cannot send JSON.
    expect((await web.post('/account/password/check', { password: 'abc' })).status).toBe(415)
    web.answers.judged = { ok: false, reason: 'wait', retryAt: NOW }
    expect((await web.ask('/account/password/check', { password: 'abc' })).status).toBe(429)
    expect((await web.visit('/account/password/check')).to).toBe('/account/password')
  })
})

describe('addresses', () => {
  const code = { code: '12345678', step: 'code' }

  test('a code for a new address, then the change, then the end of everything else', async () => {
    const { to } = await web.post('/account/email', { address: 'nieuw@sigma.example' })
    expect((await web.visit(to)).text).toContain('<strong>nieuw@sigma.example</strong>')
    expect(await said(to, code)).toBe('Your e-mail address has been changed. Sign in with it from now on.')
    expect(web.done).toEqual(['begin email nieuw@sigma.example', 'confirm email 12345678', 'endOthers'])
  })

  test('an address for notices opens nothing, so nothing ends', async () => {
    expect(await said('/account/notice-address/code', code)).toBe('The second address has been saved.')
    expect(web.done).toEqual(['confirm notice 12345678'])
  })

  test.each<[Confirmed, text: string]>([
    [{ ok: false, reason: 'wrong-code' }, 'This code is not right.'],
    [{ ok: false, reason: 'wait', retryAt: NOW + 5 * MINUTE }, 'Wait 5 minutes'],
    [{ ok: false, reason: 'expired' }, 'This code has expired.'],
    [{ ok: false, reason: 'taken' }, 'This address cannot be used.'],
    [{ ok: false, reason: 'closed' }, 'There were too many wrong codes'],
  ])('%j: said on the page that is due, and nothing ends', async (confirmed, text) => {
    web.answers.confirmed = confirmed
    const answer = await web.post('/account/email/code', code)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).toContain(text)
    expect(web.done).toEqual(['confirm email 12345678'])
  })

  test('a page whose code has run out leads to asking for another', async () => {
    web.answers.pending = undefined
    const { text } = await web.visit('/account/email/code')
    expect(text).toContain('This code has expired.')
    expect(text).toContain('action="/account/email"')
    await web.post('/account/email/code', { step: 'resend' })
    expect(web.done).toEqual([])
  })

  test('a new code goes to the address that waits, whatever the form says', async () => {
    const { to } = await web.post('/account/email/code', { step: 'resend', address: 'other@sigma.example' })
    expect(to).toBe('/account/email/code')
    expect(web.done).toEqual(['begin email nieuw@sigma.example'])
  })

  test('the second address, removed in another tab', async () => {
    expect(await said('/account/notice-address/remove')).toBe('The second address has been removed.')
    web.answers.there = false
    expect(await said('/account/notice-address/remove')).toBe(GONE)
  })
})

describe('what was there when the page was made', () => {
  test.each([
    ['/account/sessions/s1/end', 'end s1 S', 'The device has been signed out.'],
    ['/account/devices/d0/forget', 'forgetDevice d0', 'The device has been forgotten.'],
    ['/account/devices/forget', 'forgetDevices', 'All devices have been forgotten.'],
    ['/account/applications/portal/remove', 'removeApplication portal', 'The application no longer has access.'],
  ])('%s asks, then does it and says so', async (path, act, sentence) => {
    expect((await web.visit(path)).text).toMatch(/<h1>[^<]+\?<\/h1>/)
    expect(web.done).toEqual([])
    expect(await said(path)).toBe(sentence)
    expect(web.done).toEqual([act])
  })

  test.each(['/account/sessions/s1/end', '/account/devices/d0/forget', '/account/applications/portal/remove'])(
    '%s says so where somebody was first',
    async (path) => {
      web.answers.there = false
      expect(await said(path)).toBe(GONE)
    },
  )

  test.each([
    '/account/sessions/unknown/end',
    // The one that asks: it is ended by signing out.
    '/account/sessions/s0/end',
    '/account/devices/unknown/forget',
    '/account/applications/unknown/remove',
  ])('%s is a page about nothing', async (path) => {
    expect((await web.visit(path)).to).toBe('/account')
    expect(await notice()).toBe(GONE)
  })

  test('signing out everywhere ends at the page that says so', async () => {
    expect((await web.post('/account/sign-out-everywhere')).to).toBe('/session/end/success')
    expect(web.done).toEqual(['signOutEverywhere'])
  })
})

describe('details', () => {
  test('the language is also that of the next pages', async () => {
    await web.post('/account/language', { locale: 'nl' })
    expect(web.done).toEqual(['setLanguage nl'])
    expect((await web.visit('/account/language')).text).toContain('<html lang="nl">')
  })

  test.each(['', 'xx', '__proto__'])('%j is no language', async (locale) => {
    expect((await web.post('/account/language', { locale })).to).toBe('/account/language')
    expect(web.done).toEqual([])
  })

  test('a download leaves a trace and a mail before it leaves', async () => {
    expect((await web.visit('/account/data')).status).toBe(200)
    expect(web.done).toEqual([])
    expect(JSON.parse((await web.post('/account/data')).text)).toEqual({ account: { name: 'Sanne' } })
    expect(web.done).toEqual(['audit account.exported', 'notice data-downloaded', 'enqueue'])
  })
})

describe('taking an address back', () => {
  async function form(): Promise<Record<string, string>> {
    const { text } = await web.visit('/undo/confirm')
    const value = (name: string) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1] ?? ''
    return { csrf: value('csrf'), link: value('link'), sure: 'yes' }
  }

  test('opening the link changes nothing; the form does, once', async () => {
    expect((await web.visit(`/undo/${TOKEN}`)).to).toBe('/undo/confirm')
    const { text } = await web.visit('/undo/confirm')
    expect(text).toContain('<strong>oud@sigma.example</strong>')
    expect(text).not.toContain(TOKEN)
    expect(web.done).toEqual([])
    const { sure: _unticked, ...pressed } = await form()
    expect((await web.post('/undo/confirm', pressed)).status).toBe(400)
    expect(web.done).toEqual([])
    expect((await web.post('/undo/confirm', await form())).to).toBe('/undo/done')
    expect(web.done).toEqual([`undo ${TOKEN}`])
    expect((await web.visit('/undo/confirm')).status).toBe(410)
  })

  test('a form of another link, or without the token of this browser, does nothing', async () => {
    await web.visit(`/undo/${TOKEN}`)
    const right = await form()
    expect((await web.post('/undo/confirm', { ...right, link: 'other' })).status).toBe(200)
    expect((await web.post('/undo/confirm', { ...right, csrf: 'forged' })).status).toBe(403)
    expect(web.done).toEqual([])
  })

  test('a link that opens nothing', async () => {
    await web.visit('/undo/nothing')
    expect((await web.visit('/undo/confirm')).status).toBe(410)
  })
})
