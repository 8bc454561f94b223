/** A day or a moment as people write it: `2026-12-01` (its first minute, UTC) or `2026-12-01T08:00:00+01:00`. */
import { z } from 'zod'

/** In milliseconds. */
export const moment = z
  // Days that there are, and no time without a zone: what Date.parse makes of others depends on the machine.
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'a date such as 2026-12-01 or 2026-12-01T08:00:00+01:00')
  .transform((text) => Date.parse(text))
