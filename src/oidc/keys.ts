/**
 * The keys that sign tokens: made at the first start, sealed at rest, and rotated without a restart.
 *
 * next → current → previous. The next key is published a day before it signs, so that every application that caches
 * our key set has it by then; the previous one stays until all that it signed has run out (OpenID Connect Core 1.0
 * section 10.1.1). Both algorithms move together, in one conditional write, so two nodes cannot both rotate.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Sealer } from '../lib/crypto.ts'
import { type Clock, DAY } from '../lib/time.ts'
import type { KeyState, SigningAlg, SigningKey, SigningKeyStore } from './signing-key.ts'

/** Published at least this long before use. */
export const PUBLISH_AHEAD = DAY
/** Kept after the last use: an ID token may come back as id_token_hint as long as a session lasts, and a day more. */
export const KEEP_AFTER = 2 * DAY

const ALGORITHMS: SigningAlg[] = ['RS256', 'ES256']
// The first key that fits signs, so the current ones stand in front.
const ORDER: KeyState[] = ['current', 'next', 'previous']

export type Rotation = 'rotated' | 'too-early' | 'not-due' | 'rotated-elsewhere'

export interface SigningKeys {
  /** Private JWKs, the signing ones first, each with `alg`, `use` and `kid`; makes them if there are none. */
  load(): Promise<{ version: number; jwks: JWK[] }>
  version(): Promise<number>
  /** Refused as `too-early` while the next key has not been published long enough, unless `forced` (a key was stolen). */
  rotate(how?: { forced?: boolean }): Promise<Rotation>
  /** Rotates if the current key is older than the configuration allows. */
  rotateIfDue(): Promise<Rotation>
  list(): Promise<Array<Omit<SigningKey, 'sealed'>>>
}

export interface SigningKeysParts {
  store: SigningKeyStore
  seal: Sealer
  now: Clock
  /** Milliseconds that one key signs. */
  rotateAfter: number
}

/** What it is sealed for. */
export function signingKeyRecord(kid: string): string {
  return `signing-key/${kid}`
}

export function signingKeys({ store, seal, now, rotateAfter }: SigningKeysParts): SigningKeys {
  async function make(alg: SigningAlg, state: KeyState): Promise<SigningKey> {
    const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
    const jwk = await exportJWK(privateKey)
    const kid = await calculateJwkThumbprint(jwk)
    const sealed = seal.seal(JSON.stringify({ ...jwk, kid, alg, use: 'sig' }), signingKeyRecord(kid))
    return {
      kid,
      alg,
      state,
      sealed,
      createdAt: now(),
      activatedAt: state === 'current' ? now() : undefined,
      retiredAt: undefined,
    }
  }

  async function loaded(): Promise<{ version: number; keys: SigningKey[] }> {
    const found = await store.loadKeys()
    if (found.keys.length > 0) return found
    const first = await Promise.all(ALGORITHMS.flatMap((alg) => [make(alg, 'current'), make(alg, 'next')]))
    await store.replaceKeys(found.version, first)
    return store.loadKeys()
  }

  async function rotate({ forced = false } = {}): Promise<Rotation> {
    const { version, keys } = await loaded()
    const upcoming = keys.filter((key) => key.state === 'next')
    if (!forced && upcoming.some((key) => now() - key.createdAt < PUBLISH_AHEAD)) return 'too-early'
    const kept = keys
      .filter((key) => key.state !== 'previous' || now() - (key.retiredAt ?? 0) < KEEP_AFTER)
      .map((key): SigningKey => {
        if (key.state === 'next') return { ...key, state: 'current', activatedAt: now() }
        if (key.state === 'current') return { ...key, state: 'previous', retiredAt: now() }
        return key
      })
    const made = await Promise.all(ALGORITHMS.map((alg) => make(alg, 'next')))
    return (await store.replaceKeys(version, [...kept, ...made])) ? 'rotated' : 'rotated-elsewhere'
  }

  return {
    async load() {
      const { version, keys } = await loaded()
      const ordered = ORDER.flatMap((state) => keys.filter((key) => key.state === state))
      return {
        version,
        jwks: ordered.map((key) => JSON.parse(seal.open(key.sealed, signingKeyRecord(key.kid))) as JWK),
      }
    },
    version: async () => (await store.loadKeys()).version,
    rotate,
    async rotateIfDue() {
      const { keys } = await loaded()
      const due = keys.some((key) => key.state === 'current' && now() - (key.activatedAt ?? 0) >= rotateAfter)
      return due ? rotate() : 'not-due'
    },
    list: async () => (await loaded()).keys.map(({ sealed: _sealed, ...rest }) => rest),
  }
}
