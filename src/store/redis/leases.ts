/**
 * Turns that hold over all nodes (lib/turns.ts). Redis's own clock ends a lease that nobody gave back. A turn may
 * be about a secret (a session's cookie), and names of keys end up in the logs of Redis: so a key holds only a digest.
 */
import { digest } from '../../lib/crypto.ts'
import type { LeaseStore } from '../../lib/turns.ts'
import type { RunScript } from './gate.ts'

const ACQUIRE = `
local _, holder, life = unpack(ARGV)
local other = redis.call('GET', KEYS[1])
if other and other ~= holder then return 0 end
redis.call('SET', KEYS[1], holder, 'PX', life)
return 1`

/** Not one that has run out and is somebody else's by now. */
const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 1`

export function leases(run: RunScript, prefix: string): LeaseStore {
  const name = (key: string) => `${prefix}:lease:${digest(key)}`

  return {
    acquire: async (key, holder, life) => (await run(ACQUIRE, [name(key)], [holder, life])) === 1,
    async release(key, holder) {
      await run(RELEASE, [name(key)], [holder])
    },
  }
}
