/**
 * A phone number as a person types it, made into one that text messages may go to: a mobile number of a country that is
 * allowed. Everything that costs money to reach (premium and personal numbers, satellite networks) is refused, for
 * whoever makes us send messages there earns a share of what they cost.
 *
 * The largest metadata of the library (`max`): with the smaller `mobile` a landline, a premium number and a typing error
 * are one and the same "invalid", and a person with a landline should be told that it needs a mobile number. It also
 * takes American landlines for mobiles and satellite phones for ordinary ones. The difference is 58 KB and one
 * millisecond at start.
 */

import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Outcome } from '../lib/outcome.ts'

/** `number` in E.164, `country` by ISO 3166-1, `hint` the last two digits: all that a screen shows. */
export type ParsedNumber = Outcome<
  { number: string; country: string; hint: string },
  'missing' | 'not-a-number' | 'country-not-allowed' | 'not-mobile'
>

/** No number has more than 15 digits (E.164); the rest is room for spaces, brackets and a country code in front. */
const LONGEST = 40
/** Spaces and dashes of every kind, brackets, dots, slashes, and the invisible marks that come along from an address book. */
const SEPARATORS = /[\s\p{Zs}\p{Pd}\p{Cf}\u2212().[\]/]/gu
/** What is left must be digits: European, or Arabic in their two forms, which phones type too. Letters are no number here. */
const DIGITS = /^\+?[\d\u0660-\u0669\u06f0-\u06f9]+$/
/** Some countries (North America) do not tell mobile numbers from others. */
const MOBILE = ['MOBILE', 'FIXED_LINE_OR_MOBILE']

/** `country` is the one selected beside the field: it counts for a number without a country code, and only for that. */
export function parsePhoneNumber(typed: string, country: string, allowed: string[]): ParsedNumber {
  // Before anything that takes longer for longer input.
  if (typed.length > LONGEST) return { ok: false, reason: 'not-a-number' }
  // NFKC makes full-width digits and signs plain ones.
  const bare = typed.normalize('NFKC').replace(SEPARATORS, '')
  if (bare === '') return { ok: false, reason: 'missing' }
  if (!DIGITS.test(bare)) return { ok: false, reason: 'not-a-number' }
  if (!isSupportedCountry(country)) return { ok: false, reason: 'country-not-allowed' }
  const parsed = parsePhoneNumberFromString(bare, { defaultCountry: country, extract: false })
  if (!parsed?.isValid()) return { ok: false, reason: 'not-a-number' }
  // Satellite and other networks without a country (+881, +882, +883, +979) have none, so they are never allowed.
  if (!parsed.country || !allowed.includes(parsed.country)) return { ok: false, reason: 'country-not-allowed' }
  if (!MOBILE.includes(parsed.getType() ?? '')) return { ok: false, reason: 'not-mobile' }
  return { ok: true, number: parsed.number, country: parsed.country, hint: parsed.number.slice(-2) }
}
