/** Many at once: contenders that wait at a barrier and start together, round after round. */

export interface RaceOptions {
  rounds: number
  contenders: number
}

/**
 * `prepare` sets up what is fought over in a round and returns what each contender does with it. Nobody starts before
 * all are ready. Returns the outcomes, round by round.
 */
export async function race<T>(
  { rounds, contenders }: RaceOptions,
  prepare: (round: number) => Promise<(contender: number) => Promise<T>>,
): Promise<T[][]> {
  const outcomes: T[][] = []
  for (let round = 0; round < rounds; round += 1) {
    const act = await prepare(round)
    let release: () => void = () => undefined
    const barrier = new Promise<void>((resolve) => {
      release = resolve
    })
    const running = Array.from({ length: contenders }, async (_, contender) => {
      await barrier
      return act(contender)
    })
    release()
    outcomes.push(await Promise.all(running))
  }
  return outcomes
}

/** How many rounds ended with how many successes: `{ 1: 200 }` is what single use looks like. */
export function tally<T>(outcomes: T[][], succeeded: (outcome: T) => boolean): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const round of outcomes) {
    const successes = round.filter(succeeded).length
    counts[successes] = (counts[successes] ?? 0) + 1
  }
  return counts
}
