/** What accounts with a number are counted by: a keyed digest, for there are so few numbers that all of them can be tried. */
import { hmac, type Keyring } from '../lib/crypto.ts'

/** Families share a phone; a company does not. */
export const ACCOUNTS_PER_NUMBER = 5

/** By each key of the ring, the current one first. */
export function numberKeys(ring: Keyring, number: string): string[] {
  return ring.deriveAll('phone-numbers').map((key) => hmac(key, number))
}

export function numberKey(ring: Keyring, number: string): string {
  return hmac(ring.derive('phone-numbers'), number)
}
