/** What a start, and a server that goes on, have to do with the register of root keys (root-key.ts). */
import type { Keyring } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { type Clock, MINUTE } from '../lib/time.ts'
import type { People } from '../person/kind.ts'
import { allRootKeys, type KeptKey, keptSealer, openKept, type RootKey, type RootKeys } from './root-key.ts'
import { type Standings, settle } from './standing.ts'
import { inWords } from './survey.ts'

/** A server that has it in front says so this often; after three times as long it is taken to have it there no more. */
export const NOTED = MINUTE
const SILENT = 3 * NOTED

export interface InUseParts {
  records: Pick<RootKeys, 'list' | 'change'>
  ring: Keyring
  now: Clock
}

/**
 * Takes up what is kept of root keys that are gone. Rejects with `unknown-key` if one is missing that something needs:
 * only then, and once for a key that nothing needs, is everything looked at.
 */
export async function takeUp(
  { records, ring, now }: InUseParts,
  look: () => Promise<Standings>,
  onFault: (fault: unknown, of: string) => void,
): Promise<void> {
  const known = await allRootKeys(records)
  ring.keep(openKept(known, keptSealer(ring), onFault))
  const missing = [...known].filter(([id, { clearedAt }]) => !ring.ids.includes(id) && clearedAt === undefined)
  if (missing.length === 0) return
  const found = await look()
  const faults = keyFaults(found)
  if (faults.length > 0) throw new AppError('unknown-key', faults.join('; '))
  await settle(records, found, now())
}

/** A sentence for each key that is not here and is needed. */
export function keyFaults({ keys }: Pick<Standings, 'keys'>): string[] {
  return keys
    .filter(({ state }) => state === 'missing')
    .map(({ id, needs }) => `no key with id ${JSON.stringify(id)} in the keyring, and these need it: ${inWords(needs)}`)
}

/**
 * Says which root keys this server has. Resolves to whether one is in front here that no server had so far, while others
 * have another in front: they cannot open what is sealed here.
 */
export async function note({ records, ring, now }: InUseParts): Promise<{ isAhead: boolean }> {
  const known = await allRootKeys(records)
  for (const id of ring.ids) {
    const before = known.get(id)
    const isFront = id === ring.current
    if (before && !(isFront && isDue(before, now()))) continue
    await records.change(id, (draft) => {
      if (draft.knownAt === 0) draft.knownAt = now()
      if (!isFront) return
      draft.usedAt = Math.max(draft.usedAt, now())
      // It seals again.
      delete draft.clearedAt
    })
  }
  return { isAhead: !known.has(ring.current) && inFrontElsewhere(known, ring, now()).length > 0 }
}

/** Lets go of the pepper that is kept of a root key when the last password has another. */
export async function letGo({
  records,
  ring,
  people,
}: Omit<InUseParts, 'now'> & { people: Pick<People, 'count'> }): Promise<void> {
  for (const [id, { clearedAt, kept }] of await allRootKeys(records)) {
    if (id === ring.current || clearedAt === undefined || !kept.some(isPepper)) continue
    if ((await people.count('hashKey', id)) > 0) continue
    await records.change(id, (draft) => {
      // A server may have put it in front again.
      if (draft.clearedAt !== undefined) draft.kept = draft.kept.filter((one) => !isPepper(one))
    })
  }
}

function isPepper({ purpose }: KeptKey): boolean {
  return purpose === 'pepper' || purpose === 'foreign-digest'
}

function isDue({ usedAt, clearedAt }: RootKey, at: number): boolean {
  return clearedAt !== undefined || usedAt + NOTED <= at
}

/** Ids of other keys that a server had in front a moment ago. */
export function inFrontElsewhere(known: ReadonlyMap<string, RootKey>, { current }: Keyring, at: number): string[] {
  return [...known].flatMap(([id, { usedAt }]) => (id !== current && usedAt + SILENT > at ? [id] : []))
}
