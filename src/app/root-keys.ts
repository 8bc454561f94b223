/** Root keys by the parts of the product: at a start, and while it runs. root-key-commands.ts has what is done to them. */
import type { Config } from '../config.ts'
import { keyFaults as faultsOf, NOTED, note, takeUp } from '../keys/in-use.ts'
import { allRootKeys, keptSealer, openKept } from '../keys/root-key.ts'
import { standings } from '../keys/standing.ts'
import type { Task } from '../lib/background.ts'
import { type Keyring, keyring } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'

type Kept = Pick<Store, 'durable' | 'sealed'>

interface StartParts {
  ring: Keyring
  now: Clock
  log: Pick<Log, 'warn' | 'error'>
  /** A server says which keys it has; a command does not. */
  serves: boolean
}

/** Before anything is opened that is sealed. Rejects with `unknown-key` if a key is missing that something needs. */
export async function beginWithRootKeys(
  store: Kept & Pick<Store, 'leases'>,
  { ring, now, log, serves }: StartParts,
): Promise<void> {
  const { rootKeys: records } = store.durable
  await takeUp(
    { records, ring, now },
    () => standings({ ...store, ring }),
    (fault, of) => log.error({ fault, of }, 'a kept key does not open: nobody can use it'),
  )
  if (!serves) return
  const { isAhead } = await note({ records, ring, now })
  // Where there is one server only, whoever had another in front has gone.
  if (isAhead && store.leases) log.warn({ key: ring.current }, AHEAD)
}

const AHEAD =
  'a root key is in front here that no server had before: the others cannot open what is sealed by it; ' +
  'put it behind on every server first, and in front after that'

/** Every server says which root key it has in front. */
export function rootKeyChores({ store, ring, now }: { store: Kept; ring: Keyring; now: Clock }): Task[] {
  return [{ every: NOTED, run: () => note({ records: store.durable.rootKeys, ring, now }) }]
}

/** What is wrong with these keys for what is kept. It only reads. */
export async function keyFaults(store: Kept, keys: Config['keys']): Promise<string[]> {
  return faultsOf(await standings({ ...store, ring: keyring(keys) }))
}

/** These keys, with what is kept of those before. */
export async function ringFor({ durable }: Kept, keys: Config['keys']): Promise<Keyring> {
  const ring = keyring(keys)
  ring.keep(openKept(await allRootKeys(durable.rootKeys), keptSealer(ring), () => undefined))
  return ring
}
