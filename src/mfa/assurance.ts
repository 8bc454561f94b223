/**
 * The assurance ladder: what a session has proven, and what that is called.
 *
 * A session keeps the time at which each method was proven. `acr` and `amr` are computed from those times at every
 * authorization and never trusted as stored, so tokens, policy and freshness cannot disagree. Names come from the
 * configuration; the order is here.
 */

import { isSecondFactor, NATURES, PASSKEY, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'

/** From weak to strong. */
export const LADDER = ['password', 'knownDevice', 'mfa', 'phishingResistant'] as const
export type Rung = (typeof LADDER)[number]

/** The highest rung that anyone can reach with the methods there are. */
export const HIGHEST: Rung = 'phishingResistant'

/**
 * A phishing-resistant way whose key is protected by hardware (OpenID Connect EAP ACR Values 1.0). Nobody ever proves that:
 * without attestation nobody knows where a key is kept. So it is as far away as a name that we do not know, and no setting
 * may give it to a rung.
 */
export const HARDWARE_PROTECTED = 'phrh'

/**
 * Ways to prove who one is, and what each is called in `amr`: RFC 8176 where it has a name, a private name where not.
 * A remembered device is of no kind of its own: it proves nothing new.
 */
const METHODS = {
  password: { amr: 'pwd', kind: 'knowledge' },
  /**
   * What counting leaves of a passkey that is no second factor here: whoever unlocked it is known, as by a password. No
   * session keeps it.
   */
  opened: { amr: NATURES[PASSKEY].amr, kind: 'knowledge' },
  ...NATURES,
  device: { amr: 'device', kind: undefined },
} as const
export type Method = keyof typeof METHODS

/** When each method was proven in this session, in seconds since the epoch. */
export type Proofs = Partial<Record<Method, number>>

/** Which proofs count for one request. */
export interface Counting {
  /** Seconds since the epoch. */
  now: number
  /** Second factors that the application accepts. */
  accepted: readonly SecondFactor[]
  /** Seconds that a second factor stays good. */
  maxAge: number
  /** Proven within this very request: never too old for it. */
  just?: Proofs
}

/** One rung is at least another. */
export function atLeast(rung: Rung, wanted: Rung): boolean {
  return LADDER.indexOf(rung) >= LADDER.indexOf(wanted)
}

export function strictest(...rungs: Rung[]): Rung {
  return LADDER[Math.max(0, ...rungs.map((rung) => LADDER.indexOf(rung)))] ?? 'password'
}

/**
 * The proofs that count, the others left out. A passkey that the application does not take for a second factor, or not any
 * more, opens all the same where there is no password.
 */
export function counted(proofs: Proofs, { now, accepted, maxAge, just = {} }: Counting): Proofs {
  const all = { ...proofs, ...just }
  const counts = ([method, at]: [string, number]) =>
    !isSecondFactor(method) || (accepted.includes(method) && (just[method] !== undefined || now - at <= maxAge))
  const counting: Proofs = Object.fromEntries(Object.entries(all).filter(counts))
  const opened = counting.password === undefined && counting[PASSKEY] === undefined ? all[PASSKEY] : undefined
  return opened === undefined ? counting : { opened, ...counting }
}

/** When the session last proved who it is, by what needs nothing beside it; undefined if it never did. */
export function primaryAt(proofs: Proofs): number | undefined {
  const times = [proofs.password, proofs.opened, proofs[PASSKEY]].filter((at) => at !== undefined)
  return times.length > 0 ? Math.max(...times) : undefined
}

/** The rung that these proofs earn; undefined where none of them says by itself who it is. */
export function reached(proofs: Proofs): Rung | undefined {
  if (primaryAt(proofs) === undefined) return undefined
  if (proofs[PASSKEY] !== undefined) return 'phishingResistant'
  if (SECOND_FACTORS.some((factor) => proofs[factor] !== undefined)) return 'mfa'
  return proofs.device === undefined ? 'password' : 'knownDevice'
}

/**
 * `amr` (RFC 8176) for these proofs. `mfa` is derived: it takes methods of two different kinds, or a passkey, which the
 * person has to unlock. Where nothing else says that somebody was there, `user` does.
 */
export function amr(proofs: Proofs): string[] {
  const proven = (Object.keys(METHODS) as Method[]).filter((method) => proofs[method] !== undefined)
  const kinds = new Set(proven.map((method) => METHODS[method].kind).filter((kind) => kind !== undefined))
  const passkey = proofs[PASSKEY] !== undefined
  return [
    ...proven.map((method) => METHODS[method].amr),
    ...(passkey && proofs.password === undefined ? ['user'] : []),
    ...(passkey || kinds.size > 1 ? ['mfa'] : []),
  ]
}

/** The rung that an `amr` of ours stands for, where only these factors, and remembered devices or not, are accepted. */
export function earned(
  names: readonly string[],
  { accepted, devices }: { accepted: readonly SecondFactor[]; devices: boolean },
): Rung {
  const counts = (factor: SecondFactor) => accepted.includes(factor) && names.includes(METHODS[factor].amr)
  // One that only opened the session is there without the password and without `user`.
  const opened = !names.includes(METHODS.password.amr) && !names.includes('user')
  if (counts(PASSKEY) && !opened) return 'phishingResistant'
  if (SECOND_FACTORS.some((factor) => factor !== PASSKEY && counts(factor))) return 'mfa'
  return devices && names.includes(METHODS.device.amr) ? 'knownDevice' : 'password'
}

export interface Ladder {
  /** Every name that an application may ask for and somebody can reach, aliases included. */
  supported: string[]
  /** The rung that a name stands for; undefined for a name we do not know. */
  rungOf(acr: string): Rung | undefined
  /**
   * What the ID token says: the highest of the requested names that is met, so that an application which compares for
   * equality finds its own word; our own name for the rung where none is met or requested.
   */
  answer(rung: Rung, requested: string[]): string
}

/** `highest` is what anybody can reach in this installation: where there are no passkeys it is less. */
export function ladder(names: Record<Rung, string>, aliases: Record<string, Rung>, highest = HIGHEST): Ladder {
  const rungs = new Map<string, Rung>(Object.entries(aliases))
  for (const rung of LADDER) rungs.set(names[rung], rung)
  rungs.delete(HARDWARE_PROTECTED)

  return {
    supported: [...rungs].flatMap(([acr, rung]) => (atLeast(highest, rung) ? [acr] : [])),
    rungOf: (acr) => rungs.get(acr),
    answer(rung, requested) {
      let best: { acr: string; rung: Rung } | undefined
      for (const acr of requested) {
        const asked = rungs.get(acr)
        if (asked === undefined || !atLeast(rung, asked)) continue
        if (best === undefined || !atLeast(best.rung, asked)) best = { acr, rung: asked }
      }
      return best?.acr ?? names[rung]
    },
  }
}
