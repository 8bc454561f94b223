/**
 * The second factors that there are, each with all that the rest of the product asks about it. Whether an answer is right
 * is a function in mfa/ (`Factor` in mfa/challenge.ts); how it is asked for is views/challenge/<factor>.eta; what it is
 * called is the text `method.<factor>`.
 */

interface Nature {
  /** Its name in `amr`: of RFC 8176 where that has one. */
  amr: string
  /** What it proves. `mfa` in `amr` takes two kinds, and the password is knowledge. */
  kind: 'possession' | 'inherence'
  /** An authenticator of the account, and how its label tells it apart: by a name, or by the last digits of a number. */
  enrolled: 'name' | 'digits' | undefined
  /**
   * No number of tries finds a code of so many bits. Limits are required below 64 bits only (NIST SP 800-63B-4 section
   * 3.1.2.2), and one that closes the door would keep out nobody but the owner.
   */
  unguessable: boolean
  /** Offered to whoever has it. One that is not is for whoever has nothing else. */
  offered: boolean
  /** A browser in which it was proven may be remembered. */
  remembers: boolean
  /** What stands beside its name (views/partial/sign.eta). */
  sign: string
  /** Our own pages that take it. */
  opens: { account: boolean; admin: boolean }
}

export const NATURES = {
  // User verification is asked for always, so it is two factors by itself (OpenID Connect EAP ACR Values 1.0).
  passkey: {
    amr: 'pop',
    kind: 'possession',
    enrolled: 'name',
    unguessable: true,
    offered: true,
    remembers: false,
    sign: 'passkey',
    opens: { account: true, admin: true },
  },
  totp: {
    amr: 'otp',
    kind: 'possession',
    enrolled: 'name',
    unguessable: false,
    offered: true,
    remembers: true,
    sign: 'app',
    opens: { account: true, admin: true },
  },
  sms: {
    amr: 'sms',
    kind: 'possession',
    enrolled: 'digits',
    unguessable: false,
    offered: true,
    remembers: true,
    sign: 'sms',
    // A text message can be intercepted, so it changes no factors and administers nothing.
    opens: { account: false, admin: false },
  },
  // 120 bits.
  backup: {
    amr: 'backup',
    kind: 'possession',
    enrolled: undefined,
    unguessable: true,
    offered: true,
    remembers: false,
    sign: 'backup',
    opens: { account: true, admin: false },
  },
  // 80 bits. For whoever was given one: it is offered where people end up who have nothing else.
  temporary: {
    amr: 'temporary',
    kind: 'possession',
    enrolled: undefined,
    unguessable: true,
    offered: false,
    remembers: false,
    sign: 'temporary',
    opens: { account: true, admin: false },
  },
} as const satisfies Record<string, Nature>

export type SecondFactor = keyof typeof NATURES
/** Those of which something is true. */
type Those<Is extends Partial<Nature>> = {
  [name in SecondFactor]: (typeof NATURES)[name] extends Is ? name : never
}[SecondFactor]

/** Those that a person enrolls. */
export type EnrolledFactor = Exclude<SecondFactor, Those<{ enrolled: undefined }>>
/** Those by which a device is remembered. */
export type RememberedFactor = Those<{ remembers: true }>

export const SECOND_FACTORS = Object.keys(NATURES) as SecondFactor[]

/** A passkey (W3C Web Authentication Level 3): proves who it is alone, and cannot be phished. */
export const PASSKEY = 'passkey' as const satisfies EnrolledFactor
/** The authenticator app: whoever has two-step verification has one, and a code of it is always taken. */
export const APP = 'totp' as const satisfies EnrolledFactor
/** A number that text messages go to. */
export const NUMBER = 'sms' as const satisfies EnrolledFactor

/** All that there were before passkeys. */
const ONCE_ALL: readonly SecondFactor[] = ['totp', 'sms', 'backup', 'temporary']

/**
 * Whether a list of factors means all that there are: also one that has all the codes in it, for that is what releases
 * before passkeys wrote where nobody had said anything, and whoever takes a text message takes a passkey.
 */
export function meansAll(factors: readonly SecondFactor[]): boolean {
  return ONCE_ALL.every((factor) => factors.includes(factor))
}

export function isSecondFactor(name: string): name is SecondFactor {
  return Object.hasOwn(NATURES, name)
}

/** One that a person set up, and not a code that was given to them. */
export function isEnrolled(factor: SecondFactor): factor is EnrolledFactor {
  return NATURES[factor].enrolled !== undefined
}

export function remembers(factor: SecondFactor): factor is RememberedFactor {
  return NATURES[factor].remembers
}

/** The factors that our own pages take. */
export function opening(page: keyof Nature['opens']): SecondFactor[] {
  return SECOND_FACTORS.filter((factor) => NATURES[factor].opens[page])
}
