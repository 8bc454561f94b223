/** The epoch of an account (account.ts): what was signed in, or begun, in an earlier one has ended. */
import type { PersonRecord } from './person.ts'

/** An epoch that is not asked for is any. Everything that is of another was ended meanwhile. */
export function isIn({ account }: PersonRecord, epoch: number | undefined): boolean {
  return epoch === undefined || account?.epoch === epoch
}

export function raiseEpoch({ account }: PersonRecord): void {
  if (account) account.epoch += 1
}
