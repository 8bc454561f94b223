/**
 * What is known of the root keys of SIGMA_KEYS, without any of them: since when each is in use, whether anything still
 * needs it, and what was derived from one that has gone and cannot be done without. A start looks here first.
 */
import { type DerivedKey, type Keyring, keyIdOf, type Sealer, sealer } from '../lib/crypto.ts'
import type { Kind } from '../record/kind.ts'
import type { Records } from '../record/records.ts'

/** Under the id of the root key. */
export interface RootKey {
  /** Milliseconds: when a server first had it, in front or behind; 0 of one that is not there. */
  knownAt: number
  /** When a server last said that it has it in front; 0 if none has. */
  usedAt: number
  /** When nothing was found that needs it; absent while something may. */
  clearedAt?: number
  kept: KeptKey[]
}

/** A key that was derived from it. */
export interface KeptKey {
  purpose: Kept
  /** In base64url, sealed for `kept-key/<root key>/<purpose>`. */
  sealed: string
}

/**
 * What nobody can make anew without somebody else: the pepper of people who have not signed in since, the digests of
 * secrets and numbers that came along and are nowhere else, codes that were read out on the phone, and the seals of files
 * that left the house. The seals of checkpoints are in the house, and are made anew.
 */
export const KEPT = [
  'pepper',
  'foreign-digest',
  'imported-secrets',
  'phone-numbers',
  'temporary-codes',
  'audit-export',
] as const
export type Kept = (typeof KEPT)[number]

export type RootKeys = Records<RootKey, 'knownAt'>

export const rootKeyKind: Kind<RootKey, 'knownAt'> = {
  name: 'root_keys',
  empty: () => ({ knownAt: 0, usedAt: 0, kept: [] }),
  keys: () => [],
  finders: ({ knownAt }) => ({ knownAt: knownAt > 0 ? knownAt : undefined }),
  search: () => undefined,
}

/** More than an installation ever has. */
const MOST = 1000

export async function allRootKeys(records: Pick<RootKeys, 'list'>): Promise<Map<string, RootKey>> {
  const found = await records.list({ by: 'knownAt', limit: MOST })
  return new Map(found.map(({ id, record }) => [id, record]))
}

/** With a key of its own: what is sealed for anything else is none. */
export function keptSealer(ring: Keyring): Sealer {
  return sealer(ring, 'kept-keys')
}

export function keptRecord(root: string, purpose: Kept): string {
  return `kept-key/${root}/${purpose}`
}

/** Those that open. Of the others `onFault` is told: somebody has written there, or the key that they need is missing. */
export function openKept(
  known: ReadonlyMap<string, RootKey>,
  seal: Sealer,
  onFault: (fault: unknown, of: string) => void,
): DerivedKey[] {
  const opened: DerivedKey[] = []
  for (const [root, { kept }] of known) {
    for (const { purpose, sealed } of kept) {
      try {
        const key = Buffer.from(seal.open(sealed, keptRecord(root, purpose)), 'base64url')
        opened.push({ root, purpose, key })
      } catch (fault) {
        onFault(fault, root)
      }
    }
  }
  return opened
}

/** Whether all that can be kept of it is, by the newest. */
export function isWhole({ kept }: RootKey, root: string, ring: Keyring): boolean {
  return KEPT.every((purpose) => kept.some((one) => one.purpose === purpose && isGood(one, root, ring)))
}

/** Puts in what is missing of a root key that the ring holds. */
export function keepDerived(draft: RootKey, root: string, ring: Keyring, seal: Sealer): void {
  for (const purpose of KEPT) {
    if (draft.kept.some((one) => one.purpose === purpose && isGood(one, root, ring))) continue
    const key = ring.derive(purpose, root).toString('base64url')
    const others = draft.kept.filter((one) => one.purpose !== purpose)
    draft.kept = [...others, { purpose, sealed: seal.seal(key, keptRecord(root, purpose)) }]
  }
}

/** Sealed by the newest, and opens: somebody may have written there. */
export function isGood({ purpose, sealed }: KeptKey, root: string, ring: Keyring): boolean {
  if (keyIdOf(sealed) !== ring.current) return false
  try {
    return keptSealer(ring).open(sealed, keptRecord(root, purpose)) !== ''
  } catch {
    return false
  }
}
