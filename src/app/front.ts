/** What the pages of every door are made with: looks, cookies, the token of forms, and the seat of the browser. */
import type { KeptRequests } from '../oidc/kept-request.ts'
import { type BusyPage, busyPage } from '../web/busy-page.ts'
import { type CookieJar, cookieJar } from '../web/cookies.ts'
import { type Country, countryList } from '../web/countries.ts'
import { type Csrf, csrf } from '../web/csrf.ts'
import { type ErrorPages, errorPages } from '../web/errors.ts'
import { type Pages, pages } from '../web/page.ts'
import { requestCookie } from '../web/request-cookie.ts'
import { type SeatCookie, seatCookie } from '../web/seat-cookie.ts'
import type { Core } from './core.ts'

export interface Front {
  pages: Pages
  cookies: CookieJar
  csrf: Csrf
  seats: SeatCookie
  requests: KeptRequests
  errors: ErrorPages
  busy: BusyPage
  /** That a phone number may be of. */
  countries: Country[]
  /** Cookies go over https only. */
  secure: boolean
}

export function front({ config, ring, seal, templates, log, home }: Core): Front {
  const secure = config.issuer.startsWith('https:')
  const cookies = cookieJar(secure)
  const tokens = csrf(ring.deriveAll('csrf'), cookies)
  const page = pages(templates, tokens, cookies)
  const seats = seatCookie(cookies)
  return {
    pages: page,
    cookies,
    csrf: tokens,
    seats,
    requests: requestCookie(cookies, seats, seal),
    errors: errorPages({ pages: page, log, home }),
    busy: busyPage(templates, secure),
    countries: countryList(config.twoStep.sms.countries),
    secure,
  }
}
