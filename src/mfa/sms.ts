/**
 * Codes by text message: to a number that was proven before, as a second step, and to a new one, to prove it. A code is
 * good for five minutes, once, for one account, one purpose and one sitting, and only for the number it went to.
 */

import type { Notice } from '../accounts/notify.ts'
import { findPerson } from '../accounts/people.ts'
import { type Audit, deed, refusal, type Source } from '../audit/audit.ts'
import type { Wrap } from '../delivery/queue.ts'
import { digest, digestLike, type Keyring, type Sealer } from '../lib/crypto.ts'
import type { Locale } from '../lib/locales.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { CLOCKS_APART, type Clock, MINUTE } from '../lib/time.ts'
import { typedCode } from '../lib/typed-code.ts'
import type { Account } from '../person/account.ts'
import { findNumber, isStrong, listStrong } from '../person/authenticator.ts'
import { addNumber } from '../person/factor-changes.ts'
import type { People } from '../person/kind.ts'
import { NUMBER } from '../person/second-factor.ts'
import type { SentCode } from '../person/sent-code.ts'
import { answerSentCode, findSentCode, putSentCode } from '../person/sent-code.ts'
import { type Answer, type Factor, streakKey, type Verdict } from './challenge.ts'
import { ACCOUNTS_PER_NUMBER, numberKey, numberKeys } from './number-key.ts'
import { parsePhoneNumber } from './phone-number.ts'
import { openAuthenticator, sealAuthenticator } from './sealed-authenticator.ts'
import { settingUpKey, spendSettingUp } from './setting-up.ts'
import { digestOf, sentCodeRecord, smsCode, smsText } from './sms-code.ts'
import type { SmsLimits } from './sms-limits.ts'

export type Sent = Outcome<
  { resendAt: number; hint: string },
  'missing' | 'not-a-number' | 'country-not-allowed' | 'not-mobile' | 'number-in-use' | 'unavailable',
  'wait' | 'too-many' | 'closed-for-country'
>

export type Added = Outcome<Done, 'wrong-code' | 'expired' | 'closed', 'wait'>

export interface SmsCodes {
  /** The second factor, as a challenge sees it. */
  factor: Factor
  /** Sends a code to the number that the account has. */
  sendToOwn(account: Account, sitting: string, source: Source): Promise<Sent>
  /** What was sent in this sitting, and when another may be. */
  state(accountId: string, sitting: string): Promise<{ resendAt: number } | undefined>
  /** Sends a code to a number that is to be added. */
  sendToNew(account: Account, sitting: string, typed: string, country: string, source: Source): Promise<Sent>
  /**
   * Makes the number that the code was sent to the account's, in the place of the one before. `raisesEpoch`: in the
   * security settings, where the caller ends everything else that was signed in; the wizard is part of signing in.
   */
  add(account: Account, sitting: string, code: string, source: Source, how?: { raisesEpoch: boolean }): Promise<Added>
}

export interface SmsParts {
  people: People
  seal: Sealer
  ring: Keyring
  wrap: Wrap
  limits: SmsLimits
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** Words of the message in the person's language. */
  words: (locale: Locale, code: string) => string
  /** Host of the pages that ask for the code. */
  host: string
  /** Countries that messages go to, by ISO 3166-1. */
  countries: string[]
}

const LIFETIME = 5 * MINUTE

type Purpose = 'challenge' | 'enrollment'
interface Sending {
  number: string
  country: string
  hint: string
  resendAt: number
}

