/**
 * Renders pages and mails from views/: eta templates, one file per page, in the language of whoever reads them.
 *
 * Everything is read at start, and a template is compiled when it is first used: all of them would take a third of the start,
 * and one takes a millisecond. Values are escaped unless a template says otherwise (`<%~`), which
 * only the few helpers below that escape for themselves may be used with.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { Eta, type TemplateFunction } from 'eta/core'
import { AppError } from '../lib/errors.ts'
import type { Locale } from '../lib/locales.ts'
import { codePattern, LONGEST_TYPED } from '../lib/typed-code.ts'
import { assets, pictureInPage } from './assets.ts'
import { type Brand, textOn } from './brand.ts'
import { notice } from './notice.ts'
import { escapeHtml, languages, type Texts, type Translate } from './texts.ts'

export { type Brand, brandCss, defaultBrand } from './brand.ts'
export type { Translate } from './texts.ts'

export interface Views {
  /** Renders one page inside its layout. */
  page(view: string, locale: Locale, data: PageData): string
  /**
   * Renders one mail from mail/<name>.text.eta, mail/<name>.html.eta and the text `mail.<name>.subject`; a notice (see
   * notice.ts) that has no templates of its own from mail/notice.
   */
  mail(name: string, locale: Locale, data: Record<string, unknown>): { subject: string; text: string; html: string }
  translate(locale: Locale): Translate
}

export interface PageData {
  /** Of this answer's Content-Security-Policy. */
  nonce: string
  csrf?: string
  /** Path of this page, with its query if it has one: the same page in another language is linked from it. */
  self: string
  [key: string]: unknown
}

/** How the names of the two templates of a mail end: one plain, one for programs that show HTML. */
const MAIL_SUFFIX = { text: '.text', html: '.html' }

export function views(folder: string, brand: Brand): Views {
  const files = assets(folder, brand)
  const common = { brand: brand.name, product: brand.product }
  const spoken = languages(folder, common, brand.timeZone ?? 'Europe/Amsterdam')
  const html = new Eta({ escapeFunction: escapeHtml })
  // No trimming: in a plain text a line break is part of the text.
  const plain = new Eta({ escapeFunction: oneLine, autoTrim: false })
  const names = new Set<string>()
  for (const { name, source } of templates(folder)) {
    names.add(name)
    const engine = name.endsWith(MAIL_SUFFIX.text) ? plain : html
    engine.loadTemplate(name, compiledWhenUsed(engine, source))
  }

  const shared = {
    brand,
    logo: picture(logoOf(brand)),
    asset,
    linkify,
    marked,
    codePattern,
    longestTyped: LONGEST_TYPED,
    onBrand: textOn(brand.color),
    onBrandDark: textOn(brand.colorDark),
    contact: [brand.supportEmail, brand.supportPhone].filter(Boolean).join(', '),
    languages: [...spoken].map(([locale, { t }]) => ({ locale, name: t('language.name') })),
  }

  /** What every template has besides its own values, by language. */
  const given = new Map([...spoken].map(([locale, words]) => [locale, { ...shared, ...words, locale }]))

  function givenIn(locale: Locale): typeof shared & Texts {
    const found = given.get(locale)
    if (!found) throw new AppError('unknown-language', `there is no views/locales/${locale}.json`)
    return found
  }

  function asset(path: string): string {
    const version = files.get(path)?.version
    return version ? `${path}?v=${version}` : path
  }

  /** In the page itself where that is shorter than asking for it. */
  function picture(path: string): string {
    const file = files.get(path)
    return (file && pictureInPage(file)) ?? asset(path)
  }

  return {
    page: (view, locale, data) => html.render(view, { ...data, ...givenIn(locale) }),
    mail(name, locale, data) {
      const words = givenIn(locale)
      const path = `mail/${name}`
      const own = names.has(path + MAIL_SUFFIX.text)
      const template = own ? path : 'mail/notice'
      const shown = own ? data : { ...data, ...notice(name, data, words) }
      const subject = oneLine(words.t(`mail.${name}.subject`))
      const all = { ...shown, ...words, subject }
      return {
        subject,
        text: `${plain.render(`${template}${MAIL_SUFFIX.text}`, all).trim()}\n`,
        html: html.render(`${template}${MAIL_SUFFIX.html}`, all),
      }
    },
    translate: (locale) => givenIn(locale).t,
  }
}

function compiledWhenUsed(engine: Eta, source: string): TemplateFunction {
  let compiled: TemplateFunction | undefined
  return function render(this: Eta, data, options) {
    compiled ??= engine.compile(source)
    return compiled.call(this, data, options)
  }
}

/** Escaped text, its web addresses as links. */
function linkify(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 ? `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>` : escapeHtml(part)))
    .join('')
}

/** Escaped text, what stands between backticks as code. */
function marked(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part)))
    .join('')
}

// Someone's name must not add a line to a mail: neither a header nor a paragraph that looks like ours.
function oneLine(value: unknown): string {
  return String(value ?? '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

function logoOf({ logo = '/assets/logo.svg' }: Brand): string {
  if (logo.startsWith('/assets/') || logo.startsWith('data:image/')) return logo
  throw new AppError('invalid-brand', 'a logo is a path under /assets/ or a data:image/ URL')
}

function* templates(folder: string): Generator<{ name: string; source: string }> {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.eta')) continue
    const name = path.slice(0, -'.eta'.length).split(sep).join('/')
    yield { name, source: readFileSync(join(folder, path), 'utf8') }
  }
}
