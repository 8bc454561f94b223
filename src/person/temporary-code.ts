/** Temporary access codes. */
import type { PersonRecord } from './person.ts'
import { provedSecondStep } from './signed-in.ts'

/** Issued by the help desk: one use, for the second step only. */
export interface TemporaryCode {
  id: string
  accountId: string
  digest: string
  createdAt: number
  expiresAt: number
}

export function insertTemporaryCode(person: PersonRecord, code: TemporaryCode): void {
  if (person.erasedAt === undefined) person.temporaryCodes.push(code)
}

/** Uses it up. False if it is not there, or expired. */
export function spendTemporaryCode(person: PersonRecord, digest: string, now: number): boolean {
  const live = person.temporaryCodes.some((code) => code.digest === digest && code.expiresAt > now)
  // Were the same code issued twice, it is still used once.
  if (!live) return false
  person.temporaryCodes = person.temporaryCodes.filter((code) => code.digest !== digest)
  provedSecondStep(person, now)
  return true
}
