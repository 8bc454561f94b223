/** Wizards under way. Each change says from which version it comes; of two from one, one counts. */

/** A wizard under way, one per account and session. Its content is sealed for `enrollment/<key>`. */
export interface PendingEnrollment {
  key: string
  accountId: string
  sealed: string
  /** Moves up with every change; a change says from which version it comes. */
  version: number
  expiresAt: number
}
