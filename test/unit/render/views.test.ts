/** Every page and mail in every language, and what no template may let through. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Locale } from '../../../src/lib/locales.ts'
import { assets } from '../../../src/render/assets.ts'
import { contrast } from '../../../src/render/brand.ts'
import { type Brand, brandCss, defaultBrand, type PageData, views } from '../../../src/render/views.ts'
import { withoutDigests } from '../../support/runner/random.ts'
import { PAGES, pagesInViews } from '../../support/samples/pages.ts'
import { GET, UNKNOWN } from '../../support/samples/passkeys.ts'
import { base, login, password } from '../../support/samples/sign-in.ts'

const FOLDER = join(import.meta.dirname, '../../../views')
const LOCALES: Locale[] = ['en', 'nl']
const brand: Brand = { ...defaultBrand, supportEmail: 'help@sigma.example', supportPhone: '+31 20 123 45 67' }
const rendered = views(FOLDER, brand)

const EVIL = `"><script>alert(1)</script>'\n`
const EVIL_REFUSAL = {
  error: EVIL,
  description: EVIL,
  refused: { parameter: EVIL, value: EVIL },
  nearest: { address: EVIL, differs: ['slash'] },
}

/** The notices have a test of their own, notices.test.ts. */
const MAILS: [name: string, data: Record<string, unknown>][] = [
  ['activation', { name: 'Sanne', email: login.email, link: 'https://id.example/a?t=1&u=2', hours: 24 }],
  ['already-active', { name: 'Sanne', email: login.email, home: 'https://id.example/' }],
  ['reset', { name: 'Sanne', link: 'https://id.example/r?t=1', minutes: 60 }],
  ['address-code', { code: '123456', minutes: 10 }],
  ['delivery-test', {}],
  ['address-taken', { name: 'Sanne', email: login.email }],
  ...['two-step-reminder', 'switch-reminder'].map((name): [string, Record<string, unknown>] => [
    name,
    { name: 'Sanne', email: login.email, settings: 'https://id.example/account', deadline: Date.UTC(2026, 11, 1) },
  ]),
]

