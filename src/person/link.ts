/** One-time links that are mailed, and what using one changes. */

export type LinkPurpose = 'activation' | 'recovery'

/** A one-time link that was mailed. Only the digest of its token is kept. */
export interface Link {
  digest: string
  accountId: string
  purpose: LinkPurpose
  createdAt: number
  expiresAt: number
  usedAt: number | undefined
}
