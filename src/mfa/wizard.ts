/** What waits while somebody sets up two-step verification (enrollment.ts), and who they are. */
import type { Holding } from '../person/held-code.ts'
import type { WizardOwner } from './sealed-wizard.ts'

/** Where the wizard stands. `app` to `code` are before the act, the others after it. */
export type Stage = 'app' | 'scan' | 'code' | 'sms' | 'sms-code' | 'backup' | 'done'

export interface Wizard {
  stage: Stage
  app?: 'company' | 'other'
  secret?: string
  /** What the app calls the entry. */
  entry?: string
  /** What its person calls it, if they do: it is part of the entry's name. */
  name?: string | undefined
  /** The old phone is lost: everything of before goes when the new app has answered. */
  replacesAll?: boolean
  /** Names of the entries that it takes the place of: they were brought from elsewhere. */
  old?: string[]
  /** The code to be saved, and the record it belongs to. */
  backup?: { id: string; code: string }
  /** The number that a code was sent to, as it was typed and as its last two digits. */
  sms?: { typed: string; country: string; hint: string; resendAt: number }
  /** Codes that were spent with it. */
  spent?: Holding
  /** When the app proved itself, in milliseconds: it counts as a second factor of this session. */
  provenAt?: number
}

export interface EnrollingRequester extends WizardOwner {
  /** This session has proven a second factor. */
  proven: boolean
  /** Codes that it proved, and that are spent with what is set up here. */
  holding: Holding
}
