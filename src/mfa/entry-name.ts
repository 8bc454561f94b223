/**
 * What an authenticator app calls an entry. Apps silently overwrite an entry with the same name, and one person may hold
 * several accounts here, so the names of no two accounts are equal, whatever their addresses have in common; nor are
 * those of two apps of one account.
 */
import { digest } from '../lib/crypto.ts'
import { emailKey } from '../person/account.ts'

/** What apps show of a name on a narrow screen, in two lines. */
const LONGEST_NAME = 40
/** Of an address that is longer: who it is, where that is, and eight signs that no other address has. */
const HEAD = 16
const TAIL = 14
const SUM = 8

/** The first name that is not among `taken`. The number that tells it apart is `first`, or one after that. */
export function entryName(email: string, taken: string[], first = 1): string {
  const name = entryBase(email)
  for (let number = first; ; number += 1) {
    const candidate = number === 1 ? name : `${name} (${number})`
    if (!taken.includes(candidate)) return candidate
  }
}

/** Whether an entry may still have the name it was made with: a label that its person chose says nothing of it. */
export function isEntryName(email: string, label: string): boolean {
  return [entryBase(email), cutBefore(email)].some(
    (name) => label === name || (label.startsWith(`${name} (`) && /^\d+\)$/.test(label.slice(name.length + 2))),
  )
}

/** No address has a space or a «…» in it, so what is shortened is nobody's address. */
function entryBase(email: string): string {
  const signs = [...seen(email)]
  if (seen(email) === email && signs.length <= LONGEST_NAME) return email
  const sum = Buffer.from(digest(emailKey(email)), 'base64url')
    .toString('hex')
    .slice(0, SUM)
  return `${signs.slice(0, HEAD).join('')}…${signs.slice(HEAD).slice(-TAIL).join('')} ${sum}`
}

/** As releases before shortened it: two could become equal. */
function cutBefore(email: string): string {
  return [...seen(email)].slice(0, LONGEST_NAME).join('')
}

function seen(email: string): string {
  return email.replace(/[\p{Cc}\p{Cf}]/gu, '')
}
