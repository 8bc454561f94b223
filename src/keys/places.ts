/**
 * Where sealed texts are kept in records, and what each is sealed for. Whoever keeps another one names it here, or it stays
 * behind with the root key that it was sealed by: a test goes through every text of every store.
 */
import { addressCodeRecord } from '../accounts/address-code.ts'
import { type MadeOnce, madeOnceRecord } from '../client/made-once.ts'
import { authenticatorRecord } from '../mfa/sealed-authenticator.ts'
import { WIZARDS, wizardRecord } from '../mfa/sealed-wizard.ts'
import { sentCodeRecord } from '../mfa/sms-code.ts'
import type { PersonRecord } from '../person/person.ts'
import { caseRecord, noteRecord } from '../recovery/case.ts'
import { keptRecord, type RootKey } from './root-key.ts'

/** What becomes of a sealed text. It is sealed for one of `records`; for which one is not kept with it. */
export type Become = (sealed: string, records: string[]) => string

export function inPerson(person: PersonRecord, become: Become): void {
  for (const one of person.authenticators) one.sealed = become(one.sealed, [authenticatorRecord(one.accountId, one.id)])
  for (const one of person.addressCodes) one.sealed = become(one.sealed, [addressCodeRecord(one.key)])
  for (const one of person.sentCodes) one.sealed = become(one.sealed, [sentCodeRecord(one.key)])
  for (const one of person.wizards)
    one.sealed = become(
      one.sealed,
      WIZARDS.map((kind) => wizardRecord(kind, one.key)),
    )
  for (const one of person.cases) {
    one.sealed = become(one.sealed, [caseRecord(one.number)])
    if (one.sealedNote !== undefined) one.sealedNote = become(one.sealedNote, [noteRecord(one.number)])
  }
}

export function inMadeOnce(made: MadeOnce, id: string, become: Become): void {
  if (made.answer !== '') made.answer = become(made.answer, [madeOnceRecord(id)])
}

/** Sealed with a key of their own (`keptSealer`). */
export function inRootKey(known: RootKey, id: string, become: Become): void {
  for (const one of known.kept) one.sealed = become(one.sealed, [keptRecord(id, one.purpose)])
}
