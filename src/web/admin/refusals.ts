/** Refusals that administration shows as pages, and where each leads back to. */
import { onOneLine } from '../../accounts/plain-text.ts'
import { NotAllowed } from '../../admin/verb.ts'
import { AppError, InputError } from '../../lib/errors.ts'

/** Codes of refusals that have words of their own. */
const REFUSALS = [
  'not-found',
  'already-disabled',
  'not-disabled',
  'not-waiting',
  'case-closed',
  'in-hand',
  'proposer-gone',
]

/** Of a field that is shown. */
const LONGEST_NAME = 40

/** A form says something that nobody would have read: refused, not passed over, for whoever sent it meant something by it. */
export class UnknownField extends AppError {
  readonly field: string

  constructor(name: string) {
    super('unknown-field', 'a field that the form does not have', { status: 400 })
    this.field = onOneLine(name).slice(0, LONGEST_NAME)
  }
}

export function refusalOf(fault: unknown): { reason: string; status: number; field?: string } | undefined {
  if (fault instanceof UnknownField) return { reason: fault.code, status: fault.status, field: fault.field }
  if (fault instanceof NotAllowed) return { reason: fault.reason, status: fault.status }
  // An address that was typed by hand, and can name nobody and nothing.
  if (fault instanceof InputError) return { reason: 'not-found', status: 404 }
  if (!(fault instanceof AppError)) return undefined
  return REFUSALS.includes(fault.code) ? { reason: fault.code, status: fault.status } : undefined
}

/** Out of a dead end: to the case or person where there is one, to the beginning otherwise. */
export function backFrom(path: string, reason: string): string {
  const list = /^\/admin\/(?:approvals|audit|campaign|deliveries|keys)(?=\/)/.exec(path)?.[0]
  if (list && reason !== 'role-missing') return list
  const parent = /^\/admin\/(?:people|invitations|cases|applications|apis|organizations)\/[^/]+/.exec(path)?.[0]
  return parent && reason !== 'not-found' && (parent !== path || reason === 'case-closed') ? parent : '/admin'
}
