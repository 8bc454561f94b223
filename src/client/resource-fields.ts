/** The fields of a resource: an API that takes our access tokens. */
import { z } from 'zod'
import { BUILT_IN_NAME, isBuiltInName } from '../lib/built-in-name.ts'
import { coded } from './coded.ts'
import { isAdminScope, OWN_SCOPES } from './scopes.ts'
import { isWrittenOut, NOT_ASCII } from './uri.ts'

export const resourceFields = z.strictObject({
  /** The resource indicator (RFC 8707): what a token is for. */
  indicator: z
    .string()
    .max(2000)
    .refine(
      (text) => URL.canParse(text) && !text.includes('#'),
      coded('not-absolute', 'must be an absolute URI without a fragment'),
    )
    .refine((text) => !URL.canParse(text) || isWrittenOut(text), coded(NOT_ASCII.code, NOT_ASCII.reason)),
  scopes: z.array(
    z
      .string()
      .max(200)
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is not a scope (RFC 6749 section 3.3)')
      .refine((scope) => !isBuiltInName(scope), coded('built-in-name', BUILT_IN_NAME))
      .refine(
        (scope) => !OWN_SCOPES.has(scope) && !isAdminScope(scope),
        coded('reserved', 'is a scope of ours: a resource needs another'),
      ),
  ),
  format: z.enum(['opaque', 'jwt']).default('jwt'),
  /** Clients that may introspect tokens for this resource. */
  introspected_by: z.array(z.string()).default([]),
})

export type Resource = z.output<typeof resourceFields>
