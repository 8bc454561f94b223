/**
 * One person in a file that brings people along: the shape of a line, published as docs/people.schema.json. What a line does
 * not have is left as it is; of somebody new it is what the description says.
 */
import { z } from 'zod'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { PLAIN } from '../accounts/plain-text.ts'
import { isBuiltInName } from '../lib/built-in-name.ts'
import { emailAddress, LONGEST_EMAIL } from '../lib/email-address.ts'
import { LOCALES } from '../lib/locales.ts'
import { ALGORITHMS } from '../person/authenticator.ts'

/** The old system, as whoever imports names it: no space, no colon. */
export const SOURCE = /^[a-z0-9-]{1,32}$/
/** Bytes of one line. */
export const LONGEST_LINE = 64 * 1024
const LONGEST_HASH = 1024
const LONGEST_SECRET = 256
const LONGEST_NUMBER = 40
const MOST_APPS = 5

const HAS_CITIZEN_NUMBER = {
  error: 'holds a citizen service number (BSN), which may not be kept here',
  params: { code: 'citizen-number' },
}

const UNSEEN = { error: 'has control characters or signs that cannot be seen', params: { code: 'unseen' } }

const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((given) => PLAIN.test(given), UNSEEN)
const name = text(80).refine((given) => !holdsCitizenNumber(given), HAS_CITIZEN_NUMBER)
/** Random ones have nine digits in a row by chance, and are nobody's number. */
const RANDOM = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{16,}/gi
const count = z.number().int().positive()
const encoding = z.enum(['base64', 'hex', 'text'])
const encoded = { salt: z.string().max(LONGEST_HASH), digest: z.string().min(1).max(LONGEST_HASH) }
const encodings = {
  encoding: z.enum(['base64', 'hex']).default('base64').describe('of the digest; base64 in either alphabet'),
  salt_encoding: encoding.default('base64'),
}

const SPLIT = z.discriminatedUnion('scheme', [
  z.strictObject({
    scheme: z.literal('pbkdf2'),
    algorithm: z.enum(['sha1', 'sha256', 'sha512']),
    iterations: count,
    ...encoded,
    ...encodings,
  }),
  z.strictObject({ scheme: z.literal('scrypt'), n: count, r: count, p: count, ...encoded, ...encodings }),
  z
    .strictObject({
      scheme: z.literal('firebase-scrypt'),
      rounds: count,
      mem_cost: count.max(31),
      signer_key: z.string().max(LONGEST_HASH).describe('of the project'),
      salt_separator: z.string().max(LONGEST_HASH).describe('of the project'),
      ...encoded,
    })
    .describe('as Firebase has it: everything in base64'),
  z
    .strictObject({
      scheme: z.literal('digest'),
      algorithm: z.enum(['md5', 'sha1', 'sha256', 'sha512']),
      order: z.enum(['salt-password', 'password-salt', 'hmac']).default('salt-password'),
      ...encoded,
      ...encodings,
    })
    .describe('one round of a fast digest: weak, so it is taken only where that is asked for'),
])

const PASSWORD = z
  .union([z.string().min(1).max(LONGEST_HASH), SPLIT], 'is neither a hash as one text nor one in its parts')
  .describe(
    'as one text ($2y$…, $argon2id$…, $pbkdf2-sha256$…, pbkdf2_sha256$…, $scrypt$…, {bcrypt}…), or in its parts',
  )

const TOTP = z.strictObject({
  secret: z.string().min(1).max(LONGEST_SECRET),
  encoding: z.enum(['base32', 'base64', 'hex', 'text']).default('base32'),
  algorithm: z.enum(ALGORITHMS).default('SHA1'),
  digits: z.number().int().min(6).max(8).default(6),
  period: z.number().int().min(15).max(120).default(30).describe('seconds'),
  label: name.optional().describe('what the entry on the phone is called'),
})

const PHONE = z.strictObject({
  number: z
    .string()
    .min(1)
    .max(LONGEST_NUMBER)
    .describe('with its country code, unless it is of the first country that messages go to'),
  verified: z.boolean().describe('whether the old system had proof; without it nothing is kept of the number'),
})

/**
 * Whoever looks for a `sub` in a log or a path finds it: no slash, no at sign, and no colon, which divides names, but for
 * those of whom Keycloak has from another provider. No actor of the audit trail begins like them (audit/actor.ts).
 */
const SUB = /^(?=.{1,255}$)(?:f:[\w-]{1,64}:)?[\w.|~-]+$/

export const LINE = z.strictObject({
  external_id: text(255).describe('what the old system calls them: they are known by it in the next run'),
  id: z
    .string()
    .regex(SUB, 'is 1 to 255 of the signs A-Z a-z 0-9 _ . | ~ -, after f:<provider>: where Keycloak has it so')
    // Others whom the trail names, those whom the doctor makes, and names that every object has something under.
    .refine((given) => !/^(?:system|unknown|doctor-.*)$/.test(given) && !isBuiltInName(given), {
      error: 'is no id that a person can have here',
    })
    .refine((given) => !holdsCitizenNumber(given.replace(RANDOM, 'x')), HAS_CITIZEN_NUMBER)
    .optional()
    .describe('kept as the sub that applications see; a new one is made without it'),
  email: emailAddress.describe(`at most ${LONGEST_EMAIL} signs`),
  email_verified: z.boolean().optional().describe('whether the old system had proof; false for somebody new'),
  name: name.describe('full name'),
  given_name: name.optional(),
  family_name: name.optional(),
  locale: z.enum(LOCALES).optional().describe('nl for somebody new'),
  organization: z.string().trim().min(1).max(80).optional().describe('exact name or number of one that there is'),
  status: z.enum(['active', 'disabled']).optional().describe('active for somebody new'),
  created_at: z.iso.datetime({ offset: true }).optional(),
  password: PASSWORD.optional(),
  totp: z.array(TOTP).max(MOST_APPS).optional().describe('authenticator apps'),
  phone: PHONE.optional().describe('a mobile number for text messages, beside an app'),
  notice_email: emailAddress
    .optional()
    .describe('a second address that notices go to, of which the old system had proof'),
  roles: z.array(z.string().max(80)).max(10).optional().describe('taken only where that is asked for, by an owner'),
  refused: z.unknown().optional().describe('why the line was refused before: not looked at'),
})

export interface LineFault {
  field: string
  code: string
  reason: string
}

export type Line = z.output<typeof LINE>
export type SplitPassword = z.output<typeof SPLIT>

/** For whoever writes such a file. */
export function lineSchema(): Record<string, unknown> {
  return { title: 'One line of people.jsonl', ...z.toJSONSchema(LINE, { io: 'input' }) }
}
