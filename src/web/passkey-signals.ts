/** What a page tells the browser about the passkeys that it may have of an account (WebAuthn Level 3 section 5.1.10). */
import type { Passkeys } from '../mfa/passkeys.ts'
import type { Account } from '../person/account.ts'

/** For views/partial/signals.eta. */
export interface Signal {
  /** Of `PublicKeyCredential`; browsers that do not have it hear nothing. */
  method: 'signalAllAcceptedCredentials' | 'signalCurrentUserDetails'
  options: object
}

/**
 * Which passkeys are good for anything, and what the account is called. Said again it changes nothing, so a device hears
 * also of what was changed elsewhere. None for an account that never had passkeys.
 */
export async function signalsOf(passkeys: Pick<Passkeys, 'accepted' | 'details'>, account: Account): Promise<Signal[]> {
  const details = passkeys.details(account)
  const accepted = details && (await passkeys.accepted(account))
  if (!accepted) return []
  return [
    { method: 'signalAllAcceptedCredentials', options: accepted },
    { method: 'signalCurrentUserDetails', options: details },
  ]
}
