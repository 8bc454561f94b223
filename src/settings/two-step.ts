/** The settings of two-step verification: whom it is asked of, from when, and by what. */
import { isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import { smsCarrierSettings } from '../delivery/sms-carriers.ts'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { emailAddress } from '../lib/email-address.ts'
import { moment } from '../lib/moment.ts'
import { webAddress } from '../lib/web-address.ts'
import type { NamedPeriod } from '../mfa/campaign.ts'
import { organizationKey } from '../organization/key.ts'
import { emailKey } from '../person/account.ts'
import { duration } from './forms.ts'
import { words } from './words.ts'

const period = z
  .strictObject({ start: moment, deadline: moment.optional() })
  .refine(({ start, deadline = Number.POSITIVE_INFINITY }) => start <= deadline, 'the deadline is before the start')

/** Dates by name, found by the key of the name. Two spellings of one name would each count for half. */
function periodsBy(keyOf: (name: string) => string) {
  return z
    .unknown()
    .transform((given, context): Map<string, NamedPeriod> => {
      const periods = new Map<string, NamedPeriod>()
      const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message })
      if (typeof given !== 'object' || given === null || Array.isArray(given)) {
        fault([], 'must be names, each with its dates')
        return periods
      }
      for (const [name, dates] of Object.entries(given)) {
        const [key, { data, error }] = [keyOf(name), period.safeParse(dates, { error: words })]
        for (const { path, message } of error?.issues ?? []) fault([name, ...path], message)
        if (key === '') fault([name], 'is no name')
        if (isBuiltInName(key)) fault([name], BUILT_IN_NAME)
        if (periods.has(key)) fault([name], 'is there twice, in another spelling')
        if (data) periods.set(key, { name, ...data })
      }
      return periods
    })
    .prefault({})
}

export const twoStep = z
  .strictObject({
    /** Who is asked to set up two-step verification, from when, and until when it can wait. */
    campaign: z
      .strictObject({
        everyone: period.optional(),
        organizations: periodsBy(organizationKey),
        roles: periodsBy((role) => role.trim()),
        exempt: z
          .array(
            z
              .strictObject({ email: emailAddress, until: moment, reason: z.string().min(1) })
              // Made a key here: every sign-in compares it.
              .transform(({ email, ...rest }) => ({ emailKey: emailKey(email), ...rest })),
          )
          .default([]),
        /** How long **Remind me later** keeps quiet; in the week before the deadline it is a day at most. */
        remindEvery: duration.prefault('7d'),
        /** Whether people are mailed before the deadline that counts for them. */
        reminders: z.boolean().default(true),
      })
      .prefault({}),
    /** The company's own authenticator app, as the first choice shows it. An empty name: there is none, nor a choice. */
    companyApp: z
      .strictObject({
        name: z.string().max(80).default('Sigma Authenticator'),
        logo: z.string().optional(),
        stores: z.array(z.strictObject({ name: z.string(), href: webAddress })).default([]),
      })
      .prefault({}),
    sms: z
      .strictObject({
        /** Countries that messages go to (ISO 3166-1), the first one first in the list on the page. */
        countries: z.array(z.string().refine(isSupportedCountry, 'a country such as NL')).min(1).default(['NL']),
        /** Messages to one country in an hour, then the breaker opens. */
        perCountryHour: z.int().min(1).default(500),
        /** Messages asked for from one network in an hour. */
        perNetworkHour: z.int().min(1).default(20),
        /** The second is asked when the first fails. Credentials are the environment's: `token` names a variable. */
        carriers: z.array(smsCarrierSettings).max(2).default([]),
      })
      .prefault({}),
  })
  .prefault({})
