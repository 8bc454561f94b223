/**
 * How many text messages may leave, counted before each one: for a person who presses again, an account, a number, a
 * network, and a country. A message costs money and rings somebody's phone, so each of these is somebody's protection.
 *
 * All counters are windows that open with the first message, so a limit of ten a day can be reached at the end of one
 * window and again at the start of the next; the narrower limits keep that slow.
 */

import type { Networks } from '../lib/network.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { type Clock, DAY, HOUR, SECOND } from '../lib/time.ts'

export interface SmsRules {
  /** How long to wait after the first message within the hour, the second, …; the last stands for all later ones. */
  waits: number[]
  perAccountHour: number
  perAccountDay: number
  /** Over all accounts: ten accounts do not make a victim's phone ring a hundred times. */
  perNumberDay: number
  /** IPv4 /24, or IPv6 /64: a smaller part of either is had for nothing (GHSA-p6v2-xcpg-h6xw). */
  perNetworkHour: number
  /** The breaker: what a fraud that the others do not catch may cost in an hour, for each country. */
  perCountryHour: number
}

export const SMS_RULES: SmsRules = {
  waits: [30 * SECOND, 60 * SECOND, 120 * SECOND],
  perAccountHour: 5,
  perAccountDay: 10,
  perNumberDay: 10,
  perNetworkHour: 20,
  perCountryHour: 500,
}

export interface SmsToSend {
  accountId: string
  /** What the message is for. A wait holds for one purpose, all other limits for all of them. */
  purpose: string
  /** Keyed digest of the number: counters outlive accounts, and must not be a list of numbers. */
  numberKey: string
  country: string
  ip: string
}

/**
 * From `resendAt` on another may be asked for. `wait`: pressed again too soon. `closed-for-country`: the breaker, which
 * somebody must be told about.
 */
export type SmsSpent = Outcome<{ resendAt: number }, never, 'wait' | 'too-many' | 'closed-for-country'>

export interface SmsLimits {
  /** Uses up one message on every counter, or on none and says why. */
  spend(send: SmsToSend): Promise<SmsSpent>
}

export interface SmsLimitsParts {
  throttle: Throttle
  now: Clock
  networks: Networks
  rules?: Partial<SmsRules>
}

interface Gate {
  key: string
  most: number
  window: number
  reason: 'too-many' | 'closed-for-country'
}

export function smsLimits({ throttle, now, networks, rules }: SmsLimitsParts): SmsLimits {
  const limits = { ...SMS_RULES, ...rules }

  /** One's own before others', others' before everyone's: who is over a limit of his own costs nobody else anything. */
  function gates({ accountId, numberKey, country, ip }: SmsToSend): Gate[] {
    return [
      { key: `sms/account-day/${accountId}`, most: limits.perAccountDay, window: DAY, reason: 'too-many' },
      { key: `sms/network/${neighborhood(ip)}`, most: limits.perNetworkHour, window: HOUR, reason: 'too-many' },
      { key: `sms/number/${numberKey}`, most: limits.perNumberDay, window: DAY, reason: 'too-many' },
      { key: `sms/country/${country}`, most: limits.perCountryHour, window: HOUR, reason: 'closed-for-country' },
    ]
  }

  function neighborhood(ip: string): string {
    const { address, network } = networks(ip)
    return address.endsWith('/64') ? address : network
  }

  return {
    async spend(send) {
      const hour = `sms/account-hour/${send.accountId}`
      const pace = `sms/pace/${send.accountId}/${send.purpose}`

      const inHour = await throttle.window(hour, { most: limits.perAccountHour, window: HOUR })
      if (!inHour.ok) return refusal('too-many', inHour)

      // The wait is a window with room for one. One of several parallel requests opens it, whatever count the others read.
      const wait = limits.waits[Math.max(0, (await throttle.count(hour)) - 1)] ?? limits.waits.at(-1) ?? 0
      const inPace = await throttle.window(pace, { most: 1, window: wait })
      if (!inPace.ok) {
        await throttle.refund(hour)
        return refusal('wait', inPace)
      }
      const resendAt = now() + wait

      const spent: string[] = []
      for (const { key, most, window, reason } of gates(send)) {
        const passed = await throttle.window(key, { most, window })
        if (!passed.ok) {
          for (const earlier of [hour, ...spent]) await throttle.refund(earlier)
          // Forgotten, not refunded: an open window with room would let the next two follow each other at once.
          await throttle.reset(pace)
          return refusal(reason, passed)
        }
        spent.push(key)
      }
      return { ok: true, resendAt }
    },
  }

  function refusal(
    reason: 'wait' | 'too-many' | 'closed-for-country',
    spent: { reason: 'wait'; retryAt: number } | { reason: 'closed' },
  ): SmsSpent {
    return { ok: false, reason, retryAt: spent.reason === 'wait' ? spent.retryAt : now() + DAY }
  }
}
