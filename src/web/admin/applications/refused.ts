/**
 * Why a verb did not do what a form asked for, as the form shows it; what is none of a form's faults is thrown on. What was
 * typed stays on the page, whatever it was.
 */
import { ChangedMeanwhile } from '../../../admin/definition-input.ts'
import { NotAllowed } from '../../../admin/verb.ts'
import { AppError, type Fault, InputError } from '../../../lib/errors.ts'
import type { Desk } from '../desk.ts'
import { type ShownVersion, shownVersions } from './diff.ts'

export interface ShownFault extends Fault {
  /** The field without what is in it: `redirect_uris` of `redirect_uris[0]`. */
  field: string
}

export type Trouble =
  | { kind: 'faults'; status: 400; faults: ShownFault[] }
  /** Somebody else was first. */
  | { kind: 'meanwhile'; status: 409; version: number; since: ShownVersion[] }
  /** The id belongs to another, or did. */
  | { kind: 'taken'; status: 409; reason: string }
  /** It cannot be done any more, or not yet: `admin.application.refused.<reason>`. */
  | { kind: 'refused'; status: 403 | 409; reason: string }

const TAKEN = ['id-taken', 'deleted']
const REFUSED = ['owned-by-file', 'too-many-proposals']

export async function troubleIn(at: Desk, fault: unknown): Promise<Trouble> {
  if (fault instanceof InputError) return { kind: 'faults', status: 400, faults: fault.faults.map(shownFault) }
  if (fault instanceof ChangedMeanwhile)
    return { kind: 'meanwhile', status: 409, version: fault.version, since: await shownVersions(at, fault.since) }
  if (fault instanceof AppError && TAKEN.includes(fault.code)) return { kind: 'taken', status: 409, reason: fault.code }
  if (fault instanceof AppError && REFUSED.includes(fault.code))
    return { kind: 'refused', status: 409, reason: fault.code }
  // What the definition would give, and not what the form is for.
  if (fault instanceof NotAllowed && fault.reason === 'role-not-held')
    return { kind: 'refused', status: 403, reason: fault.reason }
  throw fault
}

/** Of trouble that is about none of the fields: what is said above them. */
export function reasonIn(trouble: Trouble | undefined): string | undefined {
  if (trouble?.kind === 'meanwhile') return 'moved'
  return trouble && 'reason' in trouble ? trouble.reason : undefined
}

function shownFault(fault: Fault): ShownFault {
  return { ...fault, field: /^[^.[]*/.exec(fault.path)?.[0] ?? '' }
}
