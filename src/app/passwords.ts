/** What passwords are hashed with and judged by. */
import { defaultGate, type Hasher, hasher } from '../accounts/password.ts'
import type { Core } from './core.ts'

export interface Passwords {
  hasher: Hasher
  policy: { minimum: number; words: string[] }
}

export async function passwords({ config, store, ring }: Pick<Core, 'config' | 'store' | 'ring'>): Promise<Passwords> {
  // A key that somebody's password needs must not be missing: better no start than people who cannot sign in.
  for (const key of await store.durable.people.values('hashKey')) ring.derive('pepper', String(key))
  const { minimum, words } = config.password
  return {
    hasher: hasher({ pepper: ring, gate: defaultGate() }),
    policy: { minimum, words: [...words, config.brand.name, config.brand.product] },
  }
}
