/**
 * Applications as lists show them: by name, narrowed, a page at a time. Made of what is in memory, so that a list asks the
 * store for nothing, and a page costs the same however many there are.
 */
import type { Found } from '../record/records.ts'
import { type ApplicationKind, kindOf } from './kinds.ts'
import type { ClientRecord, Owner, Status } from './record.ts'

export interface Wanted {
  /** A part of its name, its id or one of its addresses. */
  text?: string | undefined
  /** Without one, all but those that were deleted. */
  status?: Status | undefined
  kind?: ApplicationKind | undefined
  owner?: Owner['kind'] | undefined
  /** Id of the last one of the page before. */
  after?: string | undefined
  limit: number
}

export interface Listed {
  found: Array<Found<ClientRecord>>
  /** What `after` is for the next page; undefined if this is the last. */
  next: string | undefined
}

/** All of them by name, and where each is. */
export interface Ordered {
  records: ReadonlyArray<Found<ClientRecord>>
  places: ReadonlyMap<string, number>
}

export function inOrder(all: Iterable<Found<ClientRecord>>): Ordered {
  const records = [...all]
    .map((found) => ({ found, key: `${nameOf(found.record).toLowerCase()}\n${found.id}` }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ found }) => found)
  return { records, places: new Map(records.map(({ id }, place) => [id, place])) }
}

export function listed({ records, places }: Ordered, { after, limit, ...wanted }: Wanted): Listed {
  const fits = filterFor(wanted)
  const found: Listed['found'] = []
  // One that is not known is of no list of ours: begin at the beginning.
  const begin = after === undefined ? 0 : (places.get(after) ?? -1) + 1
  for (let place = begin; place < records.length; place += 1) {
    const one = records[place]
    if (one === undefined || !fits(one)) continue
    if (found.length === limit) return { found, next: found.at(-1)?.id }
    found.push(one)
  }
  return { found, next: undefined }
}

function filterFor({
  text,
  status,
  kind,
  owner,
}: Omit<Wanted, 'after' | 'limit'>): (one: Found<ClientRecord>) => boolean {
  const typed = text?.normalize('NFKC').toLowerCase()
  return ({ id, record }) =>
    (status === undefined ? record.status !== 'deleted' : record.status === status) &&
    (owner === undefined || record.owner.kind === owner) &&
    (kind === undefined || kindOf(record.definition) === kind) &&
    (typed === undefined || wordsOf(id, record).includes(typed))
}

/** By the record, which is the same object until it is changed. */
const words = new WeakMap<ClientRecord, string>()

function wordsOf(id: string, record: ClientRecord): string {
  const known = words.get(record)
  if (known !== undefined) return known
  const { redirect_uris, client_uri } = record.definition
  const addresses = Array.isArray(redirect_uris) ? redirect_uris : []
  const made = [nameOf(record), id, client_uri, ...addresses].join('\n').normalize('NFKC').toLowerCase()
  words.set(record, made)
  return made
}

export function nameOf({ definition }: Pick<ClientRecord, 'definition'>): string {
  return String(definition.client_name ?? '')
}