export function smsCodes(parts: SmsParts): SmsCodes {
  const { people, seal, ring, throttle, audit, notice, now } = parts
  const key = ring.derive('sms-codes')
  const keys = ring.deriveAll('sms-codes')

  function sentKey(purpose: Purpose, accountId: string, sitting: string): string {
    return digest(`sms/${purpose}/${accountId}/${sitting}`)
  }

  async function load(
    purpose: Purpose,
    accountId: string,
    sitting: string,
  ): Promise<{ sent: SentCode; sending: Sending } | undefined> {
    const sent = findSentCode(await findPerson(people, accountId), sentKey(purpose, accountId, sitting), now())
    // It is from the future, so the clock went back: a code that had expired must not be good again.
    if (sent && sent.createdAt > now() + CLOCKS_APART) return undefined
    return sent && { sent, sending: JSON.parse(seal.open(sent.sealed, sentCodeRecord(sent.key))) as Sending }
  }

  /** What is kept of the code, if this is the one that was sent. */
  function digestOfTyped({ key: at, digest: kept }: SentCode, number: string, code: string): string {
    return digestLike(kept, keys, (one) => digestOf(typedCode(code), `${at}/${number}`, one))
  }

  async function phoneOf(accountId: string): Promise<{ number: string; country: string; hint: string } | undefined> {
    const phone = findNumber(await findPerson(people, accountId))
    if (!phone) return undefined
    const number = openAuthenticator(seal, phone)
    const parsed = parsePhoneNumber(number, parts.countries[0] ?? 'NL', parts.countries)
    return parsed.ok ? parsed : undefined
  }

  async function send(
    purpose: Purpose,
    account: Account,
    sitting: string,
    to: { number: string; country: string; hint: string },
    source: Source,
  ): Promise<Sent> {
    const spent = await parts.limits.spend({
      accountId: account.id,
      purpose,
      numberKey: numberKey(ring, to.number),
      country: to.country,
      ip: source.ip,
    })
    if (!spent.ok) {
      await audit(refusal('sms.refused', { account, source }, { purpose, reason: spent.reason, country: to.country }))
      return spent
    }
    const code = smsCode()
    const at = sentKey(purpose, account.id, sitting)
    const sending: Sending = { number: to.number, country: to.country, hint: to.hint, resendAt: spent.resendAt }
    const sent: SentCode = {
      key: at,
      accountId: account.id,
      digest: digestOf(code, `${at}/${to.number}`, key),
      sealed: seal.seal(JSON.stringify(sending), sentCodeRecord(at)),
      createdAt: now(),
      expiresAt: now() + LIFETIME,
    }
    const text = smsText(code, parts.host, (digits) => parts.words(account.locale, digits))
    const message = parts.wrap('sms', { to: to.number, text }, account.id)
    await people.change(account.id, (person) => putSentCode(person, sent, [message]))
    await audit(deed('sms.sent', { account, source }, { purpose, country: to.country }))
    return { ok: true, resendAt: spent.resendAt, hint: to.hint }
  }

  async function verify({ account, sitting, code }: Answer): Promise<Verdict> {
    const known = await load('challenge', account.id, sitting)
    // A code proves the phone that it was sent to, and the account may have another one by now.
    if (!known || (await phoneOf(account.id))?.number !== known.sending.number) return 'expired'
    const answer = digestOfTyped(known.sent, known.sending.number, code)
    // The digest is keyed, so that comparing it in the store tells nothing by its time.
    const spent = await people.change(account.id, (person) => answerSentCode(person, known.sent.key, answer, now()))
    return spent ? 'right' : 'wrong-code'
  }

  return {
    factor: {
      method: NUMBER,
      async available(account, authenticators) {
        const phone = authenticators.some(isStrong) ? await phoneOf(account.id) : undefined
        return phone && { hint: phone.hint, digits: [6] }
      },
      verify,
    },

    async sendToOwn(account, sitting, source) {
      const phone = await phoneOf(account.id)
      return phone ? send('challenge', account, sitting, phone, source) : { ok: false, reason: 'unavailable' }
    },

    async state(accountId, sitting) {
      const known = await load('challenge', accountId, sitting)
      return known && { resendAt: known.sending.resendAt }
    },

    async sendToNew(account, sitting, typed, country, source) {
      const parsed = parsePhoneNumber(typed, country, parts.countries)
      if (!parsed.ok) return parsed
      const counts = await Promise.all(numberKeys(ring, parsed.number).map((one) => people.count('number', one)))
      if (counts.reduce((sum, count) => sum + count) >= ACCOUNTS_PER_NUMBER)
        return { ok: false, reason: 'number-in-use' }
      return send('enrollment', account, sitting, parsed, source)
    },

    async add(account, sitting, code, source, { raisesEpoch } = { raisesEpoch: false }) {
      const known = await load('enrollment', account.id, sitting)
      if (!known) return { ok: false, reason: 'expired' }
      // A number stands beside an app or a passkey, never alone. In the wizard one has just been confirmed.
      if (raisesEpoch && listStrong(await findPerson(people, account.id)).length === 0)
        return { ok: false, reason: 'expired' }
      const spent = await spendSettingUp(parts, 'enrollment-sms', { account, source })
      if (!spent.ok) return spent
      const { number, hint } = known.sending
      const authenticator = sealAuthenticator(seal, number, {
        accountId: account.id,
        kind: NUMBER,
        label: hint,
        numberKey: numberKey(ring, number),
        lastStep: 0,
        createdAt: now(),
        lastUsedAt: undefined,
      })
      const sent = {
        key: known.sent.key,
        digest: digestOfTyped(known.sent, number, code),
      }
      const told = notice(account, 'sms-added', { at: now(), hint })
      const change = { authenticator, epoch: account.epoch, sent, raisesEpoch }
      if (!(await people.change(account.id, (person) => addNumber(person, change, now(), told))))
        return { ok: false, reason: 'wrong-code' }
      await throttle.reset(settingUpKey('enrollment-sms', account.id), streakKey(NUMBER, account.id))
      await audit(deed('factor.enrolled', { account, source }, { method: NUMBER }))
      return { ok: true }
    },
  }
}
