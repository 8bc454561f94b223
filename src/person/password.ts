/** A person's password: set with a link, or replaced by somebody who knows it. */
import type { LinkPurpose } from './link.ts'

export interface PasswordChange {
  accountId: string
  /** Used up by the change. */
  link: { digest: string; purpose: LinkPurpose }
  passwordHash: string
  at: number
}

/** A password that its owner replaces, knowing the one before. */
export interface OwnPasswordChange {
  accountId: string
  /** The hash that was verified. */
  from: string
  passwordHash: string
  at: number
}
