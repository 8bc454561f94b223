/**
 * How organizations are sorted and searched. Made once for each state of a record: what is held in memory stays the same
 * object until it changes (record/mirror.ts), and a list of thousands would be slow otherwise.
 */
import type { Found } from '../record/records.ts'
import { organizationKey } from './key.ts'
import type { Organization } from './organization.ts'

interface Words {
  /** Of the name. */
  key: string
  /** Everything that it may be looked for by. */
  all: string
}

const made = new WeakMap<Organization, Words>()

function wordsOf(record: Organization): Words {
  const known = made.get(record)
  if (known) return known
  const { name, number = '', domains } = record
  const words = { key: organizationKey(name), all: [name, number, ...domains].map(organizationKey).join('\n') }
  made.set(record, words)
  return words
}

/** By name, and of one name by id: one that was merged may have the name of another. */
export function byName(one: Found<Organization>, other: Found<Organization>): number {
  const [a, b] = [wordsOf(one.record).key, wordsOf(other.record).key]
  if (a === b) return one.id < other.id ? -1 : Number(one.id > other.id)
  return a < b ? -1 : 1
}

/** Whether it has this in its name, number or domains, in any spelling. */
export function says(record: Organization, text: string): boolean {
  return wordsOf(record).all.includes(organizationKey(text))
}
