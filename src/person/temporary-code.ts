/** Temporary access codes. */

/** Issued by the help desk: one use, for the second step only. */
export interface TemporaryCode {
  id: string
  accountId: string
  digest: string
  createdAt: number
  expiresAt: number
}
