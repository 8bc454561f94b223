/** The pages of two-step verification: what assistive technology, password managers and the Enter key meet there. */
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { Locale } from '../../../src/lib/locales.ts'
import { septets } from '../../../src/mfa/sms-code.ts'
import { defaultBrand, type PageData, views } from '../../../src/render/views.ts'
import { backup, scan, sms, TWO_STEP_PAGES, totp } from '../../support/samples/two-step.ts'

const LOCALES: Locale[] = ['en', 'nl']
const FOLDER = join(import.meta.dirname, '../../../views')
const rendered = views(FOLDER, defaultBrand)
const page = (view: string, data: PageData) => rendered.page(view, 'en', data)
const sample = (view: string): string => {
  const found = TWO_STEP_PAGES.find(([name]) => name === view)
  if (!found) throw new Error(`no sample of ${view}`)
  return page(...found)
}
const EVIL = `"><script>alert(1)</script>'`

/** The buttons that send a form, in the order of the page: name, value and label. */
function senders(html: string): string[] {
  return [...html.matchAll(/<button(?![^>]*type="button")([^>]*)>(.*?)<\/button>/gs)].map(
    ([, attributes = '', inner = '']) => {
      const of = (name: string) => attributes.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? ''
      return `${of('name')}=${of('value')} ${inner.match(/<strong>([^<]*)/)?.[1] ?? inner.trim()}`
    },
  )
}

test.each<[view: string, senders: string[]]>([
  ['enroll/offer', ['step=enable Enable', 'step=later Remind me later', 'action=cancel Cancel']],
  [
    'enroll/app',
    [
      'step=app:company Sigma Authenticator',
      'step=app:other I use a different authenticator app',
      'action=cancel Cancel',
    ],
  ],
  ['enroll/scan', ['step=name Use this name', 'step=scanned Next', 'action=cancel Cancel']],
  ['enroll/code', ['step=code Next', 'step=back Back to the QR code', 'action=cancel Cancel']],
  ['enroll/passkey', ['step=back Back', 'action=cancel Cancel']],
  ['enroll/sms', ['step=send Send code', 'step=skip Skip', 'action=cancel Cancel']],
  [
    'enroll/sms-code',
    [
      'step=sms-code Next',
      'step=skip Skip',
      'step=resend Resend code',
      'step=number Change number',
      'action=cancel Cancel',
    ],
  ],
  ['enroll/backup', ['step=saved Next']],
  ['enroll/done', ['step=continue Continue']],
  ['challenge/totp', ['step=verify Verify', 'action=cancel Cancel']],
  ['challenge/sms', ['step=verify Verify', 'step=resend Resend code', 'action=cancel Cancel']],
  ['challenge/backup', ['step=verify Verify', 'action=cancel Cancel']],
  ['challenge/temporary', ['step=verify Verify', 'action=cancel Cancel']],
  ['challenge/methods', ['action=cancel Cancel']],
  ['challenge/lost', ['step=lost Yes, set up two-step verification again', 'step=kept No, I still have my phone']],
])('%s: the Enter key goes on, and every way off the page can be pressed', (view, expected) => {
  expect(senders(sample(view))).toEqual(expected)
})

test('codes of six digits: numeric keyboard, autofill, spaces allowed', () => {
  for (const view of ['enroll/code', 'enroll/sms-code', 'challenge/totp', 'challenge/sms']) {
    const field = sample(view).match(/<input id="code"[^>]*>/)?.[0] ?? ''
    expect(field, view).toMatch(/autocomplete="one-time-code".*inputmode="numeric".* autofocus/s)
    const pattern = new RegExp(`^(?:${field.match(/pattern="([^"]*)"/)?.[1]})$`, 'v')
    expect(['123456', '123 456', ' 1 2 3 4 5 6 '].filter((typed) => !pattern.test(typed))).toEqual([])
    expect(['', '12345', '1234567', '12345a'].filter((typed) => pattern.test(typed))).toEqual([])
  }
})

test('codes on paper are no one-time codes: no autofill, no spelling, no numeric keyboard', () => {
  for (const view of ['challenge/backup', 'challenge/temporary']) {
    const field = sample(view).match(/<input id="code"[^>]*>/)?.[0] ?? ''
    expect(field, view).toMatch(/autocomplete="off".*spellcheck="false"/s)
    expect(field, view).not.toMatch(/inputmode|pattern/)
  }
})

