/** How each root key stands: whether it is in front, what still needs it, and whether it can go. */
import type { Keyring } from '../lib/crypto.ts'
import { allRootKeys, isGood, KEPT, type Kept, type RootKey, type RootKeys } from './root-key.ts'
import { inWords, type Needs, type Survey, type SurveyParts, survey } from './survey.ts'

/**
 * `newest`: it is in front here. `needed`, `removable`: it stands behind. `gone`, `missing`: it is not here, and nothing
 * needs it, or something does.
 */
export type State = 'newest' | 'needed' | 'removable' | 'gone' | 'missing'

export interface Standing {
  id: string
  state: State
  /** When a server last said that it has it in front; 0 if none has. */
  usedAt: number
  /** What cannot be had without the root key itself. */
  needs: Needs
  /** Passwords that were set while it was in front, and not used since: a kept key is enough for them. */
  passwords: number
  /** What is kept of it. */
  kept: Kept[]
}

export interface Standings {
  keys: Standing[]
  survey: Survey
}

export async function standings(parts: SurveyParts): Promise<Standings> {
  return standingsBy(await survey(parts), parts)
}

/** As they are by now, by what was seen before. */
export async function standingsBy(seen: Survey, { durable, ring }: SurveyParts): Promise<Standings> {
  const known = await allRootKeys(durable.rootKeys)
  const ids = new Set([...ring.ids, ...known.keys(), ...seen.needs.keys()])
  return { survey: seen, keys: [...ids].map((id) => standing(id, known.get(id), seen, ring)) }
}

function standing(id: string, known: RootKey | undefined, seen: Survey, ring: Keyring): Standing {
  const { passwords = 0, ...others } = seen.needs.get(id) ?? {}
  const kept = known?.kept.filter((one) => isGood(one, id, ring)).map(({ purpose }) => purpose) ?? []
  const isKept = kept.includes('pepper') && kept.includes('foreign-digest')
  const needs = { ...others, ...(passwords > 0 && !isKept && { passwords }) }
  const usedAt = known?.usedAt ?? 0
  const isNeeded = inWords(needs) !== ''
  if (id === ring.current) return { id, state: 'newest', usedAt, needs, passwords, kept }
  if (!ring.ids.includes(id)) return { id, state: isNeeded ? 'missing' : 'gone', usedAt, needs, passwords, kept }
  // What only the root key can give has to be kept before it goes; what `settle` let go of nobody misses.
  const isLeft = known?.clearedAt !== undefined
  const isKeepable = KEPT.some(
    (purpose) => !kept.includes(purpose) && (isForGood(purpose) || (!isLeft && isStillOfUse(purpose, passwords, seen))),
  )
  return { id, state: isNeeded || isKeepable ? 'needed' : 'removable', usedAt, needs, passwords, kept }
}

/**
 * Writes down that nothing needs it any more, after which a start without it asks no further; and lets go of what is kept
 * of it and needed by nobody. What left the house may come back after years, so its seals stay.
 */
export async function settle(
  records: Pick<RootKeys, 'change'>,
  { keys, survey: seen }: Standings,
  now: number,
): Promise<void> {
  for (const { id, state, passwords } of keys) {
    if (state !== 'removable' && state !== 'gone') continue
    await records.change(id, (draft) => {
      if (draft.knownAt === 0) return
      draft.clearedAt ??= now
      draft.kept = draft.kept.filter(({ purpose }) => isStillOfUse(purpose, passwords, seen))
    })
  }
}

function isStillOfUse(purpose: Kept, passwords: number, { digests, codes }: Survey): boolean {
  if (purpose === 'pepper' || purpose === 'foreign-digest') return passwords > 0
  if (purpose === 'imported-secrets' || purpose === 'phone-numbers') return digests > 0
  if (purpose === 'temporary-codes') return codes > 0
  return isForGood(purpose)
}

function isForGood(purpose: Kept): boolean {
  return purpose === 'audit-export'
}
