/**
 * Signing in with a passkey alone. The browser says whose it is, so no address is typed and none is told of: an answer that
 * is wrong, and one of nobody, get the same reply at the same cost.
 *
 * Nobody guesses a signature, so nothing is asked before one is looked at: whatever strangers fail at, a right one opens.
 * Failures are counted by the machine that they come from, which is then told to wait.
 */

import { strangers } from '../accounts/strangers.ts'
import type { SignInLimits } from '../accounts/surroundings.ts'
import { type Audit, deed, refusal, type Source } from '../audit/audit.ts'
import type { Networks } from '../lib/network.ts'
import type { Outcome } from '../lib/outcome.ts'
import type { Throttle } from '../lib/throttle.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { keyOf, type People } from '../person/kind.ts'
import { PASSKEY } from '../person/second-factor.ts'
import type { Ceremony } from './passkey-challenge.ts'
import { type Assertion, readAssertion } from './passkey-check.ts'
import { keyDigest } from './passkey-credential.ts'
import type { Passkeys, Used } from './passkeys.ts'

export interface PasskeyAttempt {
  /** What the browser answered, as JSON. */
  assertion: string
  /** The page of the sign-in that asked, by its address. */
  page: string
  agent: string
  source: Source
}

/**
 * `passkey`: wrong, too late, answered before, or of nobody. `unknown`: no account has that credential, so whatever keeps it
 * can drop it.
 */
export type PasskeySignedIn =
  | Outcome<{ account: Account }, 'closed', 'wait'>
  | { ok: false; reason: 'passkey'; unknown?: { credentialId: string } }

export type PasskeySignIn = (attempt: PasskeyAttempt) => Promise<PasskeySignedIn>

export interface PasskeyLoginParts {
  people: Pick<People, 'findBy'>
  passkeys: Passkeys
  throttle: Pick<Throttle, 'window'>
  audit: Audit
  networks: Networks
  limits: Pick<SignInLimits, 'perAddress'>
  now: Clock
}

interface Checked {
  account: Account | undefined
  used: Used
  unknown?: { credentialId: string } | undefined
}

export function passkeySignIn(parts: PasskeyLoginParts): PasskeySignIn {
  const { people, passkeys, throttle, audit, networks } = parts
  const rule = { most: parts.limits.perAddress, window: 15 * MINUTE }
  const seen = strangers(parts.now)

  async function check(assertion: Assertion, { page, agent, source }: PasskeyAttempt): Promise<Checked> {
    const key = keyDigest(assertion.credentialId)
    const found = await people.findBy(keyOf.passkey(key))
    const account = found?.record.account
    const passkey = passkeys.usable(found?.record.authenticators ?? []).find((one) => one.passkey.key === key)
    // No address was typed, so the passkey has to say whose it is (WebAuthn Level 3 section 7.2, step 6).
    const opens = account?.status === 'active' && assertion.userHandle !== undefined
    const owner = opens && passkey ? { account, passkey } : undefined
    // A page that names somebody asked for a passkey of theirs (step 5).
    const [named, open] = [atTheDoor(page, owner?.account.id), atTheDoor(page)]
    const ceremony = passkeys.fits(assertion, named) ? named : open
    const used = await passkeys.use(assertion, owner, ceremony, { agent, source })
    return { account, used, unknown: found ? undefined : { credentialId: assertion.credentialId } }
  }

  return async (attempt) => {
    const { source } = attempt
    const assertion = readAssertion(attempt.assertion)
    const checked: Checked = assertion ? await check(assertion, attempt) : { account: undefined, used: 'wrong' }
    const { account, used, unknown } = checked
    if (account && used === 'right') {
      await audit(deed('sign-in.passkey', { account, source }))
      return { ok: true, account }
    }
    const { address } = networks(source.ip)
    // Recorded when it began.
    const retryAt = seen.waitsUntil(address)
    if (retryAt !== undefined) return { ok: false, reason: 'wait', retryAt }
    const counted = await throttle.window(`sign-in/passkey/${address}`, rule)
    if (!counted.ok) {
      if (counted.reason === 'wait') seen.mustWait(address, counted.retryAt)
      await audit(refusal('throttle.engaged', { account, source }, { door: PASSKEY, reason: counted.reason }))
      return counted
    }
    await audit(refusal('sign-in.passkey', { account, source }, { reason: used }))
    return { ok: false, reason: 'passkey', ...(unknown && { unknown }) }
  }
}

/** The ceremony of a page that signs in: anybody, or whoever it names. */
export function atTheDoor(page: string, accountId?: string): Ceremony {
  return { purpose: 'login', place: page, accountId }
}
