/**
 * Records as they were read last: somebody who signs in is changed several times within seconds, each time a little. A
 * row is read for every change all the same, and what is known counts only while the row says exactly that, whoever wrote
 * it. So nothing is to be forgotten when a change is undone, or another process makes one.
 */
import { copyOf, isSame } from '../../record/copy.ts'
import type { Kind } from '../../record/kind.ts'
import { type FoundBy, foundBy } from './record-finders.ts'

/** Nobody else has it, so it never changes. */
export interface Known<R> {
  text: string
  record: R
  /** Each field as JSON, as far as somebody asked. */
  fields: Map<string, string>
  found: FoundBy | undefined
}

export interface KnownRecords<R> {
  /** One that is not there. */
  none(): Known<R>
  /** What this row says. */
  read(id: string, text: string): Known<R>
  /** What it says after a change; the same where nothing is different. */
  changed(id: string, before: Known<R>, record: R): Known<R>
  /** What it is found by. */
  foundBy(known: Known<R>): FoundBy
}

/** Each takes about ten kilobytes. */
const MOST = 500

export function knownRecords<R extends object>(kind: Kind<R>): KnownRecords<R> {
  const known = new Map<string, Known<R>>()

  function keep(id: string, one: Known<R>): Known<R> {
    known.delete(id)
    known.set(id, one)
    const [oldest] = known.size > MOST ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    return one
  }

  function parsed(text: string): Known<R> {
    const record = { ...kind.empty(), ...(JSON.parse(text) as R) }
    return { text, record, fields: new Map(), found: undefined }
  }

  return {
    none: () => parsed(JSON.stringify(kind.empty())),
    read(id, text) {
      const one = known.get(id)
      return one?.text === text ? one : keep(id, parsed(text))
    },
    changed(id, before, record) {
      const different = differences(before.record as Fields, record as Fields)
      if (different.length === 0) return before
      const next = { ...(before.record as Fields) }
      const fields = new Map(before.fields)
      for (const name of different) {
        const value = JSON.stringify((record as Fields)[name]) as string | undefined
        fields.delete(name)
        // Read from the text, as it will be by everybody else. Of the draft the caller may have a part.
        if (value === undefined) delete next[name]
        else next[name] = JSON.parse(value)
      }
      const text = textOf(next, fields)
      return keep(id, { text, record: { ...kind.empty(), ...(next as R) }, fields, found: undefined })
    },
    foundBy(one) {
      one.found ??= foundBy(kind, one.record)
      return one.found
    },
  }
}

type Fields = Record<string, unknown>

function differences(before: Fields, after: Fields): string[] {
  const different: string[] = []
  for (const name in before) if (!isSame(before[name], after[name])) different.push(name)
  for (const name in after) if (before[name] === undefined && after[name] !== undefined) different.push(name)
  return [...new Set(different)]
}

function textOf(record: Fields, fields: Map<string, string>): string {
  const parts: string[] = []
  for (const name in record) {
    if (record[name] === undefined) continue
    const part = fields.get(name) ?? `${JSON.stringify(name)}:${JSON.stringify(record[name])}`
    fields.set(name, part)
    parts.push(part)
  }
  return `{${parts.join(',')}}`
}

/** For a rule, or for whoever asked: what is done to it changes nothing. */
export function draftOf<R>({ record }: Known<R>): R {
  return copyOf(record)
}