test('a wrong code keeps the keyboard in the field, and says what to check', () => {
  const html = page('challenge/totp', { ...totp, error: { reason: 'wrong-code' } })
  expect(html).toMatch(/<input id="code"[^>]*aria-describedby="code-error code-help" aria-invalid="true" autofocus>/)
  expect(html).toContain('that you read the entry sanne@sigma.example.')
  expect(html).toContain('<title>Error: ')
})

test('what the person typed as a code is never sent back', () => {
  for (const [view, data] of TWO_STEP_PAGES) {
    expect(page(view, { ...data, value: '123456' }), view).not.toContain('123456"')
  }
})

test('without a deadline to wait for there is no Remind me later', () => {
  const offer = TWO_STEP_PAGES.find(([view]) => view === 'enroll/offer')?.[1]
  expect(sample('enroll/offer')).toContain('1\u00a0March\u00a02026')
  const html = page('enroll/offer', { ...offer, optional: false, nonce: '', self: '/' })
  expect(html).not.toMatch(/Remind me later|March/)
})

describe('without scripts', () => {
  test('the key can be read and the backup code kept; only what needs a script is hidden', () => {
    expect(page('enroll/scan', scan)).toContain('JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP')
    expect(page('enroll/scan', scan)).toMatch(/<button type="button"[^>]* hidden data-copy="JBSW[^>]*>Copy key/)
    const html = page('enroll/backup', backup)
    expect(html).toMatch(/<a class="small" href="data:text\/plain[^"]*K7QM[^"]*" download="[^"]*">Download<\/a>/)
    expect(html.match(/<button type="button"[^>]* hidden /g)).toHaveLength(2)
  })

  test('a new code can be asked for at once: the wait is the server’s to keep', () => {
    expect(page('challenge/sms', sms)).toMatch(/value="resend" data-wait="28">Resend code</)
    expect(page('challenge/sms', sms)).not.toContain('disabled')
  })
})

test('the device is remembered only by a tick of the person, and the warning belongs to the box', () => {
  const html = page('challenge/totp', totp)
  expect(html).toMatch(
    /name="remember" value="yes" aria-describedby="remember-hint"> <span>Remember this device for 30 days</,
  )
  expect(html).not.toContain('checked')
  expect(page('challenge/totp', { ...totp, remember: false })).not.toContain('Remember this device')
})

test('of a phone number only the last two digits are shown', () => {
  expect(page('challenge/sms', { ...sms, number: '+31612345678' })).not.toContain('6123456')
})

test('injection: entries, numbers, keys and names never become markup', () => {
  const evil = {
    entry: EVIL,
    entries: [EVIL, EVIL],
    clientName: EVIL,
    number: EVIL,
    hint: EVIL,
    account: EVIL,
    code: EVIL,
  }
  const more = {
    appName: EVIL,
    issuer: EVIL,
    groups: [EVIL],
    key: EVIL,
    otpauth: EVIL,
  }
  const companyApp = { name: EVIL, logo: EVIL, stores: [{ name: EVIL, href: EVIL }] }
  const countries = [{ code: EVIL, name: EVIL, prefix: EVIL, selected: true }]
  const links = { methodsHref: EVIL, noneHref: EVIL, back: EVIL, cancelAction: EVIL, temporaryHref: EVIL }
  for (const [view, data] of TWO_STEP_PAGES) {
    const html = page(view, {
      ...data,
      ...evil,
      ...more,
      ...links,
      companyApp,
      apps: [companyApp],
      countries,
      name: EVIL,
      typed: EVIL,
    })
    expect(html, view).not.toContain('<script>')
    expect(html, view).not.toContain('"">')
  }
})

test.each(LOCALES)('in %s, the words of a text message are short, and every phone can show them', (locale) => {
  const words = rendered.translate(locale)('sms.code', { code: '123456' })
  expect(words).toMatch(/^123456 .*Sigma/)
  expect(septets(words)).toBeLessThan(100)
})

test('a page for a code that nothing is wrong with waits for no language data', () => {
  // The first one that is made takes tens of milliseconds, in which nobody is answered.
  const made = vi.spyOn(Intl, 'NumberFormat')
  const anew = views(FOLDER, defaultBrand)
  const codes = TWO_STEP_PAGES.filter(([view, { error }]) => /^challenge\/(?!lost)|code$/.test(view) && !error)
  expect(codes.length).toBeGreaterThan(8)
  for (const [view, data] of codes) anew.page(view, 'nl', data)
  expect(made).not.toHaveBeenCalled()
  made.mockRestore()
})
