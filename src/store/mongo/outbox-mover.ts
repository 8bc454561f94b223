/**
 * Parcels are put into the document that causes them, by the same write. From there they are moved to documents of their
 * own, so that a person whose mails wait is as quick to write as anybody: first inserted there under their own id, then
 * taken out here. Whoever wrote moves them at once; if that node dies in between, whoever claims does.
 *
 * A mover may be slow, or a write that was under way may bring back what was moved. Then a parcel is inserted once more,
 * which finds it there: waiting, or as the mark that it left when it was settled (parcels.ts).
 */
import type { Parcel } from '../../delivery/queue.ts'

export interface Outbox {
  _id: string
  outbox: Parcel[]
}

/** Documents of which each has an outbox. */
export interface Shelf {
  /** Those with something in it. */
  full(limit: number): Promise<Outbox[]>
  /** Takes those out that were moved. */
  empty(id: string, parcels: string[]): Promise<void>
}

export interface Mover {
  /** Never rejects: the change that it follows is kept, and what is written down is moved later. */
  move(shelf: Shelf, id: string, parcels: Parcel[]): Promise<void>
  /** Everything that waits in an outbox. */
  moveAll(shelves: Shelf[]): Promise<void>
}

const BITE = 50

export function mover(insert: (parcels: Parcel[]) => Promise<void>): Mover {
  async function moveNow(shelf: Shelf, id: string, parcels: Parcel[]): Promise<void> {
    if (parcels.length === 0) return
    await insert(parcels)
    await shelf.empty(
      id,
      parcels.map((parcel) => parcel.id),
    )
  }

  return {
    move: (shelf, id, parcels) => moveNow(shelf, id, parcels).catch(() => undefined),
    async moveAll(shelves) {
      for (const shelf of shelves) {
        for (;;) {
          const full = await shelf.full(BITE)
          const moves = await Promise.allSettled(full.map(({ _id, outbox }) => moveNow(shelf, _id, outbox)))
          const failed = moves.filter((move) => move.status === 'rejected')
          // One outbox that cannot be moved holds up no other.
          if (failed[0] && failed.length === full.length) throw failed[0].reason
          if (full.length < BITE) break
        }
      }
    },
  }
}
