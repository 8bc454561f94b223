/** The backup code of a person, who has room for one. */

/** The one backup code of an account. It is kept salted and digested, so it can be shown only when it is made. */
export interface BackupCode {
  id: string
  accountId: string
  salt: string
  digest: string
  createdAt: number
  /** When the person said that it is saved; until then it is offered anew after the next sign-in. */
  savedAt: number | undefined
}
