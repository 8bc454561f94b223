/** What many answers of the API have in common. */
import { z } from 'zod'

export const moment = z.iso.datetime()
export const id = z.string()
export const version = z.int().min(1)

export const change = z
  .strictObject({ field: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })
  .describe('one field; from is absent where there was nothing, to where there is nothing any more')
