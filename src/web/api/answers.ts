/**
 * What the API answers, by shapes that take nothing else: in development and in tests every answer is held to its shape,
 * so a field that nobody meant to tell is found before it is told. They are the document's, too.
 *
 * Those of applications are in application-answers.ts, of people in people-answers.ts, of the campaign in campaign-answers.ts;
 * here is the rest.
 */
import { z } from 'zod'
import { EVENTS } from '../../audit/event.ts'
import { CHECKS } from '../../person/recovery-case.ts'
import { id, moment } from './answer-parts.ts'
import { PERSON, PERSON_SUMMARY } from './people-answers.ts'

export * from './application-answers.ts'
export * from './people-answers.ts'

const recoveryCase = { number: z.string(), createdAt: moment, expiresAt: moment, decidableAt: moment }
export const CASE_SUMMARY = z.strictObject({ ...recoveryCase, person: PERSON_SUMMARY })
export const CASE = z.strictObject({
  ...recoveryCase,
  state: z.string(),
  contact: z.string(),
  closedAt: moment.optional(),
  closedBy: z.string().optional(),
  check: z.enum(CHECKS).optional(),
  note: z.string().optional(),
  person: PERSON,
})
export const DECIDED = z.strictObject({
  number: z.string(),
  state: z.enum(['issued', 'declined']),
  code: z.string().optional().describe('temporary access code, shown this once'),
  expiresAt: moment.optional(),
})

export const AUDIT_RECORD = z.strictObject({
  id,
  at: moment,
  type: z.enum(EVENTS),
  outcome: z.enum(['ok', 'refused', 'failed']),
  actor: z.string().optional(),
  subject: z.string().optional(),
  client: z.string().optional(),
  source: z.strictObject({ ip: z.string(), correlation: z.string() }).optional(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
export const VERIFIED = z.strictObject({ intact: z.literal(true) })
/** Sent as it is, not as JSON. */
export const FILE = z.string()

export const DELIVERY = z.strictObject({
  id,
  channel: z.enum(['email', 'sms', 'logout', 'link']),
  createdAt: moment,
  dueAt: moment,
  attempt: z.int(),
  leasedUntil: z.number(),
  reason: z.string().optional(),
  failedAt: moment.optional(),
  person: z.strictObject({ id, name: z.string(), email: z.string() }).optional(),
})
export const RETRIED = z.strictObject({ id, dueAt: moment })

export const KEY = z.strictObject({
  kid: z.string(),
  alg: z.enum(['RS256', 'ES256']),
  state: z.enum(['next', 'current', 'previous']),
  createdAt: moment,
  publishedAt: moment,
  activatedAt: moment.optional(),
  retiredAt: moment.optional(),
})
export const ROTATED = z.strictObject({ rotation: z.enum(['rotated', 'not-due', 'rotated-elsewhere']) })
