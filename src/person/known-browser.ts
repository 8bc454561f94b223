/** Browsers that proved the password of an account. */
import type { PersonRecord } from './person.ts'

/** A record cannot grow for ever, and nobody has more. */
const MOST_BROWSERS = 100

export interface KnownBrowser {
  /** Of the token in its cookie. */
  digest: string
  expiresAt: number
}

/**
 * Remembers that this browser proved the password whose hash this is. False if the account has another by now: the
 * browsers that proved the one before are forgotten, and a sign-in that was under way must not bring one back.
 *
 * Where there are too many, the newest makes room: whoever learns the password and signs in a hundred times forgets
 * browsers of their own, not those that the owner had before.
 */
export function rememberBrowser(person: PersonRecord, browser: KnownBrowser, passwordHash: string): boolean {
  if (person.account?.passwordHash !== passwordHash) return false
  const known = person.browsers.find(({ digest }) => digest === browser.digest)
  if (known) known.expiresAt = browser.expiresAt
  else person.browsers = [...person.browsers.slice(0, MOST_BROWSERS - 1), browser]
  return true
}

export function isKnownBrowser({ browsers }: PersonRecord, digest: string, now: number): boolean {
  return browsers.some((browser) => browser.digest === digest && browser.expiresAt > now)
}
