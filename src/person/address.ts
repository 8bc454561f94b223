/** The addresses of a person, and the codes that prove a new one. */
import type { EmailUndo } from './email-undo.ts'

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
  accountId: string
  /** Refused in any other: everything was ended meanwhile, and this with it. */
  epoch: number
  code: { key: string; digest: string }
  email: string
  emailKey: string
  at: number
  /** What there is of second factors is found and kept with it. */
  undo: Omit<EmailUndo, 'enrolledAt' | 'factors'>
}
