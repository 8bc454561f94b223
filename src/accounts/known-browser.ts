/**
 * Browsers that once proved an account's password. They are asked for it like any other, but their tries are counted
 * apart and hashed first, so that a stranger who keeps guessing keeps out strangers only (SECURITY THR-06). They end with
 * the password that they proved, which the store sees to.
 */
import { digest, randomToken } from '../lib/crypto.ts'
import { type Clock, DAY } from '../lib/time.ts'
import type { AccountStore } from './account.ts'

const LIFE = 365 * DAY
/** That one browser is known for; people may share one. */
const MOST_ACCOUNTS = 5

export interface KnownBrowsers {
  /** The token by which the browser with this cookie is known for the account. Asks the same for an account of nobody. */
  recognize(cookie: string | undefined, accountId: string | undefined): Promise<string | undefined>
  /**
   * It has proven, or set, the password with this hash. Returns what its cookie is from now on. Without the `token` that it
   * is known by it gets another one: one that was planted here before does not become known.
   */
  remember(cookie: string | undefined, accountId: string, passwordHash: string, token?: string): Promise<string>
}

export function knownBrowsers(
  store: Pick<AccountStore, 'isKnownBrowser' | 'rememberBrowser'>,
  now: Clock,
): KnownBrowsers {
  return {
    async recognize(cookie, accountId = '') {
      const tokens = tokensOf(cookie)
      const known = await Promise.all(tokens.map((token) => store.isKnownBrowser(digest(token), accountId, now())))
      return tokens[known.indexOf(true)]
    },
    async remember(cookie, accountId, passwordHash, token = randomToken()) {
      await store.rememberBrowser(digest(token), accountId, passwordHash, now() + LIFE)
      const others = tokensOf(cookie).filter((other) => other !== token)
      return [token, ...others].slice(0, MOST_ACCOUNTS).join('.')
    },
  }
}

/** One token for each account that was signed in to with this browser, the latest first. */
function tokensOf(cookie = ''): string[] {
  return cookie.split('.', MOST_ACCOUNTS).filter((token) => /^[\w-]{43}$/.test(token))
}
