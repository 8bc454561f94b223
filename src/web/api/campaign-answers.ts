/** What the API answers of the campaign for two-step verification. */
import { z } from 'zod'
import { ORGANIZATION_SUMMARY } from './people-answers.ts'

const moment = z.iso.datetime()
const period = { startsAt: moment.optional(), deadlineAt: moment.optional() }
const dates = {
  ...period,
  from: z.enum(['record', 'settings', 'everyone', 'nothing']).describe('where its dates are from'),
}
const people = {
  people: z.int().describe('that the campaign is for'),
  ready: z.int().describe('who have nothing to do any more'),
  old: z.int().describe('with a factor that was brought from elsewhere'),
  missing: z.int(),
  invited: z.int(),
  passkeys: z.int().describe('of all these, who have a passkey that answers here: they can reach phr'),
  longer: z.int().describe('who may wait longer than the dates say'),
}
const figures = {
  ...people,
  stoppedIfToday: z.int().describe('would be stopped if every deadline were today'),
  stoppedNow: z.int(),
}
const stops = z.array(z.strictObject({ at: moment, stopped: z.int() }))
const organization = ORGANIZATION_SUMMARY.shape

export const CAMPAIGN = z.strictObject({
  at: moment,
  organization: z.strictObject({ ...organization, ...dates, version: z.int() }).optional(),
  ...figures,
  on: z.strictObject({ at: moment, stopped: z.int() }).optional(),
  stops,
  waves: z
    .array(z.strictObject({ ...period, organizations: z.int(), ...people, stopped: z.int().optional() }))
    .optional(),
  everyone: z.strictObject(period).optional(),
  roles: z.array(z.strictObject({ role: z.string(), ...period })),
  exempt: z.int(),
})
export const CAMPAIGN_ORGANIZATION = z.strictObject({
  ...organization,
  ...dates,
  ...figures,
  stoppedAtDeadline: z.int().optional(),
})
export const CAMPAIGN_PREVIEW = z.strictObject({
  organizations: z.array(z.strictObject({ ...organization, ...dates, version: z.int(), to: z.strictObject(period) })),
  before: z.strictObject({ ...figures, stops }),
  after: z.strictObject({ ...figures, stops }),
})
export const CAMPAIGN_DATES = z.strictObject({
  changed: z.array(z.string()),
  unchanged: z.array(z.string()),
  refused: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
})
export const CAMPAIGN_TEXTS = z.strictObject({
  deadlineAt: moment,
  sent: z.boolean().describe('whether they are mailed at all'),
  mails: z.array(z.strictObject({ language: z.string(), name: z.string(), subject: z.string(), text: z.string() })),
})