describe.each(LOCALES)('pages in %s', (locale) => {
  test.each([...new Set(PAGES.map(([view]) => view))])('%s, whatever it has to say', (view) => {
    for (const [, data] of PAGES.filter(([name]) => name === view)) sound(view, data)
  })

  function sound(view: string, data: PageData): void {
    const html = rendered.page(view, locale, data)
    const holds = (found: unknown) => expect.soft(found, JSON.stringify(data))
    holds(html).toMatch(new RegExp(`^\\s*<!doctype html>\\n<html lang="${locale}">`))
    holds(html).toMatch(/<title>[^<]+ – Sigma (ID|Portal)<\/title>/)
    holds(html.match(/<h1>/g)).toHaveLength(1)
    // On a page that goes on by itself another language would be the wrong way, and one that was posted has no address.
    holds(html.includes(`step=1&amp;lang=${locale === 'en' ? 'nl' : 'en'}"`)).toBe(
      view !== 'onward' && data.self !== '',
    )
    holds(html).toContain('mailto:help@sigma.example')
    // A placeholder is a word; a number in braces counts, in the pattern of a field.
    holds(withoutDigests(html)).not.toMatch(/undefined|\[object|NaN|(?<!\\p)\{[a-z]\w*\}/i)
    // The pages' Content-Security-Policy admits neither.
    holds(html).not.toMatch(/\s(style|on\w+)=/)
    for (const [script] of html.matchAll(/<script[^>]*>/g)) holds(script).toContain('nonce="n0nce"')
    // The browser would say what is wrong in its own words and its own language.
    for (const [form] of html.matchAll(/<form[^>]*>/g)) holds(form).toContain(' novalidate')
    // What an application's form asks for may be asked for by anybody, with a GET too.
    for (const [form] of view === 'forward'
      ? []
      : html.matchAll(/<form(?! class="(?:search|filters|picks)" method="get").*?<\/form>/gs))
      holds(form).toMatch(/name="(csrf|xsrf)"/)
  }
})

test('every page in views/ has a sample', () => {
  expect([...new Set(PAGES.map(([view]) => view))].sort()).toEqual(pagesInViews())
})

describe.each(LOCALES)('mails in %s', (locale) => {
  test.each(MAILS)('%s', (name, data) => {
    const mail = rendered.mail(name, locale, data)
    const link = data.link ?? data.home
    expect(mail.text).not.toMatch(/undefined|\[object|NaN|\{\w+\}|<|\n{3}|&#/)
    expect(mail.html).not.toMatch(/undefined|\[object|NaN|\{\w+\}/)
    expect(mail.subject).not.toMatch(/[\r\n{}]/)
    // On a line of its own, so that mail programs make a link of it.
    if (link) expect(mail.text.split('\n')).toContain(link)
    if (link) expect(mail.html).toContain(`href="${String(link).replace('&', '&amp;')}"`)
  })
})

test('injection: names, addresses and claims from outside never become markup', () => {
  const evil: [string, Record<string, unknown>][] = [
    ['login', { clientName: EVIL, email: EVIL, forgotHref: EVIL }],
    ['login', { clientName: EVIL, email: EVIL, reauth: true }],
    ['select-account', { clientName: EVIL, accounts: [{ email: EVIL, signedIn: true, remembered: true }] }],
    ['set-password', { ...password, name: EVIL, email: EVIL, linkId: EVIL, csrf: EVIL }],
    ['consent', { clientName: EVIL, scopes: [], claims: [], access: [{ scope: EVIL, at: EVIL }] }],
    ['logout', { xsrf: EVIL, automatic: true }],
    ['signed-out', { clientName: EVIL, clientUri: EVIL }],
    ['error', { code: EVIL, reference: EVIL, home: EVIL, homeName: EVIL, refusal: EVIL_REFUSAL }],
    ['logout', { xsrf: EVIL, fault: 'unknown-goodbye', reference: EVIL, refusal: EVIL_REFUSAL }],
    ['home', { applications: [{ name: EVIL, href: EVIL }], outbox: false }],
    ['dev-outbox', { messages: [{ channel: 'email', to: EVIL, subject: EVIL, text: `https://x/${EVIL}`, at: 0 }] }],
    [
      'portal/signed-in',
      { settings: EVIL, name: EVIL, email: EVIL, organization: EVIL, claims: { [EVIL]: EVIL, amr: [EVIL] } },
    ],
  ]
  for (const [view, data] of evil) {
    const html = rendered.page(view, 'en', { ...login, ...data, self: `/x${EVIL}` })
    expect(html, view).not.toContain('<script>')
    expect(html, view).not.toContain('"">')
  }
  for (const [name, data] of MAILS) {
    const mail = rendered.mail(name, 'en', { ...data, name: EVIL, email: EVIL })
    expect(mail.html, name).not.toContain('<script>')
  }
})

test('injection: a name with line breaks adds no line to a mail', () => {
  const mail = rendered.mail('reset', 'en', {
    name: 'Sanne\r\n\r\nPay here: x',
    link: 'https://id.example',
    minutes: 60,
  })
  expect(mail.text).toContain('Hello Sanne Pay here: x,')
})

test('page data cannot replace what the renderer hands to every template', () => {
  const html = rendered.page('reset', 'en', { ...base, t: () => 'other', brand: { product: 'Other' }, locale: 'xx' })
  expect(html).toContain('<html lang="en">')
  expect(html).not.toContain('ther</')
})

test('one message for every wrong pair of address and password, and what was typed stays', () => {
  const html = rendered.page('login', 'en', { ...login, error: { reason: 'wrong-credentials' } })
  expect(html).toMatch(/<div class="alert" role="alert" id="problem" tabindex="-1" autofocus>/)
  expect(html.match(/aria-describedby="problem" aria-invalid="true"/g)).toHaveLength(2)
  expect(html).toContain('value="sanne@sigma.example"')
  expect(html).not.toMatch(/type="password"[^>]*value=/)
})

test('what the Enter key presses is Sign in, not Cancel or another account', () => {
  const html = rendered.page('login', 'en', login)
  const [first] = html.match(/<button(?![^>]*type="button")[^>]*>[^<]*/) ?? []
  expect(first).toBe('<button>Sign in')
})

test('fields tell password managers what they are for', () => {
  expect(rendered.page('login', 'en', login)).toMatch(/autocomplete="username".*autocomplete="current-password"/s)
  const set = rendered.page('set-password', 'en', password)
  expect(set).toMatch(/autocomplete="username".*autocomplete="new-password".*autocomplete="new-password"/s)
})

test('where there are passkeys, the field for the address offers them, and Sign in stays first', () => {
  const [without, html, again] = [
    {},
    { passkey: { options: GET } },
    { passkey: { options: GET, first: true }, reauth: true },
  ].map((more) => rendered.page('login', 'en', { ...login, ...more }))
  expect(without).not.toMatch(/passkey|webauthn/)
  expect(html).toMatch(/autocomplete="username webauthn".*<button>Sign in.*data-passkey="get".*name="assertion"/s)
  expect(again).toMatch(/data-passkey="get".*type="password".*<button class="plain">Sign in/s)
  expect(again).not.toMatch(/webauthn|data-conditional/)
  expect(rendered.page('login', 'en', { ...login, signal: UNKNOWN }).match(/data-signal/g)).toEqual(['data-signal'])
})

describe('brand colors', () => {
  const color = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, '0')}`)
  const property = (css: string, name: string) => css.match(new RegExp(`--${name}:(#\\w{6})`))?.[1] ?? ''

  test('whatever color is configured, text on it and text in it can be read (WCAG 1.4.3)', () => {
    fc.assert(
      fc.property(color, color, (light, dark) => {
        const [bright = '', dim = ''] = brandCss({ ...brand, color: light, colorDark: dark }).split('\n')
        for (const css of [bright, dim]) {
          expect(contrast(property(css, 'brand'), property(css, 'on-brand'))).toBeGreaterThanOrEqual(4.5)
          expect(contrast(property(css, 'brand-hover'), property(css, 'on-brand'))).toBeGreaterThanOrEqual(4.5)
        }
        for (const ground of ['#ffffff', '#f2f5f5']) {
          expect(contrast(property(bright, 'brand-text'), ground)).toBeGreaterThanOrEqual(4.5)
        }
        for (const ground of ['#111819', '#1b2425']) {
          expect(contrast(property(dim, 'brand-text'), ground)).toBeGreaterThanOrEqual(4.5)
        }
      }),
    )
  })

  test('the configured color itself is the fill', () => {
    expect(property(brandCss(brand), 'brand')).toBe(defaultBrand.color)
  })

  test.each(['red', '#fff', '#12345g', '#123456;}', ''])('injection: %j is no color', (bad) => {
    expect(() => brandCss({ ...brand, color: bad })).toThrow('a brand color is #rrggbb')
    expect(() => brandCss({ ...brand, colorDark: bad })).toThrow('a brand color is #rrggbb')
  })

  test('a logo from another origin is refused', () => {
    expect(() => views(FOLDER, { ...brand, logo: 'https://elsewhere.example/x.svg' })).toThrow('a logo is')
  })
})

describe('public files', () => {
  const files = assets(FOLDER, brand)

  test('pages link them by their content, so that they can be kept for ever', () => {
    const html = rendered.page('login', 'en', login)
    for (const path of ['/assets/sigma.css', '/assets/sigma.js', '/assets/favicon.svg']) {
      expect(html).toContain(`${path}?v=${files.get(path)?.version}"`)
    }
  })

  test('a change of the brand is a change of the link', () => {
    const other = assets(FOLDER, { ...brand, color: '#123456' })
    expect(other.get('/assets/sigma.css')?.etag).not.toBe(files.get('/assets/sigma.css')?.etag)
  })

  test('the logo of this house stands in the page; a long one is asked for', () => {
    const [, picture = ''] =
      /<img src="data:image\/svg\+xml;base64,([^"]*)"/.exec(rendered.page('login', 'en', login)) ?? []
    expect(String(Buffer.from(picture, 'base64'))).toBe(String(files.get('/assets/logo.svg')?.body))
    const long = views(FOLDER, { ...brand, logo: '/assets/sigma.js' }).page('login', 'en', login)
    expect(long).toContain(`<img src="/assets/sigma.js?v=${files.get('/assets/sigma.js')?.version}"`)
  })

  test('each is compressed once, whoever asks for it', async () => {
    const { compressed } = files.get('/assets/sigma.css') ?? {}
    for (const coding of ['br', 'gzip'] as const) {
      const [one, other] = await Promise.all([compressed?.[coding](), compressed?.[coding]()])
      expect(one).toBeInstanceOf(Buffer)
      expect(other).toBe(one)
    }
  })

  test('stylesheet and script stay small', () => {
    // As it goes over the line: what a phone on a slow connection waits for.
    expect(gzipSync(files.get('/assets/sigma.css')?.body ?? '').length).toBeLessThan(5_000)
    // A third of the script is for passkeys, which nothing but a script can ask a browser for.
    expect(gzipSync(files.get('/assets/sigma.js')?.body ?? '').length).toBeLessThan(3_200)
  })
})
