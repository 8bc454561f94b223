/**
 * Changes one document under optimistic concurrency: what was read is changed, and kept only if nobody else changed it
 * meanwhile; otherwise it is read again. So a decision and what follows from it are one atomic write, on whatever node.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Model } from 'mongoose'
import { inTurn } from '../../lib/turns.ts'
import { unavailable } from '../unavailable.ts'
import { duplicateIndex } from './faults.ts'
import { untilWon } from './races.ts'

export interface Kept {
  _id: string
  /** Moves up with every write; 0 while it is not kept yet. */
  rev: number
}

/** One kind of document. */
export interface Shelf<D extends Kept> {
  model: Model<D>
  /** One that is not there yet. */
  empty(id: string): D
  /** As it was before it was kept. */
  whole?(kept: D): D
  /** What it is found by, made anew at every save. */
  finders(draft: D): object
  /** Nothing is left in it: it goes. Only for a kind whose ids never come back, or `rev` would count from 0 again. */
  isOver?(draft: D): boolean
}

/** `work` may be run several times, each time on what is there by then. What it throws changes nothing. */
export type Change<D> = <T>(id: string, work: (draft: D) => T) => Promise<T>

export interface ChangeOptions {
  /** Milliseconds that a change may wait for its turn. */
  patience: number
  /** Told when another node was first. */
  onLostRace?: (() => void) | undefined
}

/** Something else has what is unique. The server's own fault would tell the value. */
export class Taken extends Error {
  readonly index: string

  constructor(index: string) {
    super(`taken, by the index ${index}`)
    this.name = 'Taken'
    this.index = index
  }
}

export function changer<D extends Kept>(shelf: Shelf<D>, { patience, onLostRace }: ChangeOptions): Change<D> {
  const { model, empty, whole, finders, isOver } = shelf
  // Within this process nobody loses a race to a neighbor.
  const turns = inTurn()

  async function load(id: string): Promise<D> {
    const kept = { ...empty(id), ...(await model.findOne({ _id: id }).lean<D>()) }
    return whole ? whole(kept) : kept
  }

  /** False if another was first. */
  async function save(draft: D): Promise<boolean> {
    const { _id, rev } = draft
    const seen = { _id, rev }
    if (isOver?.(draft)) return rev === 0 || (await model.deleteOne(seen)).deletedCount === 1
    const next = { ...draft, ...finders(draft), rev: rev + 1 }
    try {
      // Without `runValidators` what does not fit the schema would be left out, and nobody told.
      const options = { upsert: rev === 0, runValidators: true }
      const { matchedCount, upsertedCount } = await model.replaceOne(seen, next, options)
      return matchedCount + upsertedCount === 1
    } catch (fault) {
      const index = duplicateIndex(fault)
      if (index === undefined) throw fault
      if (index === '_id_') return false
      throw new Taken(index)
    }
  }

  /** Undefined if another was first. */
  async function attempt<T>(id: string, work: (draft: D) => T): Promise<{ outcome: T } | undefined> {
    const before = await load(id)
    const draft = structuredClone(before)
    const outcome = work(draft)
    if (isDeepStrictEqual(draft, before) || (await save(draft))) return { outcome }
    onLostRace?.()
    return undefined
  }

  return (id, work) => {
    const impatience = AbortSignal.timeout(patience)
    return turns(id, async () => {
      // Whoever asked was told that it takes too long.
      if (impatience.aborted) throw unavailable('too many change one document at once')
      return (await untilWon(() => attempt(id, work))).outcome
    })
  }
}
