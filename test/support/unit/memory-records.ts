/** Records of one kind in memory, for tests of rules: what a store would keep, and nothing that a store is for. */
import type { Parcel } from '../../../src/delivery/queue.ts'
import type { Kind, Value } from '../../../src/record/kind.ts'
import { type Found, KeyTaken, type Outgoing, type Records } from '../../../src/record/records.ts'
import { searchKey } from '../../../src/record/search-key.ts'

export interface MemoryRecords<R extends object, Finder extends string> extends Records<R, Finder> {
  /** All that left with changes. */
  parcels: Parcel[]
}

export function memoryRecords<R extends object, F extends string>(kind: Kind<R, F>): MemoryRecords<R, F> {
  /** In the order in which they came. */
  const kept = new Map<string, R>()
  const parcels: Parcel[] = []

  function all(): Array<Found<R>> {
    return [...kept].map(([id, record]) => ({ id, record: structuredClone(record) }))
  }
  function valuesOf(record: R, by: F): Value[] {
    return [kind.finders(record)[by] ?? []].flat()
  }
  function holder(key: string): Found<R> | undefined {
    return all().find(({ record }) => kind.keys(record).includes(key))
  }
  async function change<T>(id: string, rule: (draft: R & Outgoing) => T): Promise<T> {
    const draft = { ...structuredClone(kept.get(id) ?? kind.empty()), parcels: [] as Parcel[] }
    const outcome = rule(draft)
    const { parcels: leaving, ...rest } = draft
    const record = rest as unknown as R
    const taken = kind.keys(record).find((key) => (holder(key)?.id ?? id) !== id)
    if (taken !== undefined) throw new KeyTaken(taken)
    const ids = [...parcels, ...leaving].map((parcel) => parcel.id)
    if (new Set(ids).size < ids.length) throw new Error('two parcels have the same id')
    kept.set(id, structuredClone(record))
    parcels.push(...leaving)
    return outcome
  }

  return {
    parcels,
    find: async (id) => structuredClone(kept.get(id)),
    findMany: async (ids) => all().filter(({ id }) => ids.includes(id)),
    findBy: async (key) => holder(key),
    list: async ({ by, from, to, limit }) =>
      all()
        .flatMap((found) => valuesOf(found.record, by).map((value) => ({ found, value })))
        .filter(({ value }) => from === undefined || compared(value, from) >= 0)
        .filter(({ value }) => to === undefined || compared(value, to) <= 0)
        .sort((a, b) => compared(a.value, b.value))
        .slice(0, limit)
        .map(({ found }) => found),
    count: async (by, value) => all().filter(({ record }) => valuesOf(record, by).includes(value)).length,
    values: async (by) => [...new Set(all().flatMap(({ record }) => valuesOf(record, by)))],
    async counts(by) {
      const counts = new Map<Value, number>()
      for (const { record } of all())
        for (const value of new Set(valuesOf(record, by))) counts.set(value, (counts.get(value) ?? 0) + 1)
      return [...counts].map(([value, count]) => ({ value, count }))
    },
    search: async (text, limit) => {
      const typed = searchKey(text)
      const hits = all().flatMap((found) => {
        const searched = kind.search(found.record)
        const { beginnings = [], parts = [], createdAt = 0 } = searched ?? {}
        const hit =
          found.id === text.trim() ||
          beginnings.some((one) => searchKey(one).startsWith(typed)) ||
          parts.some((one) => searchKey(one).includes(typed))
        return searched && hit ? [{ found, createdAt }] : []
      })
      return hits
        .reverse()
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit)
        .map(({ found }) => found)
    },
    change,
    async changeBy(key, rule) {
      const found = holder(key)
      return found && change(found.id, rule)
    },
  }
}

/** Texts by their bytes, as stores do. */
function compared(one: Value, other: Value): number {
  if (typeof one === 'string' && typeof other === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other))
  return one < other ? -1 : Number(one > other)
}
