/** Trying again after another node was first, for writes whose condition is in the write. */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { SECOND } from '../../lib/time.ts'
import { unavailable } from '../unavailable.ts'

const MOST_TRIES = 200
/** After so many tries a pause lets somebody else go first. */
const EAGER_TRIES = 3
const LONGEST_PAUSE = 25
/** A page has five seconds in all. */
const PATIENCE = 4 * SECOND

/** Whether it takes too long. Begins when somebody asks: whoever was told so must not have it done after all. */
export function impatience(patience = PATIENCE): () => boolean {
  const until = performance.now() + patience
  return () => performance.now() > until
}

/** `attempt` gives undefined if it lost. */
export async function untilWon<T>(attempt: () => Promise<T | undefined>, isTooLong = impatience()): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES && !isTooLong(); tries += 1) {
    if (tries > EAGER_TRIES) await pause(randomInt(LONGEST_PAUSE))
    const outcome = await attempt()
    if (outcome !== undefined) return outcome
  }
  throw unavailable('too many write one document at once')
}
