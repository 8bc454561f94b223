/**
 * The assurance ladder: what a session has proven, and what that is called.
 *
 * A session keeps the time at which each factor was proven. `acr` and `amr` are computed from those times at every
 * authorization and never trusted as stored, so tokens, policy and freshness cannot disagree. Names come from the
 * configuration; the order is here.
 */

/** From weak to strong. */
export const LADDER = ['password', 'knownDevice', 'mfa', 'phishingResistant'] as const
export type Rung = (typeof LADDER)[number]

/** Kinds of proof, and what each is called in `amr`: RFC 8176 where it has a name, a private name where not. */
const METHODS = {
  password: { amr: 'pwd', kind: 'knowledge' },
} as const
export type Method = keyof typeof METHODS

/** When each method was proven in this session, in seconds since the epoch. */
export type Proofs = Partial<Record<Method, number>>

/** One rung is at least another. */
export function atLeast(rung: Rung, wanted: Rung): boolean {
  return LADDER.indexOf(rung) >= LADDER.indexOf(wanted)
}

export function strictest(...rungs: Rung[]): Rung {
  return LADDER[Math.max(0, ...rungs.map((rung) => LADDER.indexOf(rung)))] ?? 'password'
}

/** The rung that these proofs earn; undefined if they prove nothing. */
export function reached(proofs: Proofs): Rung | undefined {
  return proofs.password === undefined ? undefined : 'password'
}

/** `amr` (RFC 8176) for these proofs. `mfa` is derived: it takes methods of two different kinds. */
export function amr(proofs: Proofs): string[] {
  const proven = (Object.keys(METHODS) as Method[]).filter((method) => proofs[method] !== undefined)
  const kinds = new Set(proven.map((method) => METHODS[method].kind))
  return [...proven.map((method) => METHODS[method].amr), ...(kinds.size > 1 ? ['mfa'] : [])]
}

export interface Ladder {
  /** Every name that an application may ask for, aliases included. */
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
    supported: [...rungs.keys()],
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
