/** The name that a person gives to an authenticator app, wherever it is given. */
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { PLAIN } from '../accounts/plain-text.ts'
import type { Outcome } from '../lib/outcome.ts'

export type NameRefusal = 'missing' | 'too-long' | 'not-allowed' | 'taken'

const LONGEST = 40

/** 1 to 40 characters after trimming, no control characters, no citizen service number, none of the `others`. */
export function readAppName(typed: string, others: string[]): Outcome<{ name: string }, NameRefusal> {
  const name = trimmed(typed)
  if (name === '') return { ok: false, reason: 'missing' }
  if ([...name].length > LONGEST) return { ok: false, reason: 'too-long' }
  if (!PLAIN.test(name) || holdsCitizenNumber(name)) return { ok: false, reason: 'not-allowed' }
  if (others.some((other) => sameName(other, name))) return { ok: false, reason: 'taken' }
  return { ok: true, name }
}

/** As `readAppName`; nothing typed is no name of one's own. */
export function readOwnName(typed: string, others: string[]): Outcome<{ name: string | undefined }, NameRefusal> {
  return trimmed(typed) === '' ? { ok: true, name: undefined } : readAppName(typed, others)
}

function trimmed(typed: string): string {
  return typed.normalize('NFC').trim()
}

/** As a person reads them: in a list «iPhone» and «iphone» are one. */
function sameName(one: string, other: string): boolean {
  return one.normalize('NFKC').toLowerCase() === other.normalize('NFKC').toLowerCase()
}
