/** The settings: what there is to say, in what form, and what goes for what nobody says. */
import { isSupportedCountry } from 'libphonenumber-js/max'
import { z } from 'zod'
import { senderOf } from './delivery/sendable.ts'
import { smsCarrierSettings } from './delivery/sms-carriers.ts'
import { BUILT_IN_NAME, isBuiltInName } from './lib/built-in-name.ts'
import { emailAddress } from './lib/email-address.ts'
import { LOCALES } from './lib/locales.ts'
import { moment } from './lib/moment.ts'
import { DAY, HOUR, MINUTE, SECOND } from './lib/time.ts'
import { webAddress } from './lib/web-address.ts'
import { HARDWARE_PROTECTED, LADDER } from './mfa/assurance.ts'
import type { NamedPeriod } from './mfa/campaign.ts'
import { organizationKey } from './organization/key.ts'
import { emailKey } from './person/account.ts'
import { IMPORTED_PASSWORDS } from './person/imported.ts'

const UNITS: Record<string, number> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `30s`, `10m`, `12h`, `90d`, in milliseconds. */
const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration such as 30s, 10m, 12h or 90d')
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0))

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'an origin such as https://id.example.org, without a path',
  )
const port = z.int().min(0).max(65_535)
const OUT_OF_REACH = `${HARDWARE_PROTECTED} is the name of what nobody can prove, so it is no name of a rung`
const color = z.string().regex(/^#[0-9a-f]{6}$/i, 'a color such as #1f3a5f')

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

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
        const [key, { data, error }] = [keyOf(name), period.safeParse(dates)]
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

const sender = z
  .string()
  .refine((text) => senderOf(text) !== undefined, 'an address such as Sigma ID <no-reply@sigma.example>')

const listener = z.strictObject({ host: z.string().default('127.0.0.1'), port })

export const settings = z.strictObject({
  issuer: origin,
  listen: listener,
  operations: listener,
  /** How many reverse proxies stand in front and add to X-Forwarded-For. */
  trustedProxies: z.int().min(0).max(5).default(0),
  /** The folder that holds everything of the embedded store. */
  data: z.string().min(1).default('data'),
  /** `cluster` is MongoDB and Redis, whose addresses are in the environment. */
  store: z.strictObject({ kind: z.enum(['embedded', 'cluster']).default('embedded') }).prefault({}),
  /** A plain text is the file. */
  clients: z.preprocess(
    (given) => (typeof given === 'string' ? { file: given } : given),
    z
      .strictObject({
        file: z.string().min(1).default('config/clients.yaml'),
        /** Whether a start applies the file. Otherwise it does so where the store knows no applications yet. */
        applyAtStart: z.boolean().optional(),
      })
      .prefault({}),
  ),
  /** The application that people go to when nothing else says where. */
  homeClient: z.string().default('portal'),
  /** Origins that may be reached though they are plain http or on a private network. Everything else outgoing is https to public addresses. */
  egress: z.array(origin).default([]),
  brand: z
    .strictObject({
      name: z.string().max(80).default('Sigma'),
      product: z.string().max(80).default('Sigma ID'),
      /** The pages' policy admits images of no other origin. */
      logo: z
        .string()
        .regex(/^(\/assets\/|data:image\/)/, 'a path under /assets/ or a data:image/ address')
        .optional(),
      color: color.default('#12515c'),
      colorDark: color.default('#8ccdd3'),
      supportEmail: emailAddress.optional(),
      supportPhone: z.string().max(40).optional(),
      /** IANA name; times that people read are in this zone. */
      timeZone: z.string().refine(isTimeZone, 'a time zone such as Europe/Amsterdam').default('Europe/Amsterdam'),
    })
    .prefault({}),
  mail: z.strictObject({ from: sender.default('Sigma ID <no-reply@sigma.example>') }).prefault({}),
  session: z.strictObject({ absolute: duration.prefault('12h'), idle: duration.prefault('60m') }).prefault({}),
  tokens: z
    .strictObject({
      /**
       * How long the same refresh token of an application that proves who it is may come again: an answer was lost, or
       * two of its workers refresh at once. 0 takes each once only.
       */
      refreshGrace: z
        .union([z.literal([0, '0', '0s']).transform(() => 0), duration], 'a duration such as 10s, or 0')
        .refine((grace) => grace <= MINUTE, 'at most 60s')
        .prefault('10s'),
    })
    .prefault({}),
  links: z.strictObject({ activation: duration.prefault('7d'), recovery: duration.prefault('60m') }).prefault({}),
  password: z
    .strictObject({
      /** Code points; 15 as long as any sign-in can succeed with the password alone (NIST SP 800-63B-4 section 3.1.1.2). */
      minimum: z.int().min(15).max(64).default(15),
      /** Words that a password may not be made of, besides the person's own: product, company. */
      words: z.array(z.string()).default(['sigma', 'salaris', 'payroll']),
    })
    .prefault({}),
  /** `keep`, `ask` or `require`: what is done about a password that was brought along and would not be taken here. */
  imported: z.strictObject({ passwords: z.enum(IMPORTED_PASSWORDS).default('require') }).prefault({}),
  throttle: z
    .strictObject({
      /** Failed sign-ins per client address (IPv4 /32, IPv6 /64) in a quarter of an hour. */
      perAddress: z.int().min(1).default(100),
      /** The same for the surrounding network (IPv4 /24, IPv6 /48). */
      perNetwork: z.int().min(1).default(1000),
      /** The same for all strangers together, in a minute: spraying comes from many addresses at once. */
      perMinute: z.int().min(1).default(3000),
      /** Links mailed to one address in an hour. */
      linksPerHour: z.int().min(1).default(3),
      /** Sign-ins of one client address that were begun and left; four times as many of its network. */
      sittingsPerAddress: z.int().min(1).default(10_000),
      /** Requests that one client pushed (RFC 9126), and nobody came with. */
      pushedPerClient: z.int().min(1).default(10_000),
    })
    .prefault({}),
  assurance: z
    .strictObject({
      names: z
        .strictObject({
          password: z.string().default('urn:sigma:acr:password'),
          knownDevice: z.string().default('urn:sigma:acr:known-device'),
          mfa: z.string().default('urn:sigma:acr:mfa'),
          phishingResistant: z.string().default('phr'),
        })
        .prefault({})
        .refine((names) => !Object.values(names).includes(HARDWARE_PROTECTED), OUT_OF_REACH),
      /** Other names by which applications may ask for a rung: name → password, knownDevice, mfa or phishingResistant. */
      aliases: z
        .record(z.string(), z.enum(LADDER))
        .default({
          'https://refeds.org/profile/sfa': 'password',
          'https://refeds.org/profile/mfa': 'mfa',
          'http://schemas.openid.net/pape/policies/2007/06/multi-factor': 'mfa',
        })
        .refine((aliases) => !Object.hasOwn(aliases, HARDWARE_PROTECTED), OUT_OF_REACH),
    })
    .prefault({}),
  twoStep: z
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
    .prefault({}),
  passkeys: z
    .strictObject({
      /**
       * The name that passkeys are made for, and good for: the issuer's host, unless it is said. Another name makes all
       * there are useless.
       */
      rpId: z
        .string()
        .regex(
          /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
          'a host such as example.org',
        )
        .optional(),
      /** Other origins whose pages may use that name (WebAuthn Level 3 section 5.11.1), as we tell browsers that ask. */
      relatedOrigins: z.array(origin).max(5).default([]),
    })
    .prefault({}),
  helpDesk: z
    .strictObject({
      /** How long a request for help waits, and how long a temporary access code lives. */
      caseLife: duration.prefault('3d'),
      codeLife: duration.prefault('4h'),
    })
    .prefault({}),
  admin: z
    .strictObject({
      /** A host of its own for `/admin`, which the issuer's then does not have; for a network of its own. */
      origin: origin.optional(),
      /** And a listener. */
      listen: listener.optional(),
      /** What everybody with a role has to prove there: `phishingResistant` takes a passkey. */
      require: z.enum(['mfa', 'phishingResistant']).default('mfa'),
    })
    .refine(({ origin, listen }) => (origin === undefined) === (listen === undefined), 'origin and listen go together')
    .prefault({}),
  signingKeys: z.strictObject({ rotateAfter: duration.prefault('90d') }).prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  /** The demonstration portal, development only. */
  portal: listener.optional(),
  /** What is shown beside the portal, development only. */
  demonstration: z
    .strictObject({
      /** The campaign is for everybody from the first start on, with its deadline this much later. */
      deadlineAfter: duration.optional(),
      /** By the ids of applications: where each of them listens. */
      applications: z.record(z.string(), listener).default({}),
    })
    .prefault({}),
  /** People invited at the first start, development only. */
  people: z
    .array(
      z.strictObject({
        email: emailAddress,
        name: z.string(),
        givenName: z.string().optional(),
        familyName: z.string().optional(),
        locale: z.enum(LOCALES),
        organization: z
          .string()
          .refine((name) => !isBuiltInName(name), BUILT_IN_NAME)
          .optional(),
        roles: z.array(z.string()).default([]),
      }),
    )
    .default([]),
})

export type Settings = z.output<typeof settings>
