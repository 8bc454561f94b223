/** Enrolled authenticators, one by one; factor-changes.ts has what changes more than one thing. */

/** An enrolled factor of one account. */
export interface Authenticator {
  id: string
  accountId: string
  kind: 'totp' | 'sms'
  /** What tells it apart for its person: the entry's name in the app, or the last two digits of the number. */
  label: string
  /** The secret (base32) or the number (E.164), sealed for `authenticator/<account>/<id>`. */
  sealed: string
  /** Keyed digest of the number, to count accounts by number; undefined for an app. */
  numberKey: string | undefined
  /** The last time step that was used (RFC 6238 section 5.2); 0 for none. */
  lastStep: number
  createdAt: number
  lastUsedAt: number | undefined
}
