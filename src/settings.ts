/** The settings: what there is to say, in what form, and what goes for what nobody says. */
import { z } from 'zod'
import { BUILT_IN_NAME, isBuiltInName } from './lib/built-in-name.ts'
import { emailAddress } from './lib/email-address.ts'
import { LOCALES } from './lib/locales.ts'
import { MINUTE } from './lib/time.ts'
import { IMPORTED_PASSWORDS } from './person/imported.ts'
import { assurance } from './settings/assurance.ts'
import { audit } from './settings/audit.ts'
import { brand } from './settings/brand.ts'
import { duration, listener, origin, sender } from './settings/forms.ts'
import { twoStep } from './settings/two-step.ts'

export const settings = z.strictObject({
  issuer: origin,
  listen: listener,
  operations: listener,
  /** How many reverse proxies stand in front and add to X-Forwarded-For. */
  trustedProxies: z.int().min(0).max(5).default(0),
  /** The folder that holds everything of the embedded store. */
  data: z.string().min(1).default('data'),
  /** Back-ups of the embedded store that the server makes by itself, in a folder that is there. */
  backup: z
    .strictObject({
      folder: z.string().min(1),
      every: duration.refine((every) => every >= 10 * MINUTE, 'at least 10m').prefault('24h'),
      keep: z.int().min(1).max(1000).default(14),
      keepFor: duration.prefault('35d'),
    })
    .optional(),
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
  brand,
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
  assurance,
  twoStep,
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
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      /** Each record of the audit trail as a line too. */
      audit: z.boolean().default(false),
    })
    .prefault({}),
  audit,
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
