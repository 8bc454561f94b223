/** Whoever asks for something about their own account. */
import type { Source } from '../audit/audit.ts'
import type { Account } from '../person/account.ts'

export interface Requester {
  account: Account
  /** uid of the provider's session, which outlives changes of its id: what waits in another one is not found. */
  session: string
  source: Source
}
