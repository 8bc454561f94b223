/**
 * What people read, by language: the files in views/locales, and how a number, a wait and a moment are said.
 *
 * A language is one file. A text is asked for by its key (`login.title`), with values for its {placeholders}; asking for
 * a text that is not there, or without one of its values, is a fault and throws.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../lib/errors.ts'
import { once } from '../lib/once.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../lib/time.ts'

export type Values = Record<string, string | number>
export type Translate = (key: string, values?: Values) => string

export interface Texts {
  t: Translate
  has(key: string): boolean
  /** The text as HTML, escaped, its values in bold: names stand out, and no language file holds HTML. */
  strong: Translate
  /** `45 seconds`, `12 minutes`, `24 hours`, `7 days`; never less than there is to wait. */
  duration(seconds: number): string
  /** `3 days ago`, `2 hours ago`: how long ago these milliseconds are. */
  ago(milliseconds: number): string
  /** Date and time; in the hour that comes twice, when summer time ends, with the name of its zone. */
  when(at: number | string): string
  /** The date alone, for what ends some months from now. */
  day(at: number | string): string
  /** What people call the language with this code in the language of these texts. */
  nameOfLanguage(code: string): string
}

/** By how much clocks are set back: an hour, or half of one (Lord Howe Island). */
const SETS_BACK = [HOUR, HOUR / 2]

type Tree = { [key: string]: string | Tree }

/** Every language in `<folder>/locales`, by its name. `common` are values that any text may use. */
export function languages(folder: string, common: Values, timeZone: string): Map<string, Texts> {
  const files = readdirSync(join(folder, 'locales')).filter((name) => name.endsWith('.json'))
  return new Map(
    files.sort().map((name) => {
      const entries = flatten(JSON.parse(readFileSync(join(folder, 'locales', name), 'utf8')) as Tree)
      return [name.slice(0, -'.json'.length), texts(entries, common, timeZone)]
    }),
  )
}

/** `{ login: { title } }` becomes `login.title`. */
export function flatten(tree: Tree, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flatten(value, `${prefix}${key}.`)],
    ),
  )
}

const SPECIAL = /[&<>"']/
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For text and for quoted attributes. What is not there shows as nothing. */
export function escapeHtml(value: unknown): string {
  const text = String(value ?? '')
  return SPECIAL.test(text) ? text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '') : text
}

function texts(entries: Map<string, string>, common: Values, timeZone: string): Texts {
  const t: Translate = (key, values = {}) => fill(key, values, String)
  const region = t('language.region')
  // Made when first asked for: the language data behind them takes longer to load than all the rest of the start.
  const moments = once(() => new Intl.DateTimeFormat(region, { dateStyle: 'long', timeStyle: 'short', timeZone }))
  const days = once(() => new Intl.DateTimeFormat(region, { dateStyle: 'long', timeZone }))
  const zones = once(() => new Intl.DateTimeFormat(region, { timeZoneName: 'short', timeZone }))
  const backs = once(() => new Intl.RelativeTimeFormat(region))
  const names = once(() => new Intl.DisplayNames(region, { type: 'language' }))
  const spans = {
    second: once(() => unit('second')),
    minute: once(() => unit('minute')),
    hour: once(() => unit('hour')),
    day: once(() => unit('day')),
  }

  function fill(
    key: string,
    values: Values,
    show: (value: string | number) => string,
    quote: (text: string) => string = String,
  ): string {
    const text = entries.get(key)
    if (text === undefined) throw new AppError('missing-text', `no text ${JSON.stringify(key)}`)
    if (!text.includes('{')) return quote(text)
    return quote(text).replace(/\{(\w+)\}/g, (_placeholder, name: string) => {
      const value = values[name] ?? common[name]
      if (value === undefined) throw new AppError('missing-text', `no {${name}} for the text ${JSON.stringify(key)}`)
      return show(value)
    })
  }

  return {
    t,
    has: (key) => entries.has(key),
    strong: (key, values = {}) => fill(key, values, (value) => `<strong>${escapeHtml(value)}</strong>`, escapeHtml),
    duration(seconds) {
      const wait = seconds * SECOND
      if (wait < 2 * MINUTE) return spans.second().format(Math.ceil(seconds))
      if (wait < 2 * HOUR) return spans.minute().format(Math.ceil(wait / MINUTE))
      if (wait < 2 * DAY) return spans.hour().format(Math.ceil(wait / HOUR))
      return spans.day().format(Math.ceil(wait / DAY))
    },
    ago(milliseconds) {
      if (milliseconds < 2 * HOUR) return backs().format(-Math.floor(milliseconds / MINUTE), 'minute')
      if (milliseconds < 2 * DAY) return backs().format(-Math.floor(milliseconds / HOUR), 'hour')
      return backs().format(-Math.floor(milliseconds / DAY), 'day')
    },
    when(at) {
      const moment = new Date(at)
      const said = moments().format(moment)
      const twice = SETS_BACK.some((back) =>
        [moment.getTime() - back, moment.getTime() + back].some((other) => moments().format(other) === said),
      )
      const zone =
        twice &&
        zones()
          .formatToParts(moment)
          .find(({ type }) => type === 'timeZoneName')?.value
      return zone ? `${said} (${zone})` : said
    },
    day: (at) => days().format(new Date(at)),
    nameOfLanguage: (code) => names().of(code) ?? code,
  }

  function unit(unit: string): Intl.NumberFormat {
    return new Intl.NumberFormat(region, { style: 'unit', unit, unitDisplay: 'long' })
  }
}
