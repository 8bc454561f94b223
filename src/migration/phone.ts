/**
 * A phone number that comes along. It is a factor if the old system had proof of it, beside an app: text messages are never
 * the only one. Of any other number nothing is kept, so that it answers for nobody; its person adds it after an app.
 */
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { parsePhoneNumber } from '../mfa/phone-number.ts'
import type { Line, LineFault } from './line.ts'

export interface IncomingPhone {
  /** E.164. */
  number: string
  /** Its last two digits. */
  hint: string
}

export const UNVERIFIED: LineFault = {
  field: 'phone',
  code: 'not-verified',
  reason: 'is left out: the old system had no proof of it',
}
export const WITHOUT_APP: LineFault = {
  field: 'phone',
  code: 'no-app',
  reason: 'is left out: text messages stand beside an app, and none comes along',
}

const SAID = {
  missing: 'is no phone number',
  'not-a-number': 'is no phone number',
  'country-not-allowed': 'is of a country that no messages go to (twoStep.sms.countries)',
  'not-mobile': 'is no mobile number',
  'citizen-number': 'may be a citizen service number (BSN): a phone number is known by its country code, +31…',
}

/** `null`: it is none that can be a factor. The first of the countries is that of a number without a country code. */
export function readPhone(
  { number, verified }: NonNullable<Line['phone']>,
  countries: readonly string[],
): { phone: IncomingPhone | null; fault?: LineFault } {
  // Nothing is kept of it, whatever it is.
  if (!verified) return { phone: null }
  const parsed = parsePhoneNumber(number, countries[0] ?? '', [...countries])
  // With the code of its country it has more digits, and some of those behind it pass by chance.
  if (holdsCitizenNumber(number) && !/^\s*(?:\+|00)/.test(number)) return refused('citizen-number')
  if (!parsed.ok) return refused(parsed.reason)
  return { phone: { number: parsed.number, hint: parsed.hint } }
}

function refused(code: keyof typeof SAID): { phone: null; fault: LineFault } {
  return { phone: null, fault: { field: 'phone.number', code, reason: SAID[code] } }
}
