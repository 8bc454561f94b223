/** What passwords are hashed with and judged by. */
import { evenTime, slowestOf } from '../accounts/even-time.ts'
import { strangersInHand } from '../accounts/login.ts'
import { defaultGate, type Hasher, hasher } from '../accounts/password.ts'
import type { Config } from '../config.ts'
import type { Keyring } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Semaphore } from '../lib/semaphore.ts'
import type { People } from '../person/kind.ts'

export interface Passwords {
  hasher: Hasher
  /** Looks which schemes of other systems are still there: what a wrong password waits for. */
  follow: () => Promise<void>
  policy: { minimum: number; words: string[] }
  /** The strangers whose passwords are in hand. */
  inHand: Semaphore
  /** Milliseconds that a stranger's password waits to be checked that comes now. */
  wait: () => number
}

export interface PasswordsParts {
  config: Pick<Config, 'password'> & { brand: Pick<Config['brand'], 'name' | 'product'> }
  store: { durable: { people: Pick<People, 'values' | 'counts'> } }
  ring: Keyring
  log: Pick<Log, 'error'>
}

function insistPepper(ring: Keyring, key: string, count: number): void {
  try {
    for (const purpose of ['pepper', 'foreign-digest']) ring.derive(purpose, key)
  } catch (cause) {
    const message = `no key with id ${JSON.stringify(key)} in the keyring, nor what was kept of it: ${count} passwords need it`
    throw new AppError('unknown-key', message, { cause })
  }
}

export async function passwords({ config, store, ring, log }: PasswordsParts): Promise<Passwords> {
  // A key that somebody's password needs must not be missing: better no start than people who cannot sign in.
  const { people } = store.durable
  for (const { value, count } of await people.counts('hashKey')) insistPepper(ring, String(value), count)
  const { minimum, words } = config.password
  const even = evenTime()
  const gate = defaultGate()
  const hashing = hasher({ pepper: ring, gate, even })
  const inHand = strangersInHand()
  const follow = async () => {
    const schemes = (await people.values('scheme')).map(String)
    const unknown = even.keep(schemes)
    // Nobody whose password is kept otherwise may be kept out because of one scheme that cannot be computed here.
    for (const scheme of slowestOf(schemes).filter((one) => unknown.includes(one)))
      await hashing.tryOut(scheme).catch((fault: unknown) => log.error({ fault, scheme }, 'a scheme of passwords'))
  }
  // Before anybody's answer could tell.
  await follow()
  return {
    hasher: hashing,
    follow,
    policy: { minimum, words: [...words, config.brand.name, config.brand.product] },
    inHand,
    wait: () => gate.wait() + inHand.wait(),
  }
}
