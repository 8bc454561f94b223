/**
 * What is said at the door to whoever comes while there are too many: a page of bytes that were made once in each language,
 * for it has to cost next to nothing. It holds nothing of the request, and asks again by itself, with no script.
 */
import type { IncomingMessage } from 'node:http'
import type { Locale } from '../lib/locales.ts'
import type { Views } from '../render/views.ts'
import { generalHeaders, pagePolicy } from './headers.ts'

export interface Refused {
  /** Undefined for a program. */
  locale: Locale | undefined
  /** Seconds after which to come again. */
  retryAfter: number
  /** Where the browser asks again: a path. Its own address where none is given. */
  again?: string | undefined
}

export type BusyPage = (request: IncomingMessage, refused: Refused) => BusyAnswer

export interface BusyAnswer {
  status: 503
  headers: Record<string, string>
  bytes: Buffer
}

const PROGRAMS = Buffer.from(
  JSON.stringify({ error: 'temporarily_unavailable', error_description: 'too many requests at once' }),
)

export function busyPage(views: Pick<Views, 'page'>, secure: boolean): BusyPage {
  const general = generalHeaders(secure)
  const json = { headers: { 'Content-Type': 'application/json; charset=utf-8' }, bytes: PROGRAMS }
  const pages = new Map<Locale, Made>()

  /** Made when it is needed first: most processes never need it. */
  function pageIn(locale: Locale): Made {
    const made = pages.get(locale) ?? {
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Language': locale,
        'Content-Security-Policy': pagePolicy(undefined),
      },
      bytes: Buffer.from(views.page('busy', locale, { nonce: '', self: '' })),
    }
    pages.set(locale, made)
    return made
  }

  return (request, { locale, retryAfter, again }) => {
    const { headers, bytes } = locale === undefined ? json : pageIn(locale)
    return {
      status: 503,
      headers: {
        ...general(request),
        ...headers,
        'Content-Length': String(bytes.length),
        'Retry-After': String(retryAfter),
        ...(locale && { Refresh: again === undefined ? `${retryAfter}` : `${retryAfter};url=${again}` }),
      },
      bytes,
    }
  }
}

type Made = Pick<BusyAnswer, 'headers' | 'bytes'>

/** Seconds, and as many more by chance: when so many sign-ins were left open at an address, one ends every few moments. */
const FULL = 5

export function retryWhenFull(random: () => number = Math.random): number {
  return Math.floor(FULL * (1 + random()))
}
