/** How often somebody was offered a passkey, as part of their account. */
import { DAY } from '../lib/time.ts'
import type { Account } from './account.ts'
import { ensureUserHandle } from './passkey.ts'
import type { Draft } from './person.ts'

export interface PasskeyOffers {
  /** Shown so often, whatever came of it. */
  times: number
  /** When it was shown last, in milliseconds. */
  at: number
}

const MOST_OFFERS = 3
const APART = 30 * DAY

/** Never more than three times, with thirty days in between. */
export function isPasskeyOfferDue({ passkeyOffers }: Account, now: number): boolean {
  if (!passkeyOffers) return true
  return passkeyOffers.times < MOST_OFFERS && now - passkeyOffers.at >= APART
}

/**
 * It is shown now, and counts whether or not it is answered; what a browser needs to make one is there as well. Nothing
 * changes where it is not due: it was shown a moment ago.
 */
export function countPasskeyOffer(person: Draft, handle: string, now: number): void {
  const { account } = person
  if (!account || !isPasskeyOfferDue(account, now)) return
  ensureUserHandle(person, handle)
  account.passkeyOffers = { times: (account.passkeyOffers?.times ?? 0) + 1, at: now }
}

/** They do not want to be asked again. */
export function endPasskeyOffers({ account }: Draft, now: number): void {
  if (account) account.passkeyOffers = { times: MOST_OFFERS, at: now }
}
