/** Codes that were sent to a number. */

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
