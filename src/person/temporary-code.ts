/** Temporary access codes. */
import type { Hold } from './held-code.ts'
import type { PersonRecord } from './person.ts'

/** Issued by the help desk: for the second step only, and for one setting up. */
export interface TemporaryCode {
  id: string
  accountId: string
  digest: string
  createdAt: number
  expiresAt: number
  /** The session that sets up with it. */
  held?: Hold
  /** When it had done what it was for. Kept until it would have expired, so that it can be said. */
  spentAt?: number
}

export function insertTemporaryCode(person: PersonRecord, code: TemporaryCode): void {
  if (person.erasedAt === undefined) person.temporaryCodes.push(code)
}

/** A session has proven it, and takes it over from another one: its id. Undefined if it is not there, or expired. */
export function holdTemporaryCode(person: PersonRecord, digest: string, held: Hold): string | 'spent' | undefined {
  const known = person.temporaryCodes.filter((code) => code.digest === digest && code.expiresAt > held.at)
  const [live] = known
  if (!live) return undefined
  // Were the same code issued twice, it is still used once.
  if (known.some(({ spentAt }) => spentAt !== undefined)) return 'spent'
  live.held = held
  return live.id
}
