/** The epoch of an account (account.ts): what was signed in, or begun, in an earlier one has ended. */
import type { PersonRecord } from './person.ts'

/** Everything that is of another was ended meanwhile. Undefined is for a person without an account. */
export function isIn({ account }: PersonRecord, epoch: number | undefined): boolean {
  return account?.epoch === epoch
}

export function raiseEpoch({ account }: PersonRecord): void {
  if (account) account.epoch += 1
}
