/**
 * What an authenticator app calls an entry. Apps silently overwrite an entry with the same name, and one person may hold
 * several accounts here, so the names of no two accounts are equal, whatever their addresses have in common; nor are
 * those of two apps of one account.
 */
import { digest } from '../lib/crypto.ts'
import { emailKey } from '../person/account.ts'
import type { Authenticator } from '../person/authenticator.ts'

/** What apps show of a name on a narrow screen, in two lines. */
const LONGEST_NAME = 40
/** Of an address that is longer: who it is, where that is, and eight signs that no other address has. */
const HEAD = 16
const TAIL = 14
const SUM = 8

export interface Naming {
  /** What its person calls it. */
  name?: string | undefined
  /** The number that tells it apart is this one, or one after that. */
  first?: number
}

/** The first name that is not among `taken`. The address is part of it also where the person chose a name. */
export function entryName(email: string, taken: string[], { name, first = 1 }: Naming = {}): string {
  const base = name === undefined ? entryBase(email) : `${name} (${entryBase(email)})`
  for (let number = first; ; number += 1) {
    const candidate = number === 1 ? base : `${base} (${number})`
    if (!taken.includes(candidate)) return candidate
  }
}

/** Whether we know its entry's name, and so the number in it: it may still have the label that it was made with. */
export function isAsMade(email: string, { label, entry }: Pick<Authenticator, 'label' | 'entry'>): boolean {
  return bases(email).some((base) => unnumbered(entry ?? label) === (entry === undefined ? base : `${label} (${base})`))
}

/** What its person calls it, if they do: a new phone's entry has that name too. */
export function chosenName(email: string, { label, entry, imported }: Authenticator): string | undefined {
  if (imported) return undefined
  if (entry !== undefined) return label === entry ? undefined : label
  // Of a release that did not keep the entry's name beside it. One may have been made with an address of before.
  const made = bases(email).includes(unnumbered(label)) || /^\S+@\S+$/.test(unnumbered(label))
  return made ? undefined : label
}

function unnumbered(entry: string): string {
  return entry.replace(/ \(\d+\)$/, '')
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

/** Also as releases before shortened it: two could become equal. */
function bases(email: string): string[] {
  return [entryBase(email), [...seen(email)].slice(0, LONGEST_NAME).join('')]
}

function seen(email: string): string {
  return email.replace(/[\p{Cc}\p{Cf}]/gu, '')
}
