/** Second factors: what there is to prove, to set up and to remember. */

import type { Locale } from '../lib/locales.ts'
import { networks } from '../lib/network.ts'
import { challenges } from '../mfa/challenge.ts'
import { enrollments } from '../mfa/enrollment.ts'
import { backup, temporary } from '../mfa/factors.ts'
import { passkeyFactor } from '../mfa/passkey-factor.ts'
import { rememberedDevices } from '../mfa/remembered-device.ts'
import { smsCodes } from '../mfa/sms.ts'
import { smsLimits } from '../mfa/sms-limits.ts'
import { totp } from '../mfa/totp.ts'
import type { Core } from './core.ts'

export type SecondSteps = ReturnType<typeof secondSteps>

export function secondSteps(core: Core) {
  const { config, store, seal, ring, wrap, notice, templates, attempts, record, passkeys, now } = core
  const { durable } = store
  const { people } = durable
  const common = { people, store: durable, seal, throttle: attempts, audit: record, notice, now }
  const { countries, perCountryHour, perNetworkHour } = config.twoStep.sms
  const host = new URL(config.issuer).hostname
  const words = (locale: Locale, code: string) => templates.translate(locale)('sms.code', { code })
  const limits = smsLimits({ throttle: attempts, now, networks, rules: { perCountryHour, perNetworkHour } })
  const sms = smsCodes({ ...common, ring, wrap, limits, words, host, countries })
  const factors = [
    passkeyFactor(people, passkeys),
    totp(people, seal, now),
    sms.factor,
    backup(people, now),
    temporary(people, ring, now),
  ]
  return {
    sms,
    challenges: challenges({ ...common, factors }),
    enrollments: enrollments({ ...common, passkeys }),
    devices: rememberedDevices(common),
  }
}
