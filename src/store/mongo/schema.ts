/** What every collection's schema says. */
import type { SchemaOptions } from 'mongoose'

/** Indexes are made, and compared, by indexes.ts. */
export const STRICT = {
  strict: 'throw',
  strictQuery: 'throw',
  autoIndex: false,
  autoCreate: false,
  versionKey: false,
  minimize: false,
  id: false,
} as const satisfies SchemaOptions

/** What a later release wrote is kept as it is, or nobody could go back to this one; what is known is checked. */
export const KNOWN = { ...STRICT, strict: false } as const
