/**
 * Who must do what: a pure decision over what a session has proven, what the person has set up, and what is asked. The
 * campaign (people), the floor (application) and the request add up; the strictest wins.
 */
import type { PasswordOwed } from '../person/imported.ts'
import { APP, type EnrolledFactor, PASSKEY } from '../person/second-factor.ts'
import { atLeast, type Rung, strictest } from './assurance.ts'

/** `offered`: may wait until the deadline. `required`: may not. */
export type Campaign = 'none' | 'offered' | 'required'

export interface SignIn {
  /** What this session has proven, counting only what is fresh and accepted by the application. */
  reached: Rung
  /** The highest that the person can prove to this application with what they have. */
  provable: Rung
  /** What these pages can set up for the person, and counts for this application. */
  settable: readonly EnrolledFactor[]
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
  /** Such a factor was proven just now, whatever this application takes. */
  sure: boolean
  /** What was proven is a code that is spent only with what is set up after it. */
  holding: boolean
  /** Whether another is owed in the place of one that came from elsewhere. */
  password: PasswordOwed
  /** The person chose to keep it for now, in this session. */
  passwordLater: boolean
  /** A passkey is offered to the person, once they have just proven a second factor. */
  passkeyOffer: boolean
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
 * - `passkey`: the same, with a passkey and nothing else.
 * - `prove`: the same, with a factor that may change others, whatever the application takes.
 * - `enroll`: set one up before going on, also in the place of an old one. `offer`: the same, but it can wait.
 * - `enroll-passkey`: a passkey, for nothing else is good enough. `offer-passkey`: one beside what there is, and it can wait.
 * - `backup`: save a new backup code.
 * - `replace`: choose another password before going on. `suggest`: the same, but it can wait.
 * - `unmet`: goes back to the application as `unmet_authentication_requirements`.
 */
export type Decision =
  | 'proceed'
  | 'challenge'
  | 'passkey'
  | 'prove'
  | 'enroll'
  | 'enroll-passkey'
  | 'offer'
  | 'offer-passkey'
  | 'backup'
  | 'replace'
  | 'suggest'
  | 'unmet'

export function decide(signIn: SignIn): Decision {
  const wanted = asked(signIn)
  if (wanted === BEYOND) return 'unmet'
  const demanded = strictest(signIn.floor, wanted, owed(signIn))
  if (!atLeast(signIn.reached, demanded)) return toward(signIn, demanded)
  // The help desk took the lost factor away: what remains was proven with its code, and a new one is owed.
  if (signIn.enrolled && !signIn.equipped) return atLeast(signIn.reached, 'mfa') ? 'enroll' : toward(signIn, 'mfa')
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
  if (signIn.passkeyOffer && signIn.reached === 'mfa') return 'offer-passkey'
  return 'proceed'
}

/** What leads to a rung that is not reached yet. */
function toward(signIn: SignIn, demanded: Rung): Decision {
  const { enrolled, equipped, settable } = signIn
  const resistant = demanded === 'phishingResistant'
  if (atLeast(signIn.provable, demanded)) return resistant ? PASSKEY : 'challenge'
  // The help desk took what they had, and no code of theirs counts here: it is for another door.
  if (enrolled && !equipped && signIn.provable === 'password') return 'challenge'
  // Before anything is asked for that would lead nowhere.
  if (!atLeast(attainable(signIn), demanded)) return 'unmet'
  // Beside what there is, something is set up only by whoever has just proven what there is.
  if (enrolled && !signIn.sure) return 'prove'
  if (enrolled && signIn.holding) return equipped ? 'backup' : 'enroll'
  return resistant || !settable.includes(APP) ? 'enroll-passkey' : 'enroll'
}

/** The highest that the person can prove to this application in the end. */
function attainable({ provable, settable }: SignIn): Rung {
  if (settable.includes(PASSKEY)) return 'phishingResistant'
  return settable.includes(APP) ? strictest(provable, 'mfa') : provable
}

/** Stands for a name that we do not know. No rung, so that however high the ladder grows nobody has ever proven it. */
const BEYOND = 'beyond'

/**
 * What the request adds. A wish that the person cannot fulfill is not a demand: the answer is the true, lower rung. Nor is
 * one for a passkey that they would have to set up.
 */
function asked(signIn: SignIn): Rung | typeof BEYOND {
  if (!signIn.requested) return 'password'
  const { rung = BEYOND, essential } = signIn.requested
  if (essential) return rung
  if (rung === BEYOND) return 'password'
  const within = rung === 'phishingResistant' ? signIn.provable : attainable(signIn)
  return atLeast(strictest(signIn.reached, within), rung) ? rung : 'password'
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
