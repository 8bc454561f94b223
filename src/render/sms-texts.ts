/**
 * Whether what is configured can stand in a text message. A name that cannot should stop the start, and say so, instead
 * of the first person who waits for a code.
 */
import type { Fault } from '../lib/errors.ts'
import { LONGEST_SMS, septets, smsMessage } from '../mfa/sms-code.ts'
import type { Texts, Values } from './texts.ts'

const KEY = 'sms.code'
const CODE = '000000'

export interface SmsSettings {
  issuer: string
  brand: { name: string; product: string }
}

/** Every setting, and every text of ours, that makes the message of a code more than one message in some language. */
export function smsFaults({ issuer, brand }: SmsSettings, texts: Map<string, Texts>): Fault[] {
  const host = new URL(issuer).hostname
  const settings: Array<{ path: string; value: string; without: Values }> = [
    { path: 'brand.name', value: brand.name, without: { brand: '' } },
    { path: 'brand.product', value: brand.product, without: { product: '' } },
  ]
  const signs = new Map<string, { path: string; sign: string; where: string[] }>()
  const faults: Fault[] = []

  for (const [locale, { t }] of texts) {
    const message = (values: Values = {}) => smsMessage(CODE, host, () => t(KEY, { code: CODE, ...values }))
    for (const sign of signsOutside(message())) {
      const from = settings.filter(({ value, without }) => value.includes(sign) && message(without) !== message())
      const paths = from.map(({ path }) => path)
      if (message({ brand: '', product: '' }).includes(sign)) paths.push(`views/locales/${locale}.json`)
      for (const path of paths) {
        const found = signs.get(`${path} ${sign}`) ?? { path, sign, where: [] }
        found.where.push(nameOf(locale))
        signs.set(`${path} ${sign}`, found)
      }
    }
    const length = septets(message()) ?? 0
    if (length <= LONGEST_SMS) continue
    const shortened = settings.find(({ without }) => (septets(message(without)) ?? 0) <= LONGEST_SMS)
    faults.push({
      path: shortened?.path ?? 'issuer',
      reason:
        `is too long for a text message: ${KEY} in ${nameOf(locale)}, with the host ${host}, has ${length} characters, ` +
        `${length - LONGEST_SMS} more than the ${LONGEST_SMS} of one message`,
    })
  }
  return [...[...signs.values()].map(({ path, sign, where }) => ({ path, reason: strange(sign, where) })), ...faults]
}

/** Made where something is wrong only: it takes a hundredth of a start. */
function nameOf(locale: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(locale) ?? locale
}

function strange(sign: string, languages: string[]): string {
  const number = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const shown = /\p{C}/u.test(sign) ? `U+${number}` : `“${sign}” (U+${number})`
  return `has ${shown}, a sign that no text message has (GSM-7): it stands in ${KEY} in ${languages.join(' and ')}`
}

function signsOutside(text: string): Set<string> {
  return new Set([...text].filter((sign) => septets(sign) === undefined))
}
