/**
 * The assurance ladder: what a session has proven, and what that is called.
 *
 * A session keeps the time at which each method was proven. `acr` and `amr` are computed from those times at every
 * authorization and never trusted as stored, so tokens, policy and freshness cannot disagree. Names come from the
 * configuration; the order is here.
 */

import { NATURES, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'

/** From weak to strong. */
export const LADDER = ['password', 'knownDevice', 'mfa', 'phishingResistant'] as const
export type Rung = (typeof LADDER)[number]

/** The highest rung that anyone can reach with the methods there are. */
export const HIGHEST: Rung = 'mfa'

/**
 * Ways to prove who one is, and what each is called in `amr`: RFC 8176 where it has a name, a private name where not.
 * A remembered device is of no kind of its own: it proves nothing new.
 */
const METHODS = {
  password: { amr: 'pwd', kind: 'knowledge' },
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
}

/** One rung is at least another. */
export function atLeast(rung: Rung, wanted: Rung): boolean {
  return LADDER.indexOf(rung) >= LADDER.indexOf(wanted)
}

export function strictest(...rungs: Rung[]): Rung {
  return LADDER[Math.max(0, ...rungs.map((rung) => LADDER.indexOf(rung)))] ?? 'password'
}

/** The proofs that count, the others left out. */
export function counted(proofs: Proofs, { now, accepted, maxAge }: Counting): Proofs {
  const counts = ([method, at]: [string, number]) => {
    if (!SECOND_FACTORS.some((factor) => factor === method)) return true
    return accepted.some((factor) => factor === method) && now - at <= maxAge
  }
  return Object.fromEntries(Object.entries(proofs).filter(counts))
}

/** The rung that these proofs earn; undefined without a password. */
export function reached(proofs: Proofs): Rung | undefined {
  if (proofs.password === undefined) return undefined
  if (SECOND_FACTORS.some((factor) => proofs[factor] !== undefined)) return 'mfa'
  return proofs.device === undefined ? 'password' : 'knownDevice'
}

/** `amr` (RFC 8176) for these proofs. `mfa` is derived: it takes methods of two different kinds. */
export function amr(proofs: Proofs): string[] {
  const proven = (Object.keys(METHODS) as Method[]).filter((method) => proofs[method] !== undefined)
  const kinds = new Set(proven.map((method) => METHODS[method].kind).filter((kind) => kind !== undefined))
  return [...proven.map((method) => METHODS[method].amr), ...(kinds.size > 1 ? ['mfa'] : [])]
}

/** The rung that an `amr` of ours stands for, where only these factors, and remembered devices or not, are accepted. */
export function earned(
  names: readonly string[],
  { accepted, devices }: { accepted: readonly SecondFactor[]; devices: boolean },
): Rung {
  if (accepted.some((factor) => names.includes(METHODS[factor].amr))) return 'mfa'
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

export function ladder(names: Record<Rung, string>, aliases: Record<string, Rung>): Ladder {
  const rungs = new Map<string, Rung>(Object.entries(aliases))
  for (const rung of LADDER) rungs.set(names[rung], rung)

  return {
    supported: [...rungs].flatMap(([acr, rung]) => (atLeast(HIGHEST, rung) ? [acr] : [])),
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
