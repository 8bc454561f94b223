/**
 * Every page there is, with whatever it can have to say: no wider than its screen, whatever people and applications are
 * called, and nothing that axe finds, by light and by dark.
 */
import axe from 'axe-core'
import { expect, test } from 'vitest'
import type { PageData } from '../../src/render/views.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { STYLE_LINK, STYLES, unstyledPage } from '../support/browser/whole-page.ts'
import { forAllTests } from '../support/runner/made.ts'
import { PAGES, pagesInViews } from '../support/samples/pages.ts'

/** Of the longest that there can be, and nowhere to break. */
const EMAIL = `${'sannedevries'.repeat(6).slice(0, 64)}@${'administratiekantoor'.repeat(2)}.example`
const NAME = 'Hoofdelijkeaansprakelijkheidsverzekering'.repeat(2)
const NAMES = new Set([
  ...['name', 'clientName', 'client_name', 'label', 'organization', 'givenName', 'familyName'],
  ...['appName', 'site', 'issuerName', 'homeName', 'agent', 'title', 'typed'],
])
const ADDRESSES = new Set([
  ...['email', 'entry', 'entries', 'account', 'noticeEmail', 'newEmail', 'address', 'old'],
  ...['signedIn', 'present', 'replaces'],
])

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

/** As wide as it can get: everything that is folded in is open, and what needs a script is there. */
function widest(html: string): string {
  return html.replace(/<details>/g, '<details open>').replace(/ hidden(?= data-)/g, '')
}

/** These come after the address, and say whose it is. */
const SEATED = /^(?:enroll|challenge)\//

interface Shown {
  view: string
  name: string
  html: string
}

function everyPage(locale: string): Shown[] {
  const shown = PAGES.map(([view, data], at) => {
    const all = long(SEATED.test(view) ? { who: EMAIL, ...data } : data) as PageData
    return { view, name: `${view} ${at}`, html: widest(unstyledPage(view, locale, all)) }
  })
  return [...new Map(shown.map((page) => [page.html, page])).values()]
}

/** Of each view the one that has most to say, and that something is wrong where it can. */
function fullest(pages: Shown[]): Shown[] {
  const said = ({ html }: Shown) => html.length + (html.includes('role="alert"') ? 1e6 : 0)
  const views = new Map<string, Shown>()
  for (const page of pages.toSorted((one, other) => said(one) - said(other))) views.set(page.view, page)
  return [...views.values()]
}

/** All eight ways to look at all that there is take minutes. */
const EVERYTHING = process.env.EVERY_SAMPLE !== undefined

/** By each of the eight ways a quarter of the pages, so that each is seen in both languages, on both screens, by light and by dark. */
function share(pages: Shown[], way: number): Shown[] {
  if (EVERYTHING) return pages
  return fullest(pages).filter((_page, at) => at % 4 === Math.min(way, 7 - way))
}

const browser = forAllTests(launchChromium)

test('every page in views/ is looked at', () => {
  expect([...new Set(PAGES.map(([view]) => view))].sort()).toEqual(pagesInViews())
})

test.each([
  { locale: 'en', phone: true },
  { locale: 'nl', phone: true },
  { locale: 'en', phone: false },
  { locale: 'nl', phone: false },
])('$locale, phone: $phone', { timeout: EVERYTHING ? 3_600_000 : 120_000 }, async ({ locale, phone }) => {
  // What moves into sight would not be there yet.
  const context = await browser.newContext({ isMobile: phone, hasTouch: phone, reducedMotion: 'reduce' })
  const tab = await context.newPage()
  // A page knows that it is touched only after it was gone to.
  await tab.route('**', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await tab.goto('https://id.sigma.example/')
  expect(await tab.evaluate(() => matchMedia('(hover: none) and (pointer: coarse)').matches)).toBe(phone)
  await tab.evaluate(axe.source)
  await tab.evaluate(prepare, { styles: STYLES, link: STYLE_LINK })
  const pages = everyPage(locale)
  expect(pages.length).toBeGreaterThan(600)
  // A desk at twice its size (WCAG 1.4.4) is 640 wide.
  for (const width of phone ? [320, 390] : [640, 1280]) {
    await tab.setViewportSize({ width, height: 800 })
    expect((await tab.evaluate(tooWide, pages)).map((line) => `${width} ${line}`)).toEqual([])
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.emulateMedia({ colorScheme })
    const way = Number(locale === 'nl') + Number(phone) * 2 + Number(colorScheme === 'dark') * 4
    expect((await tab.evaluate(faulty, share(pages, way))).map((line) => `${colorScheme} ${line}`)).toEqual([])
  }
  await context.close()
})

/** In the browser. What stands there lasts: of a document that is written anew the window stays. */
interface Here {
  show(html: string): void
  axe: typeof axe
}

function prepare({ styles, link }: { styles: Record<string, string>; link: string }): void {
  const here = globalThis as unknown as Here
  here.show = (html) => {
    document.open()
    document.write(html.replace(new RegExp(link, 'g'), (_link, path) => `<style>${styles[path]}</style>`))
    document.close()
  }
}

/** Runs in the browser: what is wider than its screen, and what scrolls by itself and cannot be reached by keyboard. */
function tooWide(pages: Shown[]): string[] {
  const here = globalThis as unknown as Here
  return pages.flatMap(({ html, name }) => {
    here.show(html)
    const { scrollWidth, clientWidth } = document.documentElement
    const all = [...document.body.querySelectorAll<HTMLElement>('*')]
    const beyond = () => all.filter((one) => one.getBoundingClientRect().right > clientWidth + 1).slice(-1)
    const shut = all.filter(
      (one) =>
        one.scrollWidth > one.clientWidth + 1 &&
        one.tabIndex < 0 &&
        /auto|scroll/.test(getComputedStyle(one).overflowX),
    )
    const found = [...(scrollWidth > clientWidth ? beyond() : []), ...shut]
    return found.map((one) => `${name}: ${one.outerHTML.slice(0, 160)}`)
  })
}

/** Runs in the browser: what axe finds on each page. */
async function faulty(pages: Shown[]): Promise<string[]> {
  const here = globalThis as unknown as Here
  const found: string[] = []
  for (const { html, name } of pages) {
    here.show(html)
    const { violations } = await here.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
      iframes: false,
      preload: false,
    })
    for (const { id, nodes } of violations) found.push(`${name}: ${id}: ${nodes.map((one) => one.html).join(' | ')}`)
  }
  return found
}
