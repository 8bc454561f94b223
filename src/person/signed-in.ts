/**
 * When somebody last signed in, kept in a write that a sign-in makes anyway. A password alone signs nobody in who has
 * two-step verification: whoever has only that may be anybody.
 */
import type { PersonRecord } from './person.ts'

/** The password was right. */
export function provedPassword({ account }: PersonRecord, at: number): void {
  if (account && account.enrolledAt === undefined) account.lastSignInAt = at
}

/** So was the second step, or it was spared by a remembered device. */
export function provedSecondStep({ account }: PersonRecord, at: number): void {
  if (account) account.lastSignInAt = at
}
