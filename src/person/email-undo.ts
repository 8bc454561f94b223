/** What gives the address of before back. */
import type { Parcel } from '../delivery/queue.ts'
import { byAge } from './age.ts'
import { raiseEpoch } from './epoch.ts'
import { killLinks } from './link.ts'
import type { Draft, PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'
import { PASSKEY } from './second-factor.ts'

/** Lets the owner of the address of before take it back. Only the digest of its token is kept. */
export interface EmailUndo {
  digest: string
  accountId: string
  /** The address that comes back. */
  email: string
  emailKey: string
  /** When two-step verification was turned on, if it was on then. */
  enrolledAt: number | undefined
  /** Ids of the authenticators and the backup code that there were then. */
  factors: string[]
  createdAt: number
  expiresAt: number
}

/** Also finds one that expired, as long as it is kept; not one that was used. */
export function findEmailUndo({ undos }: PersonRecord, digest: string): EmailUndo | undefined {
  return undos.find((undo) => undo.digest === digest)
}

/** Those that can still be used. */
export function listEmailUndos({ undos }: PersonRecord, now: number): EmailUndo[] {
  return byAge(undos).filter(({ expiresAt }) => expiresAt > now)
}

/**
 * If it is there and unexpired at `at`: uses it up, gives the address back, forgets `previousEmail`, `noticeEmail` and the
 * password (whoever changed the address knew it), moves the epoch up, forgets remembered devices and known browsers,
 * kills the links and the undos of later changes: an earlier owner's undo still counts. Otherwise nothing, and false.
 *
 * Of second factors, all passkeys go, and authenticators and the backup code that are not among the undo's `factors`; `enrolledAt`
 * becomes that of the undo. Temporary codes go, and whatever is half-way: wizards, codes that were sent or mailed. Open
 * recovery cases that were filed since are canceled.
 */
export function undoEmail(person: Draft, digest: string, at: number, parcels: Parcel[]): boolean {
  const { account } = person
  const undo = findEmailUndo(person, digest)
  if (!account || !undo || undo.expiresAt <= at) return false
  const { email, emailKey, enrolledAt, createdAt } = undo
  // The address changes again, which makes a recovery wait (see recovery-case.ts). When the password was set stays: it
  // tells that the account was active once.
  const forgotten = { previousEmail: undefined, noticeEmail: undefined, passwordHash: undefined }
  Object.assign(account, { email, emailKey, emailChangedAt: at, enrolledAt, ...forgotten })
  // The link was read there.
  delete account.emailVerified
  raiseEpoch(person)
  // Not those of before: whoever had the account first has the last word.
  person.undos = person.undos.filter((other) => other.createdAt < createdAt)
  endSince(person, undo, at)
  forgetDevices(person)
  killLinks(person, at)
  person.parcels.push(...parcels)
  return true
}

/** What came since then, of second factors and requests for help; what passes or is half-way; who proved the password. */
function endSince(person: PersonRecord, { factors, createdAt: since }: EmailUndo, at: number): void {
  // A passkey opens the account alone, as the password does. Whoever changed the address may have made one before.
  person.authenticators = person.authenticators.filter(({ id, kind }) => factors.includes(id) && kind !== PASSKEY)
  if (person.backup && !factors.includes(person.backup.id)) person.backup = undefined
  Object.assign(person, { temporaryCodes: [], sentCodes: [], wizards: [], addressCodes: [], browsers: [] })
  for (const one of person.cases)
    if (one.state === 'open' && one.createdAt >= since) Object.assign(one, { state: 'canceled', closedAt: at })
}
