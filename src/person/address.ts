/** The addresses of a person, and the codes that prove a new one. */
import type { Parcel } from '../delivery/queue.ts'
import type { EmailUndo } from './email-undo.ts'
import { isIn, raiseEpoch } from './epoch.ts'
import { killLinks } from './link.ts'
import type { Draft, PersonRecord } from './person.ts'
import { forgetDevices } from './remembered-device.ts'

/** What a proven address becomes. */
export type AddressKind = 'email' | 'notice'

/** A code that was mailed to a new address. */
export interface AddressCode {
  /** Digest of account, session and kind: a new code for the same replaces the old. */
  key: string
  accountId: string
  /** Keyed digest of code and address. */
  digest: string
  /** The address, sealed for `address-code/<key>`. */
  sealed: string
  createdAt: number
  expiresAt: number
}

export interface EmailChange {
  /** Refused in any other: everything was ended meanwhile, and this with it. */
  epoch: number
  code: { key: string; digest: string }
  email: string
  emailKey: string
  at: number
  /** What there is of second factors is found and kept with it. */
  undo: Omit<EmailUndo, 'enrolledAt' | 'factors'>
}

/** A proven address that becomes the one for notices. */
export interface NoticeChange {
  /** Refused in any other. */
  epoch: number
  code: { key: string; digest: string }
  noticeEmail: string
  at: number
}

export function findAddressCode({ addressCodes }: PersonRecord, key: string, now: number): AddressCode | undefined {
  return addressCodes.find((code) => code.key === key && code.expiresAt > now)
}

/** Replaces an older one with the same key. */
export function putAddressCode(person: Draft, code: AddressCode, parcels: Parcel[]): void {
  if (person.erasedAt !== undefined) return
  removeCode(person, code.key)
  person.addressCodes.push(code)
  person.parcels.push(...parcels)
}

/**
 * If the account is in this epoch, and the code there with this digest and unexpired at `at`: uses it up, keeps the
 * present address as `previousEmail`, sets the new one and `emailChangedAt`, moves the epoch up, forgets the remembered
 * devices, kills the links and keeps the undo. Otherwise nothing, and false.
 */
export function changeEmail(
  person: Draft,
  { epoch, code, email, emailKey, at, undo }: EmailChange,
  parcels: Parcel[],
): boolean {
  const { account } = person
  if (!account || !isIn(person, epoch) || undo.accountId !== account.id) return false
  if (!spendCode(person, code, at)) return false
  Object.assign(account, { previousEmail: account.email, email, emailKey, emailChangedAt: at })
  delete account.emailVerified
  raiseEpoch(person)
  forgetDevices(person)
  killLinks(person, at)
  person.undos.push({ ...undo, enrolledAt: account.enrolledAt, factors: factorsOf(person) })
  person.parcels.push(...parcels)
  return true
}

/** Uses the code up in the same way and makes the address the one for notices. */
export function setNoticeEmail(
  person: Draft,
  { epoch, code, noticeEmail, at }: NoticeChange,
  parcels: Parcel[],
): boolean {
  if (!person.account || !isIn(person, epoch) || !spendCode(person, code, at)) return false
  person.account.noticeEmail = noticeEmail
  person.parcels.push(...parcels)
  return true
}

/** False if there was none. */
export function removeNoticeEmail(person: Draft, parcels: Parcel[]): boolean {
  if (person.account?.noticeEmail === undefined) return false
  person.account.noticeEmail = undefined
  person.parcels.push(...parcels)
  return true
}

/** What there is of second factors, for an undo to know what came later. */
export function factorsOf({ authenticators, backup }: PersonRecord): string[] {
  return [...authenticators, ...(backup ? [backup] : [])].map(({ id }) => id)
}

function removeCode(person: PersonRecord, key: string): void {
  person.addressCodes = person.addressCodes.filter((code) => code.key !== key)
}

/** Uses it up. False if it is not there with this digest, or has expired. */
function spendCode(person: PersonRecord, { key, digest }: Pick<AddressCode, 'key' | 'digest'>, at: number): boolean {
  const live = findAddressCode(person, key, at)?.digest === digest
  if (live) removeCode(person, key)
  return live
}
