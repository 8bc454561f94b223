/** Codes that were sent to a number. */
import type { Parcel } from '../delivery/queue.ts'
import type { Draft, PersonRecord } from './person.ts'
import { provedSecondStep } from './signed-in.ts'

/** A code that was sent to a number, bound to what it may be used for. */
export interface SentCode {
  /** Digest of account, purpose and sitting: a new code for the same replaces the old. */
  key: string
  accountId: string
  /** Keyed digest of code and number. */
  digest: string
  /** The number it went to, sealed for `sent-code/<key>`. */
  sealed: string
  createdAt: number
  expiresAt: number
}

export function findSentCode({ sentCodes }: PersonRecord, key: string, now: number): SentCode | undefined {
  return sentCodes.find((code) => code.key === key && code.expiresAt > now)
}

/** Replaces an older one with the same key. */
export function putSentCode(person: Draft, code: SentCode, parcels: Parcel[]): void {
  if (person.erasedAt !== undefined) return
  removeSentCode(person, code.key)
  person.sentCodes.push(code)
  person.parcels.push(...parcels)
}

/** Uses it up. A wrong guess leaves it there: counting those is not ours. */
export function spendSentCode(person: PersonRecord, key: string, digest: string, now: number): boolean {
  const live = findSentCode(person, key, now)?.digest === digest
  if (live) removeSentCode(person, key)
  return live
}

/** The same of a code that is the second step. */
export function answerSentCode(person: PersonRecord, key: string, digest: string, now: number): boolean {
  const right = spendSentCode(person, key, digest, now)
  if (right) provedSecondStep(person, now)
  return right
}

function removeSentCode(person: PersonRecord, key: string): void {
  person.sentCodes = person.sentCodes.filter((code) => code.key !== key)
}
