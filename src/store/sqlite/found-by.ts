/** What a record is found by, as its rows hold it. */
import { copyOf } from '../../record/copy.ts'
import type { Kind, Searched, Value } from '../../record/kind.ts'
import { searchKey } from '../../record/search-key.ts'

export interface FoundBy {
  keys: string[]
  finders: Record<string, Value | Value[] | undefined>
  searched: Searched | undefined
}

export interface Rows {
  keys: Set<string>
  values: Map<string, { finder: string; value: Value }>
  searched: SearchRow | undefined
}

/** Each text after a line feed, which is in none of them. */
export interface SearchRow {
  createdAt: number
  beginnings: string
  parts: string
}

const BETWEEN = '\n'

/** Of one that is not there. */
export const NOT_FOUND: FoundBy = { keys: [], finders: {}, searched: undefined }

/** Shares nothing with the record, so that it is still true of it as it was when it has changed. */
export function foundBy<R extends object>(kind: Kind<R>, record: R): FoundBy {
  return copyOf({ keys: kind.keys(record), finders: kind.finders(record), searched: kind.search(record) })
}

export function rowsOf({ keys, finders, searched }: FoundBy): Rows {
  const values = Object.entries(finders).flatMap(([finder, value]) =>
    (value === undefined ? [] : [value].flat()).map((each) => ({ finder, value: each })),
  )
  return {
    keys: new Set(keys),
    values: new Map(values.map((row) => [`${row.finder}:${typeof row.value}:${row.value}`, row])),
    searched: searched && {
      createdAt: searched.createdAt,
      beginnings: searched.beginnings.map(lineOf).join(''),
      parts: searched.parts.map(lineOf).join(''),
    },
  }
}

/** What is looked for in `beginnings`; without its first character, in `parts`. */
export function lineOf(text: string): string {
  return BETWEEN + searchKey(text).replaceAll(BETWEEN, ' ')
}
