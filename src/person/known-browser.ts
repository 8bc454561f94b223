/** Browsers that proved the password of an account. */

export interface KnownBrowser {
  /** Of the token in its cookie. */
  digest: string
  expiresAt: number
}
