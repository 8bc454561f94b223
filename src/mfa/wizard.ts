/** What waits while somebody sets up two-step verification (enrollment.ts), and who they are. */
import { DAY } from '../lib/time.ts'
import type { Holding } from '../person/held-code.ts'
import type { Passkey } from '../person/passkey.ts'
import type { WizardOwner } from './sealed-wizard.ts'

/**
 * It waits for a day, so that whoever has scanned the key and was called away does not scan it again. The ten minutes of a
 * secret (NIST SP 800-63B-4 section 4.1.2.2) are kept by who gets to see it: only this browser, and in it only whoever
 * proved the password within ten minutes (oidc/assessment.ts) and is in that sitting.
 */
export const WAITS = DAY

/** Where the wizard stands. `app` to `passkey` are before the act, the others after it. */
export type Stage = 'app' | 'scan' | 'code' | 'passkey' | 'sms' | 'sms-code' | 'backup' | 'done'

export interface Wizard {
  stage: Stage
  app?: 'company' | 'other'
  secret?: string
  /** What the app calls the entry. */
  entry?: string
  /** What its person calls it, if they do: it is part of the entry's name. */
  name?: string | undefined
  /** A passkey that was just made. It is kept nowhere else until it has signed once. */
  waiting?: Passkey
  /** The old phone is lost: everything of before goes when the new app or passkey has answered. */
  replacesAll?: boolean
  /** Names of the entries that it takes the place of: they were brought from elsewhere. */
  old?: string[]
  /** The code to be saved, and the record it belongs to. */
  backup?: { id: string; code: string }
  /** The number that a code was sent to, as it was typed and as its last two digits. */
  sms?: { typed: string; country: string; hint: string; resendAt: number }
  /** Codes that were spent with it. */
  spent?: Holding
  /** When the factor answered and was turned on, in milliseconds: it counts as a second factor of this session. */
  provenAt?: number
  /** It was a passkey. */
  passkey?: true
}

export interface EnrollingRequester extends WizardOwner {
  /** This session has proven a second factor. */
  proven: boolean
  /** Codes that it proved, and that are spent with what is set up here. */
  holding: Holding
  /** What they have is good, and the application takes none of it: another one is set up beside it. */
  beside?: boolean
}
