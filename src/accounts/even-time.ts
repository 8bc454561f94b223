/**
 * A wrong password is answered after one time, whoever's it is. What other systems kept may take twenty times as long to
 * check as what is ours, and the time of an answer would tell that an address has an account, and where it was brought
 * from. So whoever was checked faster waits for what is left of the time that the slowest scheme takes which anybody's
 * password still has. It is waited, not computed: whoever sends wrong passwords gets no more work done here than before.
 *
 * How long a scheme takes depends on the machine and on what else it does, so it is measured, and followed.
 */

export interface EvenTime {
  /** What is left to wait after a check, in milliseconds, which took so long; `scheme` as in `schemeOf` (person/password.ts). */
  rest(scheme: string | undefined, took: number): number | undefined
  /** Those that there are now: others are forgotten. Returns those of which nothing is known yet. */
  keep(schemes: string[]): string[]
}

/** Checks that are remembered of a scheme. */
const LATELY = 20
/** One check in four may have been held up by something else. */
const QUARTER = 0.75
/** Enough for most of what comes in between, and for a machine that gets busier. */
const HEADROOM = 1.5
/** Milliseconds: so that it does not move with every check. */
const STEP = 10

export function evenTime(): EvenTime {
  const times = new Map<string, number[]>()

  function whole(): number {
    const slowest = Math.max(0, ...[...times.values()].map(usual))
    return Math.ceil((slowest * HEADROOM) / STEP) * STEP
  }

  return {
    rest(scheme, took) {
      if (scheme !== undefined) times.set(scheme, [...(times.get(scheme) ?? []), took].slice(-LATELY))
      const rest = whole() - took
      return rest > 0 ? rest : undefined
    },
    keep(schemes) {
      for (const known of times.keys()) if (!schemes.includes(known)) times.delete(known)
      return schemes.filter((scheme) => !times.has(scheme))
    },
  }
}

function usual(took: number[]): number {
  const sorted = took.toSorted((one, other) => one - other)
  return sorted[Math.floor(QUARTER * (sorted.length - 1))] ?? 0
}

/** A number that makes it slower; not the length of what comes out, or a version. */
const COST = /\b(?![lv]=)(\w)=(\d+)/g
/** Its lanes share the memory and the passes. */
const COST_OF_ARGON2 = /\b(?![lvp]=)(\w)=(\d+)/g

/**
 * Of schemes that differ by such numbers only, the one with the greatest: another cannot take longer. So it does not matter
 * with how many different costs people were brought along.
 */
export function slowestOf(schemes: string[]): string[] {
  const slowest = new Map<string, { scheme: string; cost: number }>()
  for (const scheme of schemes) {
    const costs = scheme.startsWith('argon2') ? COST_OF_ARGON2 : COST
    const family = scheme.replace(costs, '$1')
    const cost = [...scheme.matchAll(costs)].reduce((product, [, , number]) => product * Number(number), 1)
    if (cost > (slowest.get(family)?.cost ?? 0)) slowest.set(family, { scheme, cost })
  }
  return [...slowest.values()].map(({ scheme }) => scheme)
}
