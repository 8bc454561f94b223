/**
 * What can be administered, as data: a name, a sentence, the shape of the input, and what it does. The command line
 * reads the list, and pages and API can.
 */
import type { z } from 'zod'
import type { Links } from '../accounts/links.ts'
import type { Audit, AuditStore } from '../audit/audit.ts'
import type { SigningKeys } from '../oidc/keys.ts'

export interface AdminContext {
  links: Links
  keys: SigningKeys
  audit: Audit
  trail: AuditStore
}

export interface Verb {
  /** `<noun>:<verb>` */
  name: string
  summary: string
  input: z.ZodObject
  /** Rejects with an AppError whose message an administrator can act on. */
  run(context: AdminContext, input: Record<string, unknown>): Promise<unknown>
}

/** A verb whose `run` gets its input in the shape it declares. */
export function verb<S extends z.ZodObject>(definition: {
  name: string
  summary: string
  input: S
  run(context: AdminContext, input: z.output<S>): Promise<unknown>
}): Verb {
  return { ...definition, run: (context, input) => definition.run(context, definition.input.parse(input)) }
}
