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

/** Known fields are checked. Those of a later release are kept as they are, or nobody could go back to this one. */
export const KNOWN = { ...STRICT, strict: false } as const
