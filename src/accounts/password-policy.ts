/**
 * Whether a password may be chosen (NIST SP 800-63B-4 section 3.1.1.2): long enough, not one that attackers try first,
 * not made of the person's own words. No composition rules, and nothing here is asked again of a password once set.
 *
 * The lists and the estimate are common-passwords.ts's; hashing is password.ts's.
 */
import { commonPasswords, type Listed } from './common-passwords.ts'
import { normalized } from './password.ts'

/** Each is a reason to tell the person (NIST: the reason for a rejection shall be given). */
export type PasswordFault = 'too-short' | 'too-long' | 'too-common' | 'personal' | 'too-easy'

export interface PasswordContext {
  email: string
  name: string
  /** Product, company and the like, from configuration. */
  words: string[]
}

/** Code points. password.ts bounds the bytes. */
export const LONGEST_PASSWORD = 256

/** Letters that must be left when the person's own words are taken out: as many as the shortest password allowed. */
const LETTERS_OF_ONES_OWN = 8

/** Shorter words occur by chance. */
const SHORTEST_WORD = 3

/** What the installation asks of every password. */
export interface PasswordRule {
  minimum: number
  /** Words that a password may not be made of, besides the person's own. */
  words: string[]
}

/** Judges a password for a person. */
export function passwordJudge({ minimum, words }: PasswordRule) {
  return ({ email, name }: { email: string; name: string }, password: string): Promise<PasswordFault[]> =>
    judgePassword(password, { email, name, words }, minimum)
}

/** No fault is a good password. Length alone is reported first: what a longer password is made of is not known yet. */
export async function judgePassword(
  password: string,
  context: PasswordContext,
  minimum: number,
): Promise<PasswordFault[]> {
  const text = normalized(password)
  const length = text === undefined ? Number.POSITIVE_INFINITY : [...text].length
  if (text === undefined || length > LONGEST_PASSWORD) return ['too-long']
  if (length < minimum) return ['too-short']

  const { listed, guesses } = await commonPasswords()
  const lower = text.toLowerCase()
  const squeezed = lower.replace(/[^\p{L}\p{N}]/gu, '')
  const words = personalWords(context)
  const faults: PasswordFault[] = []
  if ([lower, squeezed].some((form) => listed.has(form) || listed.has(unit(form)))) faults.push('too-common')
  if (isPersonal(text, words, listed)) faults.push('personal')
  // The faults found so far say more than an estimate would.
  if (faults.length > 0) return faults

  // The estimate charges a factor 10,000 for every further part of a password, so that a dash and an exclamation mark
  // make a doubled word look strong. Hence a second look without the signs, if what is left is itself long enough.
  const withoutSigns = squeezed !== lower && [...squeezed].length >= minimum ? [squeezed] : []
  const easy = [text, ...withoutSigns].some((look) => guesses(look, words) < leastGuesses(minimum))
  return easy ? ['too-easy'] : []
}

/**
 * zxcvbn's best grade starts at 10^10. Even for an attacker who holds the hashes and the pepper, at 10 ms a guess, that
 * is three years of one core. A lower minimum applies only where a second factor is always asked, and cannot ask as
 * much: a random character counts for 10, and words that occur in it by chance (in 5 % of 8 characters) for less.
 */
function leastGuesses(minimum: number): number {
  return 10 ** Math.min(minimum - 2, 10)
}

/** The shortest text that makes this one when repeated. */
function unit(text: string): string {
  return text.slice(0, (text + text).indexOf(text, 1))
}

/** The words that a guesser who knows the person tries first, the longest ahead. */
function personalWords(context: PasswordContext): string[] {
  const address = context.email.split('@')
  const whole = [context.name, ...address, ...context.words]
  const parts = whole.flatMap((text) => text.slice(0, 256).split(/[^\p{L}\p{M}\p{N}]+/u))
  const words = [...whole, ...parts].map((text) => letters(text.slice(0, 256)))
  const long = [...new Set(words)].filter((word) => word.length >= SHORTEST_WORD)
  return long.sort((a, b) => b.length - a.length).slice(0, 50)
}

/** Made of nothing but those words, digits, signs and a few letters, or a listed password. A mere mention is fine. */
function isPersonal(text: string, words: string[], listed: Listed): boolean {
  return [letters(text), letters(withoutLeet(text))].some((form) => {
    const rest = words.reduce((left, word) => left.replaceAll(word, ''), form)
    return rest !== form && (rest.length < LETTERS_OF_ONES_OWN || listed.has(unit(rest)))
  })
}

/** Case, accents, digits and signs do not make a name another name. */
function letters(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}]/gu, '')
}

const LEET: Record<string, string> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  8: 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
}

function withoutLeet(text: string): string {
  return text.replace(/[0134578@$!]/g, (sign) => LEET[sign] ?? '')
}
