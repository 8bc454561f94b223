/** What zod finds wrong, by the codes that every door tells. */
import type { z } from 'zod'

const CODES: Record<string, string> = { invalid_type: 'type', invalid_value: 'value', invalid_format: 'format' }

export function codeOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'custom') return String(issue.params?.code ?? 'value')
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'too-short' : 'too-small'
  if (issue.code === 'too_big') return issue.origin === 'string' ? 'too-long' : 'too-big'
  if (issue.code === 'invalid_type' && isAbsent(given, issue.path)) return 'required'
  return CODES[issue.code] ?? issue.code
}

function isAbsent(given: unknown, path: PropertyKey[]): boolean {
  const value = path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    given,
  )
  return value === undefined
}
