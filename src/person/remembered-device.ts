/** Remembered devices. What a token means that is not the present one is for the caller to say. */

/** A browser that need not be asked for a second factor until `expiresAt`. */
export interface RememberedDevice {
  id: string
  accountId: string
  /** SHA-256 of the token in its cookie. */
  digest: string
  /** The token before, accepted until `previousUntil` because two tabs may have sent it at once. */
  previousDigest: string | undefined
  previousUntil: number
  createdAt: number
  lastUsedAt: number
  /** Absolute: use does not move it. */
  expiresAt: number
  /** How the second factor was proven when it was remembered. */
  method: 'totp' | 'sms'
  /** Browser and system as far as a person would name them. */
  agent: string
}
