/**
 * Who must do what: a pure decision over what a session has proven, what the person has set up, and what is asked. The
 * campaign (people), the floor (application) and the request add up; the strictest wins.
 */
import type { PasswordOwed } from '../person/imported.ts'
import { atLeast, HIGHEST, type Rung, strictest } from './assurance.ts'

/** `offered`: may wait until the deadline. `required`: may not. */
export type Campaign = 'none' | 'offered' | 'required'

export interface SignIn {
  /** What this session has proven, counting only what is fresh and accepted by the application. */
  reached: Rung
  /** The person once turned two-step verification on. From then on the password alone opens nothing. */
  enrolled: boolean
  /** The person has an authenticator now; not so after the help desk took a lost one away. */
  equipped: boolean
  /** What they have was brought from elsewhere, and the campaign is about one that is set up here. */
  old: boolean
  /** The backup code was used, or never saved. */
  backupOwed: boolean
  /** Among what was proven is a factor that may change others; a text message may be somebody else's. */
  binds: boolean
  /** What was proven is a code that is spent only with what is set up after it. */
  holding: boolean
  /** Whether another is owed in the place of one that came from elsewhere. */
  password: PasswordOwed
  /** The person chose to keep it for now, in this session. */
  passwordLater: boolean
  campaign: Campaign
  /** The person chose to be reminded later, in this session or not long ago. */
  postponed: boolean
  /** What the application's record demands, whatever it asks for. */
  floor: Rung
  /** The request wants the person to prove themselves anew: `max_age`, `prompt=login`. */
  fresh: boolean
  /** What this request asks for; undefined if it asks for nothing, the rung undefined if it asks for what we do not know. */
  requested: { rung: Rung | undefined; essential: boolean } | undefined
}

/**
 * - `challenge`: prove a second factor.
 * - `prove`: the same, with a factor that may change others.
 * - `enroll`: set one up before going on, also in the place of an old one. `offer`: the same, but it can wait.
 * - `backup`: save a new backup code.
 * - `replace`: choose another password before going on. `suggest`: the same, but it can wait.
 * - `unmet`: goes back to the application as `unmet_authentication_requirements`.
 */
export type Decision =
  | 'proceed'
  | 'challenge'
  | 'prove'
  | 'enroll'
  | 'offer'
  | 'backup'
  | 'replace'
  | 'suggest'
  | 'unmet'

export function decide(signIn: SignIn, highest: Rung = HIGHEST): Decision {
  const wanted = asked(signIn, highest)
  if (wanted === BEYOND) return 'unmet'
  const demanded = strictest(signIn.floor, wanted, owed(signIn))
  if (!atLeast(highest, demanded)) return 'unmet'
  if (!atLeast(signIn.reached, demanded)) return signIn.enrolled ? 'challenge' : 'enroll'
  // The help desk took the lost factor away: what remains was proven with its code, and a new one is owed.
  if (signIn.enrolled && !signIn.equipped) return atLeast(signIn.reached, 'mfa') ? 'enroll' : 'challenge'
  // Only after a second factor: whoever knows the password only sets up nothing beside what there is. And a remembered device
  // saves a person a code, and should not cost them a page.
  if (signIn.old && atLeast(signIn.reached, 'mfa')) {
    if (signIn.campaign === 'required') return signIn.binds ? 'enroll' : 'prove'
    if (signIn.campaign === 'offered' && !signIn.postponed && signIn.binds) return 'offer'
  }
  // Held, it has opened nothing yet.
  if (signIn.holding) return 'backup'
  if (signIn.equipped && signIn.backupOwed && signIn.binds && atLeast(signIn.reached, 'mfa')) return 'backup'
  // The length that NIST SP 800-63B-4 section 3.1.1.2 asks for holds as long as the password alone opens anything.
  if (signIn.password === 'required' && signIn.reached === 'password') return 'replace'
  if (!signIn.enrolled && signIn.campaign === 'offered' && !signIn.postponed) return 'offer'
  // Not on a remembered device: no new password without the highest factor, and it should not cost them a page.
  if (signIn.password !== 'fine' && !signIn.passwordLater && signIn.reached !== 'knownDevice') return 'suggest'
  return 'proceed'
}

/** Stands for a name that we do not know. No rung, so that however high the ladder grows nobody has ever proven it. */
const BEYOND = 'beyond'

/** What the request adds. A wish that nobody can fulfill is not a demand: the answer is the true, lower rung. */
function asked({ requested }: SignIn, highest: Rung): Rung | typeof BEYOND {
  if (!requested) return 'password'
  const { rung = BEYOND, essential } = requested
  if (essential) return rung
  return rung !== BEYOND && atLeast(highest, rung) ? rung : 'password'
}

/**
 * What the person owes by themselves, everywhere. A remembered device proves nothing new, so it cannot answer a request
 * for something fresh.
 */
function owed({ enrolled, old, campaign, fresh }: SignIn): Rung {
  // Past the deadline an old factor is good for one thing: it proves who sets up the new one.
  if (enrolled) return fresh || (old && campaign === 'required') ? 'mfa' : 'knownDevice'
  return campaign === 'required' ? 'mfa' : 'password'
}
