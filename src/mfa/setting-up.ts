/**
 * The codes that are typed to set something up: their tries are counted, beside those of the factor that it will be, and
 * recorded like at every other door.
 */
import type { Requester } from '../accounts/requester.ts'
import { type Audit, refusal } from '../audit/audit.ts'
import type { SpentInRow, StreakRule, Throttle } from '../lib/throttle.ts'

/**
 * Waits that grow to an hour and never close: only a right code would open it again, and who sets up a first factor has
 * no other to prove. An hour a guess, at codes that live for minutes, finds nothing.
 */
const NEVER_CLOSED = { cap: Number.MAX_SAFE_INTEGER }

/** By what is set up: a first app or a new one in its place, a phone number, an app in the security settings. */
const TRIES = {
  enrollment: { ...NEVER_CLOSED, free: 10 },
  'enrollment-sms': { ...NEVER_CLOSED, free: 5 },
  'new-app': { ...NEVER_CLOSED, free: 10 },
} as const satisfies Record<string, StreakRule>

export type SettingUp = keyof typeof TRIES

/** Spends a try before the code is looked at, so that a burst of guesses cannot outrun the limit. */
export async function spendSettingUp(
  { throttle, audit }: { throttle: Throttle; audit: Audit },
  what: SettingUp,
  requester: Pick<Requester, 'account' | 'source'>,
): Promise<SpentInRow> {
  const spent = await throttle.streak(settingUpKey(what, requester.account.id), TRIES[what])
  if (!spent.ok) await audit(refusal('throttle.engaged', requester, { door: what }))
  return spent
}

export function settingUpKey(what: SettingUp, accountId: string): string {
  return `${what}/${accountId}`
}

export function settingUpKeys(accountId: string): string[] {
  return Object.keys(TRIES).map((what) => settingUpKey(what as SettingUp, accountId))
}
