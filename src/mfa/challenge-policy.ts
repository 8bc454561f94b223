/**
 * Who must do what: a pure decision over what a session has reached and what is asked of it. The floor of the
 * application, the floor of the person and the request add up; the strictest wins.
 */
import { atLeast, type Rung, strictest } from './assurance.ts'

export interface SignIn {
  /** What this session has proven. */
  reached: Rung
  /** What this person can prove at best, with what is set up. */
  reachable: Rung
  /** What the application's record demands, whatever it asks for. */
  floor: Rung
  /** What this request asks for; undefined if it asks for nothing. */
  requested: { rung: Rung; essential: boolean } | undefined
}

/** `unmet` goes back to the application as `unmet_authentication_requirements`. */
export type Decision = 'proceed' | 'unmet'

export function decide(signIn: SignIn): Decision {
  const demanded = signIn.requested?.essential ? strictest(signIn.floor, signIn.requested.rung) : signIn.floor
  if (atLeast(signIn.reached, demanded)) return 'proceed'
  return 'unmet'
}
