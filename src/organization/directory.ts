/**
 * Organizations as requests see them: held in memory, and followed. What another node changed counts here within a second
 * or two, what this one changed at once.
 */
import type { Mirror } from '../record/mirror.ts'
import type { Found } from '../record/records.ts'
import { distance, organizationKey } from './key.ts'
import { organizationKeyOf } from './kind.ts'
import type { Organization } from './organization.ts'

/** What a person's account says of the one that they belong to. */
export interface Membership {
  organizationId?: string | undefined
  /** The organization's ending that this person was last taken out by. */
  endingBegun?: number | undefined
}

export interface Directory {
  /** The one with this id; one that was merged leads to the other. */
  find(id: string): Found<Organization> | undefined
  /** The same, also of one that was added elsewhere a moment ago. */
  get(id: string): Promise<Found<Organization> | undefined>
  /** The one that is called so, by its number or exactly by its name, in any spelling. */
  called(text: string): Found<Organization> | undefined
  /** The same, also of one that was added elsewhere a moment ago. */
  getCalled(text: string): Promise<Found<Organization> | undefined>
  /** The one with this id, name or number itself, though it was merged. */
  own(named: string): Found<Organization> | undefined
  /** The name of one that may have been meant. */
  nearest(text: string): string | undefined
  nameOf(id: string | undefined): string | undefined
  /** All that it can be called: its number and its name, and those of the ones that were merged into it. */
  namesOf(id: string): string[]
  /** Which one has this key of its kind. */
  holder(key: string): Organization | undefined
  /** Whether its people may be let in. */
  admits(membership: Membership): Promise<boolean>
  /** Whether any is disabled, as far as is known here. */
  someDisabled(): boolean
  /** Also those that were merged. */
  all(): Iterable<Found<Organization>>
  follow(): Promise<boolean>
  /** True once after anything has changed: there may be people to see to. */
  takeNews(): boolean
}

export function directory(held: Mirror<Organization>): Directory {
  let news = true
  let former: Map<string, string[]> | undefined
  let disabled: boolean | undefined

  function headOf(id: string): Found<Organization> | undefined {
    const path: string[] = []
    for (let at: string | undefined = id; at !== undefined; ) {
      // Two that were merged into each other at one moment, on two nodes: everybody takes the same of them.
      if (path.includes(at)) return whole(path.slice(path.indexOf(at)).toSorted()[0])
      path.push(at)
      const next: string | undefined = held.find(at)?.mergedInto
      if (next === undefined) return whole(at)
      at = next
    }
    return undefined
  }

  function whole(id: string | undefined): Found<Organization> | undefined {
    const record = id === undefined ? undefined : held.find(id)
    return id !== undefined && record ? { id, record } : undefined
  }

  async function follow(): Promise<boolean> {
    const moved = await held.follow()
    news ||= moved
    if (moved) [former, disabled] = [undefined, undefined]
    return moved
  }

  /** Names of those that were merged, by the one that they lead to. */
  function formerNames(): Map<string, string[]> {
    const names = new Map<string, string[]>()
    for (const { id, record } of held.all()) {
      const head = record.mergedInto === undefined ? undefined : headOf(id)?.id
      if (head !== undefined && head !== id) names.set(head, [...(names.get(head) ?? []), ...namesIn(record)])
    }
    return names
  }

  function called(text: string): Found<Organization> | undefined {
    const found = held.findBy(organizationKeyOf.called(text))
    return found && headOf(found.id)
  }

  return {
    find: headOf,
    async get(id) {
      if (held.find(id) === undefined) await follow()
      return headOf(id)
    },
    called,
    async getCalled(text) {
      const found = called(text)
      if (found) return found
      await follow()
      return called(text)
    },
    own: (named) => whole(named) ?? held.findBy(organizationKeyOf.called(named)),
    nearest(text) {
      const typed = organizationKey(text)
      // One that differs in more than half is another, not this one with a slip in it. One that is that much longer does.
      const most = typed.length / 2
      const far = [...held.all()].flatMap(({ record: { name } }) => {
        const key = organizationKey(name)
        return Math.abs(key.length - typed.length) <= most ? [{ name, far: distance(typed, key) }] : []
      })
      const [best] = far.sort((one, other) => one.far - other.far)
      return best && best.far <= most ? best.name : undefined
    },
    nameOf: (id) => (id === undefined ? undefined : headOf(id)?.record.name),
    namesOf(id) {
      const found = headOf(id)
      former ??= formerNames()
      return found ? [...namesIn(found.record), ...(former.get(found.id) ?? [])] : []
    },
    holder: (key) => held.findBy(key)?.record,
    async admits({ organizationId: id, endingBegun = 0 }) {
      if (id === undefined) return true
      // Whoever was taken out by an ending that is not known here belongs to one that was disabled elsewhere just now.
      const own = held.find(id)
      if (own === undefined || own.ending < endingBegun) await follow()
      return headOf(id)?.record.status === 'active'
    },
    someDisabled() {
      disabled ??= [...held.all()].some(({ record }) => record.status === 'disabled')
      return disabled
    },
    all: () => held.all(),
    follow,
    takeNews() {
      const had = news
      news = false
      return had
    },
  }
}

function namesIn({ name, number }: Organization): string[] {
  return number === undefined ? [name] : [number, name]
}
