/** How long something takes, on a machine that has other things to do. */

const ROUNDS = 3

/** Milliseconds of the quickest of several rounds: other work can only add, and what is slow by itself is slow each time. */
export async function quickest(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now()
    await work()
    least = Math.min(least, performance.now() - started)
  }
  return least
}
