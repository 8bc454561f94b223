/** A kind of record for the conformance suite: small, and with something of all that a kind may have. */
import type { Kind } from '../../../src/record/kind.ts'
import type { Records } from '../../../src/record/records.ts'
import { NOW } from '../../support/samples/records.ts'
import type { OpenedRecords } from './records-opened.ts'

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

export type OpenedToys = OpenedRecords<Toy, ToyFinder>

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
