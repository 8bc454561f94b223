/** Browsers that proved the password of an account. */
import type { PersonRecord } from './person.ts'

/** A record cannot grow for ever, and nobody has more: of somebody who makes that many, the first are forgotten. */
const MOST_BROWSERS = 100

export interface KnownBrowser {
  /** Of the token in its cookie. */
  digest: string
  expiresAt: number
}

/**
 * Remembers that this browser proved the password whose hash this is. Nothing, if the account has another by now: the
 * browsers that proved the one before are forgotten, and a sign-in that was under way must not bring one back.
 */
export function rememberBrowser(person: PersonRecord, browser: KnownBrowser, passwordHash: string): void {
  if (person.account?.passwordHash !== passwordHash) return
  const others = person.browsers.filter(({ digest }) => digest !== browser.digest)
  person.browsers = [...others, browser].slice(-MOST_BROWSERS)
}

export function isKnownBrowser({ browsers }: PersonRecord, digest: string, now: number): boolean {
  return browsers.some((browser) => browser.digest === digest && browser.expiresAt > now)
}
