/** The audit trail: how long its records are kept, by what they are about (audit/retention.ts). */
import { z } from 'zod'
import { DAY } from '../lib/time.ts'
import { duration } from './forms.ts'

/** Below that, what happened over a long weekend would be gone before somebody looks. */
const LEAST = 7 * DAY

const kept = z.union(
  [z.literal('forever'), duration.refine((time) => time >= LEAST)],
  'a duration of 7d or more, such as 400d, or forever',
)

const retention = z
  .strictObject({
    signIns: kept.default(400 * DAY),
    tokens: kept.default(90 * DAY),
    refusals: kept.default(90 * DAY),
    /** Seven years and a few days, as long as Dutch law has wages administered (AWR article 52). */
    accounts: kept.default(2560 * DAY),
    administration: kept.default(2560 * DAY),
  })
  .prefault({})

export const audit = z.strictObject({ retention }).prefault({})
