/** A kind of record for the conformance suite: small, and with something of all that a kind may have. */
import type { QueueStore } from '../../../src/delivery/queue.ts'
import type { Kind } from '../../../src/record/kind.ts'
import type { Records } from '../../../src/record/records.ts'
import type { Section } from '../../../src/store/portable.ts'
import { NOW } from './samples.ts'

export interface Toy {
  label?: string | undefined
  makers: string[]
  serial?: string | undefined
  /** Two more that no other toy has. */
  stamps: string[]
  price?: number | undefined
  shelf?: string | undefined
  colors: string[]
  madeAt?: number | undefined
  /** Found by nothing. */
  notes: Array<{ text: string; at?: number | undefined }>
}

export type ToyFinder = 'price' | 'shelf' | 'color'

export const TOY: Kind<Toy, ToyFinder> = {
  name: 'toys',
  empty: () => ({ makers: [], stamps: [], colors: [], notes: [] }),
  keys: ({ serial, stamps }) => [
    ...(serial === undefined ? [] : [`serial:${serial}`]),
    ...stamps.map((stamp) => `stamp:${stamp}`),
  ],
  finders: ({ price, shelf, colors }) => ({ price, shelf, color: colors }),
  search: ({ label, makers, madeAt }) =>
    label === undefined || madeAt === undefined ? undefined : { beginnings: makers, parts: [label], createdAt: madeAt },
}

export interface OpenedToys {
  /** The same, as two nodes or two processes have it open. */
  one: Records<Toy, ToyFinder>
  other: Records<Toy, ToyFinder>
  /** For copying. */
  section: Section<Toy>
  queue: Pick<QueueStore, 'backlog' | 'claim' | 'settle'>
  /** How often the record was written. */
  revision(id: string): Promise<number | undefined>
  destroy(): Promise<void>
}

/** Keeps a toy as it is given. */
export function keep(toys: Records<Toy, ToyFinder>, id: string, given: Partial<Toy>): Promise<void> {
  return toys.change(id, (draft) => void Object.assign(draft, given))
}

/** One that is searched for. */
export function shown(label: string, given: Partial<Toy> = {}): Partial<Toy> {
  return { label, madeAt: NOW, ...given }
}

export function ids(found: Array<{ id: string }>): string[] {
  return found.map(({ id }) => id)
}
