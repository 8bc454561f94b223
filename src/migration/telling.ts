/** What is told of a run: how many lines of each kind there were, and the first of each. */
import type { Told } from './planning.ts'

const COUNTED = ['create', 'same', 'change', 'conflict', 'refuse'] as const
export type Totals = Record<(typeof COUNTED)[number], number>

export type Lists = Record<'refused' | 'changed' | 'conflicts' | 'notes' | 'looksLike', Told[]>

/** Of each kind: more can be read in the file of what was refused. */
export const MOST_TOLD = 50

/** Counts everything, and keeps the first of each kind. */
export function teller() {
  const totals = Object.fromEntries(COUNTED.map((each) => [each, 0])) as Totals
  const kinds: Lists = { refused: [], changed: [], conflicts: [], notes: [], looksLike: [] }
  const keep = (list: Told[], told: Told) => void (list.length < MOST_TOLD && list.push(told))
  return {
    add(told: Told) {
      totals[told.do] += 1
      if (told.do === 'refuse') keep(kinds.refused, told)
      if (told.do === 'change') keep(kinds.changed, told)
      if (told.conflicts) keep(kinds.conflicts, told)
      if (told.notes) keep(kinds.notes, told)
      if (told.looksLike !== undefined) keep(kinds.looksLike, told)
    },
    told: () => ({ totals, ...kinds }),
  }
}
