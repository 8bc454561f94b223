/** What passwords are hashed with and judged by. */
import { evenTime, slowestOf } from '../accounts/even-time.ts'
import { defaultGate, type Hasher, hasher } from '../accounts/password.ts'
import type { Core } from './core.ts'

export interface Passwords {
  hasher: Hasher
  /** Looks which schemes of other systems are still there: what a wrong password waits for. */
  follow: () => Promise<void>
  policy: { minimum: number; words: string[] }
}

export async function passwords({ config, store, ring }: Pick<Core, 'config' | 'store' | 'ring'>): Promise<Passwords> {
  // A key that somebody's password needs must not be missing: better no start than people who cannot sign in.
  const { people } = store.durable
  for (const key of await people.values('hashKey')) ring.derive('pepper', String(key))
  const { minimum, words } = config.password
  const even = evenTime()
  const hashing = hasher({ pepper: ring, gate: defaultGate(), even })
  const follow = async () => {
    const schemes = (await people.values('scheme')).map(String)
    for (const scheme of even.keep(slowestOf(schemes))) await hashing.tryOut(scheme)
  }
  // Before anybody's answer could tell.
  await follow()
  return {
    hasher: hashing,
    follow,
    policy: { minimum, words: [...words, config.brand.name, config.brand.product] },
  }
}
