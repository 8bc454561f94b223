/** What gives the address of before back. */

/** Lets the owner of the address of before take it back. Only the digest of its token is kept. */
export interface EmailUndo {
  digest: string
  accountId: string
  /** The address that comes back. */
  email: string
  emailKey: string
  /** When two-step verification was turned on, if it was on then. */
  enrolledAt: number | undefined
  /** Ids of the authenticators and the backup code that there were then; undefined if a release before kept it. */
  factors: string[] | undefined
  createdAt: number
  expiresAt: number
}
