/** Which assurance a request asks for, as a wish or as a demand (OpenID Connect Core 1.0 sections 3.1.2.1 and 5.5.1.1). */
import { atLeast, type Ladder, type Rung } from '../mfa/assurance.ts'

interface Asked {
  names: string[]
  essential: boolean
}

/**
 * The `acr` values that a request names. Read from the parameters: the library lets `acr_values` silently replace an
 * essential `acr` of the `claims` parameter, which would turn a demand into a wish.
 */
export function requestedAcr(params: Record<string, unknown> | undefined): Asked {
  const voluntary = typeof params?.acr_values === 'string' ? params.acr_values.split(' ').filter(Boolean) : []
  const claim = typeof params?.claims === 'string' ? JSON.parse(params.claims)?.id_token?.acr : undefined
  if (!claim) return { names: voluntary, essential: false }
  // A demand that cannot be read is still a demand: without a name that fits, it cannot be met.
  const named: unknown[] = [claim.value, claim.values].flat().filter((name) => name !== undefined && name !== null)
  const names = named.filter((name) => typeof name === 'string')
  if (claim.essential !== true) return { names: [...names, ...voluntary], essential: false }
  return named.length > 0 ? { names, essential: true } : { names: voluntary, essential: false }
}

/** Any of the values will do (OpenID Connect Core 1.0 section 5.5.1.1), so the lowest is what is asked for. */
export function requestedRung(
  { names, essential }: Asked,
  ladder: Ladder,
): { rung: Rung | undefined; essential: boolean } | undefined {
  const rungs = names.map((name) => ladder.rungOf(name)).filter((rung) => rung !== undefined)
  const [first] = rungs
  if (first === undefined) return essential ? { rung: undefined, essential } : undefined
  return { rung: rungs.reduce((lowest, rung) => (atLeast(lowest, rung) ? rung : lowest), first), essential }
}
