/**
 * The code of a text message: how it is made, what is kept of it, and the message around it. How long it is good for and
 * how often it may be tried is the challenge's business.
 */
import { randomInt } from 'node:crypto'
import { hmac } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'

/** Septets of one message. */
export const LONGEST_SMS = 160
/** GSM 03.38, the default alphabet without its escape: one septet each. A sign outside makes every message 70 long. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** Its extension table: two septets each. */
const EXTENDED = new Set('\f^{}\\[~]|€')

/** Six digits, every one of the million as likely as the next (randomInt draws again where a remainder would favor some). */
export function smsCode(): string {
  return randomInt(1_000_000).toString().padStart(6, '0')
}

/**
 * What is kept instead of the code. It is keyed, because whoever has only the store tries a million codes in a second. It
 * is over the number too, so that a code proves the phone that it was sent to and no other.
 */
export function digestOf(code: string, number: string, key: Buffer): string {
  return hmac(key, `${number}/${code}`)
}

/** What the number is sealed for that a code was sent to. */
export function sentCodeRecord(key: string): string {
  return `sent-code/${key}`
}

/** `smsMessage`, as long as it can be sent: throws `sms-too-long` if it is more than one message of GSM-7 characters. */
export function smsText(code: string, host: string, words: (code: string) => string): string {
  const text = smsMessage(code, host, words)
  const length = septets(text)
  if (length === undefined || length > LONGEST_SMS) {
    throw new AppError(
      'sms-too-long',
      `a text message of ${length ?? 'other than GSM-7'} characters; at most ${LONGEST_SMS}`,
    )
  }
  return text
}

/**
 * The message: words for a person first, then the line by which a phone knows for which site the code is and offers it
 * there only (WICG, Origin-bound one-time codes delivered via SMS, section 3).
 *
 * `host` is the issuer's host name without its port, which that line has no place for: it always means https at the
 * usual port, and browsers take `localhost` for http. So in development `new URL(issuer).hostname` is right as well.
 *
 * Whether it can be sent depends on the words and the host, never on the code: sms-texts.ts asks at the start.
 */
export function smsMessage(code: string, host: string, words: (code: string) => string): string {
  return `${words(code).trim()}\n\n@${host} #${code}`
}

/** How many GSM-7 characters a text takes; undefined if it has one that is not among them. */
export function septets(text: string): number | undefined {
  let count = 0
  for (const character of text) {
    if (!BASIC.has(character) && !EXTENDED.has(character)) return undefined
    count += BASIC.has(character) ? 1 : 2
  }
  return count
}
