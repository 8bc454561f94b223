/** A scope belongs to one resource: which of two a token is for would be a guess. */
import type { DefinitionFault } from './definition.ts'
import type { Defined } from './record.ts'

/** Scopes that this definition must not name: others have them, or it has them twice itself. */
export function claimedTwice(scopes: readonly string[], others: ReadonlySet<string>): DefinitionFault[] {
  return scopes.flatMap((scope, index): DefinitionFault[] =>
    others.has(scope) || scopes.indexOf(scope) < index
      ? [{ code: 'duplicate', path: ['scopes', index], reason: `${scope} is there twice` }]
      : [],
  )
}

/** Those that a resource has now: one that is disabled or deleted has none. */
export function scopesHeld({ status, definition: { scopes } }: Pick<Defined, 'status' | 'definition'>): string[] {
  return status === 'active' && Array.isArray(scopes) ? scopes.map(String) : []
}
