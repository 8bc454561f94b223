/** Which coding an answer goes out in, by what the browser says it can read (RFC 9110 section 12.5.3). */

export type Coding = 'br' | 'gzip' | 'identity'

/** The smallest first: what comes first here is taken where the browser likes several equally well. */
const OURS: Coding[] = ['br', 'gzip', 'identity']

/**
 * The coding to answer in, one of `offered`; undefined if the browser can read none of them. `accepted` is the header
 * Accept-Encoding.
 *
 * Koa's own negotiation takes the browser's order for a wish, and browsers write gzip first without meaning it.
 */
export function codingFor(accepted: string, offered = OURS): Coding | undefined {
  const weights = weightsIn(accepted)
  const anyOther = weights.get('*')
  const weight = (coding: Coding): number => {
    const named = weights.get(coding)
    if (coding !== 'identity') return named ?? anyOther ?? 0
    // Everybody can read what is not coded, unless they rule it out. Whoever says nothing of it likes it least.
    return named ?? (anyOther === 0 ? 0 : LEAST)
  }
  const [best] = offered.filter((coding) => weight(coding) > 0).toSorted((one, other) => weight(other) - weight(one))
  return best
}

/** Below every weight that can be written. */
const LEAST = 0.0001

/** The weight of each coding that is named, from 0 to 1. One whose weight cannot be read has none. */
function weightsIn(accepted: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const entry of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim())
    if (name) weights.set(name, weightOf(parameters))
  }
  return weights
}

function weightOf([parameter, ...more]: string[]): number {
  if (parameter === undefined) return 1
  const [, weight] = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(parameter) ?? []
  return more.length > 0 || weight === undefined ? 0 : Number(weight)
}
