/** Why lines of a file are refused: each reason once, with how many there are of it. */

interface Fault {
  field: string
  code: string
  said?: string
  hint?: string
}

export interface Reason<F> {
  fault: F
  count: number
}

/** Lines of one reason that a page shows, where there are many. */
export const MOST_ALIKE = 10

/** The most frequent first. */
export function reasonsOf<F extends Fault>(lines: ReadonlyArray<{ faults?: F[] }>): Array<Reason<F>> {
  const reasons = new Map<string, Reason<F>>()
  for (const fault of lines.flatMap(({ faults = [] }) => faults)) {
    const key = keyOf(fault, fault.hint)
    const found = reasons.get(key)
    if (found) found.count += 1
    else reasons.set(key, { fault, count: 1 })
  }
  return [...reasons.values()].sort((one, other) => other.count - one.count)
}

/** Some of each reason, in their order: a thousand lines with one fault do not hide the one with another. */
export function someOfEach<L extends { faults?: Fault[] }>(lines: readonly L[]): L[] {
  const shown = new Map<string, number>()
  return lines.filter(({ faults = [] }) => {
    // A hint is of one line, such as the other one with its address.
    const keys = faults.map((fault) => keyOf(fault))
    const wanted = keys.some((key) => (shown.get(key) ?? 0) < MOST_ALIKE)
    if (wanted) for (const key of keys) shown.set(key, (shown.get(key) ?? 0) + 1)
    return wanted
  })
}

function keyOf({ field, code, said }: Fault, hint?: string): string {
  return JSON.stringify([field, code, said, hint])
}
