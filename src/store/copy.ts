/**
 * Copies a store into one of another form, record by record, each read back and compared. A mark is put into the target
 * first and taken away last: without it only an empty target is filled, and with it only one that holds nothing but
 * what the source has. So a copy that was killed goes on where it was, and nothing else is ever written over.
 *
 * Nothing is left out, what has expired included: some of it is still to be told of.
 */
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/time.ts'
import {
  bare,
  type Entry,
  insistServable,
  type PortableStore,
  SECTIONS,
  type Section,
  type SectionName,
} from './portable.ts'

export interface Tally {
  /** As many as the source has. */
  records: number
  /** Of these, how many were there already. */
  skipped: number
}

export type Copied = Record<SectionName, Tally>

export interface CopyOptions {
  now: Clock
  /** Told after every page. */
  onProgress?: (section: SectionName, tally: Tally) => void
}

type AnySection = Section<object>

/** Rejects with `store-not-empty` or `store-not-servable` before anything was written, and with `store-differs` after. */
export async function copyStore(from: PortableStore, to: PortableStore, options: CopyOptions): Promise<Copied> {
  insistServable(await from.marks.find())
  const mark = await to.marks.find()
  if (mark && mark.kind !== 'copy') insistServable(mark)
  for (const name of SECTIONS) {
    await (mark ? insistBeginning(name, from.sections[name], to.sections[name]) : insistEmpty(name, to.sections[name]))
  }
  await to.marks.put({ kind: 'copy', at: options.now() })
  const copied = Object.fromEntries(
    SECTIONS.map((name): [SectionName, Tally] => [name, { records: 0, skipped: 0 }]),
  ) as Copied
  for (const name of SECTIONS) {
    for await (const page of from.sections[name].pages()) {
      await copyPage(name, page, to.sections[name], copied[name])
      options.onProgress?.(name, copied[name])
    }
  }
  for (const name of SECTIONS) await insistCount(name, copied[name].records, to.sections[name])
  await to.marks.remove()
  return copied
}

async function copyPage(name: SectionName, page: Array<Entry<object>>, to: AnySection, tally: Tally): Promise<void> {
  const there = await findAll(page, to)
  const missing = page.filter(({ record }, index) => !same(there[index], record))
  // They begin in this order, because among several sessions with one uid the last one is found. None is left under way.
  const outcomes = await Promise.allSettled(missing.map(({ key, record }) => to.put(key, record)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
  const kept = await findAll(missing, to)
  for (const [index, { key, record }] of missing.entries()) {
    if (!same(kept[index], record)) throw differs(name, key)
  }
  tally.records += page.length
  tally.skipped += page.length - missing.length
}

function findAll(entries: Array<Entry<object>>, section: AnySection): Promise<Array<object | undefined>> {
  return Promise.all(entries.map(({ key }) => section.find(key)))
}

function same(one: object | undefined, other: object | undefined): boolean {
  return isDeepStrictEqual(bare(one), bare(other))
}

async function insistEmpty(name: SectionName, to: AnySection): Promise<void> {
  for await (const page of to.pages()) {
    if (page.length === 0) continue
    throw new AppError('store-not-empty', `there are ${name} in the target already; only an empty store is filled`)
  }
}

async function insistBeginning(name: SectionName, from: AnySection, to: AnySection): Promise<void> {
  for await (const page of to.pages()) {
    const source = await findAll(page, from)
    for (const [index, { key, record }] of page.entries()) {
      const there = source[index]
      // A trail is only ever added to, so that another one is another installation's.
      if (there && ((name !== 'audit' && name !== 'checkpoints') || same(there, record))) continue
      const reason = `the target has ${name}/${key}, which is not from this source`
      throw new AppError('store-not-empty', `${reason}; empty it and begin again`)
    }
  }
}

async function insistCount(name: SectionName, expected: number, to: AnySection): Promise<void> {
  let records = 0
  for await (const page of to.pages()) records += page.length
  if (records === expected) return
  throw new AppError('store-differs', `${name}: there were ${expected} to copy, and ${records} are there`)
}

/** Never what it holds. */
function differs(name: SectionName, key: string): AppError {
  return new AppError('store-differs', `${name}/${key} is not the same in the target`)
}
