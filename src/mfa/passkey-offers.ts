/**
 * A passkey is offered to whoever has just proven a second factor: at most three times, thirty days apart. It is counted
 * when it is shown, so that a window that was closed, a second tab and another browser do not make it more often.
 */
import { randomToken } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import { countPasskeyOffer, endPasskeyOffers } from '../person/passkey-offer.ts'

export interface PasskeyOffers {
  /** The page is shown. Shown once more in the same sign-in, it writes nothing. */
  shown(account: Account): Promise<void>
  /** **Don't ask again**. */
  never(account: Account): Promise<void>
}

export function passkeyOffers({ people, now }: { people: Pick<People, 'change'>; now: Clock }): PasskeyOffers {
  return {
    async shown({ id }) {
      await people.change(id, (person) => countPasskeyOffer(person, randomToken(), now()))
    },
    async never({ id }) {
      await people.change(id, (person) => endPasskeyOffers(person, now()))
    },
  }
}
