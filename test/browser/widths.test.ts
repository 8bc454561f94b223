/** No page is wider than its screen, whatever people and applications are called: on a small phone, a phone and a desk. */
import { expect, test } from 'vitest'
import type { PageData } from '../../src/render/views.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { wholePage } from '../support/browser/whole-page.ts'
import { forAllTests } from '../support/runner/made.ts'
import { ACCOUNT_PAGES } from '../support/samples/account.ts'
import { ACCOUNT_FACTOR_PAGES } from '../support/samples/account-factors.ts'
import { ADMIN_PAGES, RECOVERY_PAGES } from '../support/samples/admin.ts'
import { TWO_STEP_PAGES } from '../support/samples/two-step.ts'

/** A desk at twice its size (WCAG 1.4.4) is 640 wide. */
const WIDTHS = [320, 390, 640, 1280]
/** Of the longest that there can be, and nowhere to break. */
const EMAIL = `${'sannedevries'.repeat(6).slice(0, 64)}@${'administratiekantoor'.repeat(2)}.example`
const NAME = 'Hoofdelijkeaansprakelijkheidsverzekering'.repeat(2)

const page = {
  nonce: 'n0nce',
  self: '/x?step=1',
  csrf: 'CSRF',
  action: '/send',
  cancel: true,
  name: '',
  email: '',
  clientName: '',
}
const login = { ...page, rememberEmail: true, canSwitch: true, forgotHref: '/recover', reauth: false }
const password = { ...page, minimum: 15, check: '/check' }
const SIGN_IN: [view: string, data: PageData][] = [
  ['login', login],
  ['login', { ...login, reauth: true, error: { reason: 'wait', seconds: 30 } }],
  ['set-password', { ...password, purpose: 'activation', linkId: 'L' }],
  ['set-password', { ...password, purpose: 'longer', optional: true, until: 0 }],
  ['sign-out-first', { ...page, purpose: 'reset', signedIn: EMAIL, home: '/' }],
  [
    'consent',
    { ...login, scopes: ['openid', 'email'], claims: [], access: [{ scope: 'payroll:read', at: 'payroll.example' }] },
  ],
  ['signed-out', { ...page, clientUri: 'https://portal.example' }],
  ['home', { ...page, applications: [{ name: '', href: '/p' }], outbox: true }],
  ['onward', { ...page, onward: 'https://portal.example/callback' }],
]
const SAMPLES = [
  ...SIGN_IN,
  ...TWO_STEP_PAGES,
  ...ACCOUNT_PAGES,
  ...ACCOUNT_FACTOR_PAGES,
  ...ADMIN_PAGES,
  ...RECOVERY_PAGES,
]

const NAMES = new Set([
  'name',
  'clientName',
  'client_name',
  'label',
  'organization',
  'givenName',
  'familyName',
  'appName',
])
const ADDRESSES = new Set(['email', 'entry', 'entries', 'account', 'noticeEmail', 'newEmail', 'address', 'old'])

/** The sample with the longest names in place of its own. */
function long(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => long(one, key))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, long(one, name)]))
  }
  if (typeof value !== 'string') return value
  // One in small letters is a word of our own, such as the name of a section.
  if (NAMES.has(key) && !/^[a-z][\w-]*$/.test(value)) return NAME
  return ADDRESSES.has(key) ? EMAIL : value
}

const browser = forAllTests(launchChromium)

test.each(['en', 'nl'])('in %s', async (locale) => {
  const tab = await (await browser.newContext()).newPage()
  const seen = new Map(
    SAMPLES.map(([view, data], at) => [wholePage(view, locale, long(data) as PageData), `${view} ${at}`]),
  )
  const found = await tab.evaluate(measured, { pages: [...seen], widths: WIDTHS })
  await tab.context().close()
  expect(seen.size).toBeGreaterThan(300)
  expect(found).toEqual([])
})

/** Runs in the browser: what is wider than its screen, and what scrolls by itself and cannot be reached by keyboard. */
function measured({ pages, widths }: { pages: [html: string, name: string][]; widths: number[] }): string[] {
  return widths.flatMap((width) => {
    const frame = document.createElement('iframe')
    frame.style.cssText = `width: ${width}px; height: 800px; border: 0`
    document.body.replaceChildren(frame)
    return pages.flatMap(([html, name]) => {
      const inside = frame.contentDocument
      if (!inside) return [`${name}: no document`]
      inside.open()
      inside.write(html)
      inside.close()
      const { scrollWidth, clientWidth } = inside.documentElement
      const all = [...inside.body.querySelectorAll<HTMLElement>('*')]
      const said = (one: HTMLElement) => `${width} ${name}: ${one.outerHTML.slice(0, 160)}`
      const beyond = () => all.filter((one) => one.getBoundingClientRect().right > clientWidth + 1).slice(-1)
      const shut = all.filter(
        (one) =>
          one.scrollWidth > one.clientWidth + 1 &&
          one.tabIndex < 0 &&
          /auto|scroll/.test(getComputedStyle(one).overflowX),
      )
      return [...(scrollWidth > clientWidth ? beyond() : []), ...shut].map(said)
    })
  })
}
