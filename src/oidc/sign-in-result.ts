/** What our pages hand to the provider for a sign-in. */
import { type Clock, seconds } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { PASSKEY, type RememberedFactor } from '../person/second-factor.ts'
import type { OwnResult } from './assessment.ts'

/**
 * What a right password is worth: who signed in and when, whole, because a result without `ts` would move `auth_time`
 * and one without an account would change nothing.
 */
export function passwordProven(
  account: Account,
  device: RememberedFactor | undefined,
  agent: string,
  now: Clock,
): Record<string, unknown> {
  const ts = seconds(now())
  const own: OwnResult = {
    proofs: { password: ts, ...(device && { device: ts }) },
    deviceMethod: device,
    epoch: account.epoch,
    agent,
  }
  return { login: { accountId: account.id, ts }, ...own }
}

/** The same of a passkey that signed in. It is proven anew each time, so no device is recognized beside it. */
export function passkeyProven(account: Account, agent: string, now: Clock): Record<string, unknown> {
  const ts = seconds(now())
  const own: OwnResult = { proofs: { [PASSKEY]: ts }, epoch: account.epoch, agent }
  return { login: { accountId: account.id, ts }, ...own }
}
