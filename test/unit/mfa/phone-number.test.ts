/** Numbers as people type them, and numbers that cost money to reach. */
import { expect, test } from 'vitest'
import { parsePhoneNumber } from '../../../src/mfa/phone-number.ts'
import { quickest } from '../../support/runner/timing.ts'

const ALLOWED = ['NL', 'BE', 'DE', 'GB', 'US']
const SANNE = { ok: true, number: '+31612345678', country: 'NL', hint: '78' }

test.each([
  '0612345678',
  '06-12345678',
  '06 - 12 34 56 78',
  '(06) 12 34 56 78',
  '06.12.34.56.78',
  '06/12345678',
  '612345678',
  '+31612345678',
  '+31 6 12 34 56 78',
  '+31 (0)6 12345678',
  '+31(0)612345678',
  '+31 0612345678',
  '0031612345678',
  '00 31 6 12345678',
  '31612345678',
  '  0612345678\t\n',
  '06\u00a012\u00a034\u00a056\u00a078',
  '06\u202f1234\u20095678',
  '06\u20111234\u20125678',
  '06\u22121234\u2013\u20145678',
  '\u202a+31\u00a06\u00a012345678\u202c',
  '\ufeff0612\u200b345678',
  '０６１２３４５６７８',
  '＋３１（０）６－１２３４５６７８',
  '٠٦١٢٣٤٥٦٧٨',
  '۰۶۱۲۳۴۵۶۷۸',
])('%j is a Dutch mobile number', (typed) => expect(parsePhoneNumber(typed, 'NL', ALLOWED)).toEqual(SANNE))

test('a code in front counts, whatever country is selected beside it', () => {
  expect(parsePhoneNumber('+31612345678', 'BE', ALLOWED)).toEqual(SANNE)
  expect(parsePhoneNumber('0031612345678', 'DE', ALLOWED)).toEqual(SANNE)
})

test.each([
  ['BE', '0470 12 34 56', '+32470123456'],
  ['DE', '0151 12345678', '+4915112345678'],
  ['GB', '07400 123456', '+447400123456'],
  ['US', '(202) 555-0123', '+12025550123'],
])('a national number is read by the country that is selected: %s %s', (country, typed, number) => {
  expect(parsePhoneNumber(typed, country, ALLOWED)).toEqual({ ok: true, number, country, hint: number.slice(-2) })
})

test.each(['', '   ', '\u00a0', '\u200b', '-', '()'])('%j is nothing', (typed) => {
  expect(parsePhoneNumber(typed, 'NL', ALLOWED)).toEqual({ ok: false, reason: 'missing' })
})

test.each([
  ['a national number with another country selected', '0612345678', 'BE'],
  ['a digit short', '061234567', 'NL'],
  ['a digit too many', '06123456789', 'NL'],
  ['letters', 'zero six', 'NL'],
  ['letters as on a keypad', '06-BEL-SIGMA', 'NL'],
  ['an extension', '0612345678 ext. 5', 'NL'],
  ['an extension in a URI', '0612345678;ext=5', 'NL'],
  ['two numbers', '0612345678, 0687654321', 'NL'],
  ['words around it', 'my number is 0612345678', 'NL'],
  ['a plus in the middle', '06+12345678', 'NL'],
  ['two pluses', '++31612345678', 'NL'],
  ['a plus only', '+', 'NL'],
  ['a country code that does not exist', '+999612345678', 'NL'],
  ['an emergency number', '112', 'NL'],
  ['a short code', '3669', 'NL'],
  ['markup', '<b>0612345678</b>', 'NL'],
  ['digits of a script that telephones do not type', '०६१२३४५६७८', 'NL'],
  ['a line of another protocol', '0612345678\r\nRCPT TO: x', 'NL'],
])('%s is not a number', (_what, typed, country) => {
  expect(parsePhoneNumber(typed, country, ALLOWED)).toEqual({ ok: false, reason: 'not-a-number' })
})

test('a very long input is refused at once', async () => {
  const inputs = ['6'.repeat(200), '+'.repeat(1_000_000), `06${' '.repeat(1_000_000)}`, '\ufdfa'.repeat(500_000)]
  const parse = () => {
    for (const typed of inputs)
      expect(parsePhoneNumber(typed, 'NL', ALLOWED)).toEqual({ ok: false, reason: 'not-a-number' })
  }
  expect(await quickest(parse)).toBeLessThan(500)
})

test.each([
  ['a country that is not on the list', '+33612345678', 'NL', ALLOWED],
  ['a country that is not on the list, selected', '0612345678', 'FR', ALLOWED],
  ['a country taken off the list', '0470123456', 'BE', ['NL']],
  ['a dependency with the code of a country on the list (Isle of Man)', '+447624123456', 'GB', ALLOWED],
  ['a country that does not exist', '0612345678', 'XX', [...ALLOWED, 'XX']],
  ['no country', '0612345678', '', ALLOWED],
  ['a property that every object has', '0612345678', 'constructor', ALLOWED],
  ['satellite (Globalstar)', '+881 9 1234 5678', 'NL', ALLOWED],
  ['satellite (Iridium)', '+881 6 12345678', 'NL', ALLOWED],
  ['international network +882', '+882 13300655', 'NL', ALLOWED],
  ['international network +883', '+883 5100 12345', 'NL', ALLOWED],
  ['international premium rate', '+979 1 2345 6789', 'NL', ALLOWED],
])('%s is not allowed', (_what, typed, country, allowed) => {
  const parsed = parsePhoneNumber(typed, country, allowed)
  expect(parsed).toEqual({ ok: false, reason: 'country-not-allowed' })
})

test.each([
  ['Dutch landline', '020 555 1234', 'NL'],
  ['Dutch premium rate', '0900 123456', 'NL'],
  ['Dutch premium rate, sex lines', '0906 1234', 'NL'],
  ['Dutch toll free', '0800 1234', 'NL'],
  ['Dutch internet telephony', '085 123 4567', 'NL'],
  ['British personal number', '+44 70 1234 5678', 'NL'],
  ['British personal number, as dialed there', '07012 345678', 'GB'],
  ['British pager', '+44 7640 123456', 'GB'],
  ['British premium rate', '+44 909 879 0000', 'GB'],
  ['Belgian premium rate', '0902 12 345', 'BE'],
  ['German premium rate', '0900 1 123456', 'DE'],
  ['American premium rate', '+1 900 555 1234', 'US'],
  ['American toll free', '+1 800 555 1234', 'US'],
])('%s is no mobile number', (_what, typed, country) => {
  expect(parsePhoneNumber(typed, country, ALLOWED)).toEqual({ ok: false, reason: 'not-mobile' })
})
