/**
 * Challenges of passkeys (WebAuthn Level 3 section 13.4.3). One is made for every page that asks, and nothing is kept of it:
 * it proves by itself that it is ours, of this page's purpose and place, and how old it is. What is kept is that it was
 * answered: one write, before anything of the answer is looked at, so that no answer counts twice.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { digest, fresh, type Keyring } from '../lib/crypto.ts'
import { PASSING, type Throttle } from '../lib/throttle.ts'
import { CLOCKS_APART, type Clock, MINUTE } from '../lib/time.ts'

/** How long a challenge can be answered, in milliseconds, by what for. A sign-in page may stand open for a while. */
export const CHALLENGE_LIFE = { login: 20 * MINUTE, challenge: 5 * MINUTE, enroll: 5 * MINUTE } as const

export type CeremonyPurpose = keyof typeof CHALLENGE_LIFE

/** Where a challenge is good, and nowhere else. */
export interface Ceremony {
  purpose: CeremonyPurpose
  /** A page of the sign-in, a sitting, or a session. */
  place: string
  /** Whose passkey it is about, where that is known. */
  accountId: string | undefined
}

export interface PasskeyChallenges {
  make(ceremony: Ceremony): string
  /** Whether it was made for this ceremony; says nothing of its age, and spends nothing. */
  fits(challenge: string, ceremony: Ceremony): boolean
  /** `right` once, and for one of this ceremony that is not too old. */
  spend(challenge: string, ceremony: Ceremony): Promise<'right' | 'not-ours' | 'expired' | 'used'>
}

export interface PasskeyChallengeParts {
  ring: Keyring
  throttle: Pick<Throttle, 'first'>
  now: Clock
}

const TIME = 6
const NONCE = 16
const MAC = 32
const FORM = /^[\w-]{72}$/

export function passkeyChallenges({ ring, throttle, now }: PasskeyChallengeParts): PasskeyChallenges {
  function macs(head: Buffer, { purpose, place, accountId = '' }: Ceremony, keys: Buffer[]): Buffer[] {
    const where = JSON.stringify([purpose, place, accountId])
    return keys.map((key) => createHmac('sha256', key).update(head).update(where).digest())
  }

  /** Time and nonce, if it is ours and of this ceremony. */
  function headOf(challenge: string, ceremony: Ceremony): Buffer | undefined {
    const bytes = Buffer.from(challenge, 'base64url')
    if (!FORM.test(challenge) || bytes.length !== TIME + NONCE + MAC) return undefined
    const head = bytes.subarray(0, TIME + NONCE)
    const mac = bytes.subarray(TIME + NONCE)
    return macs(head, ceremony, ring.deriveAll(PURPOSE)).some((ours) => timingSafeEqual(ours, mac)) ? head : undefined
  }

  return {
    make(ceremony) {
      const head = Buffer.alloc(TIME + NONCE)
      head.writeUIntBE(now(), 0, TIME)
      fresh(NONCE).copy(head, TIME)
      return Buffer.concat([head, ...macs(head, ceremony, [ring.derive(PURPOSE)])]).toString('base64url')
    },

    fits: (challenge, ceremony) => headOf(challenge, ceremony) !== undefined,

    async spend(challenge, ceremony) {
      const head = headOf(challenge, ceremony)
      if (!head) return 'not-ours'
      const life = CHALLENGE_LIFE[ceremony.purpose]
      const age = now() - head.readUIntBE(0, TIME)
      // Of the future: the clock went back, and what was used may be forgotten by then.
      if (age > life || age < -CLOCKS_APART) return 'expired'
      // Remembered for longer than it can be answered on any node.
      const first = await throttle.first(`${PASSING}passkey/${digest(challenge)}`, life + 2 * CLOCKS_APART)
      return first ? 'right' : 'used'
    },
  }
}

const PURPOSE = 'passkey-challenges'
