/**
 * Free ports that are still free when they are used. A port that the system gives away for 0 may be given to somebody
 * else as soon as it is let go; these lie below all that it gives away by itself, each worker of Vitest has some of its
 * own, and none comes twice before all the others have.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

const FIRST = 10_000
const WORKERS = 16
const EACH = 600

let turn = Math.floor(Math.random() * EACH)

export async function freePort(): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS
  for (let tries = 0; tries < EACH; tries += 1) {
    const port = FIRST + worker * EACH + turn
    turn = (turn + 1) % EACH
    if (await isFree(port)) return port
  }
  throw new Error(`every port from ${FIRST + worker * EACH} on is in use`)
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1')
  const listens = await once(probe, 'listening').then(
    () => true,
    () => false,
  )
  if (!listens) return false
  probe.close()
  await once(probe, 'close')
  return true
}
