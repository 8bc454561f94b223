/**
 * Browsers that once proved an account's password. They are asked for it like any other, but their tries are counted
 * apart and hashed first, so that a stranger who keeps guessing keeps out strangers only. They end with the
 * password that they proved (person/password.ts).
 */

import { digest, randomToken } from '../lib/crypto.ts'
import { type Clock, DAY } from '../lib/time.ts'
import type { People } from '../person/kind.ts'
import { isKnownBrowser, type KnownBrowser, rememberBrowser } from '../person/known-browser.ts'
import { provedPassword } from '../person/signed-in.ts'
import { findPerson } from './people.ts'

const LIFE = 365 * DAY
/** That one browser is known for; people may share one. */
const MOST_ACCOUNTS = 5

export interface KnownBrowsers {
  /** The token by which the browser with this cookie is known for the account. Asks the same for an account of nobody. */
  recognize(cookie: string | undefined, accountId: string | undefined): Promise<string | undefined>
  /**
   * The browser has proven, or set, the password with this hash. Returns its cookie from now on. A browser that is not
   * known by `token` gets a new one: a cookie that somebody planted here before does not become known.
   */
  remember(cookie: string | undefined, accountId: string, passwordHash: string, token?: string): Promise<string>
  /** The same of a browser in which somebody signs in. */
  admit(cookie: string | undefined, accountId: string, passwordHash: string, token?: string): Promise<string>
}

export function knownBrowsers(people: Pick<People, 'find' | 'change'>, now: Clock): KnownBrowsers {
  async function keep(
    cookie: string | undefined,
    token: string,
    change: (browser: KnownBrowser) => Promise<unknown>,
  ): Promise<string> {
    await change({ digest: digest(token), expiresAt: now() + LIFE })
    const others = tokensOf(cookie).filter((other) => other !== token)
    return [token, ...others].slice(0, MOST_ACCOUNTS).join('.')
  }

  return {
    async recognize(cookie, accountId = '') {
      const tokens = tokensOf(cookie)
      if (tokens.length === 0) return undefined
      const person = await findPerson(people, accountId)
      return tokens.find((token) => isKnownBrowser(person, digest(token), now()))
    },
    remember: (cookie, accountId, passwordHash, token = randomToken()) =>
      keep(cookie, token, (browser) =>
        people.change(accountId, (person) => void rememberBrowser(person, browser, passwordHash)),
      ),
    admit: (cookie, accountId, passwordHash, token = randomToken()) =>
      keep(cookie, token, (browser) =>
        people.change(accountId, (person) => {
          if (rememberBrowser(person, browser, passwordHash)) provedPassword(person, now())
        }),
      ),
  }
}

/** One token for each account that was signed in to with this browser, the latest first. */
function tokensOf(cookie = ''): string[] {
  return cookie.split('.', MOST_ACCOUNTS).filter((token) => /^[\w-]{43}$/.test(token))
}
