/**
 * A store as a set of records that can be read out and put in one by one: what copying to another form and cleaning up
 * after a restore are made of. Nobody may be served from it meanwhile.
 *
 * A parcel is a record of its own, wherever a store keeps it, so that the same queue compares equal in every form.
 */
import type { AuditStore } from '../audit/audit.ts'
import type { AuditRow } from '../audit/chain.ts'
import type { KeptCheckpoint } from '../audit/checkpoint.ts'
import type { ListedParcel, Parcel } from '../delivery/queue.ts'
import { AppError } from '../lib/errors.ts'
import type { Artifact } from '../oidc/artifact.ts'
import type { SigningKey } from '../oidc/signing-key.ts'
import type { Outgoing } from '../record/records.ts'
import { KIND_NAMES, type KindName, type RecordOf } from './kinds.ts'

/** What is kept of each section; undefined is never a value. Every kind of record is one, by its ids. */
export type Records = Others & { [name in KindName]: RecordOf<name> }

interface Others {
  /** By its place in the chain. Kept once: the chain of another store is never written over. */
  audit: AuditRow
  /** By the first place that each covers. Kept once, as records are. */
  checkpoints: KeptCheckpoint
  /** All in one record. */
  keys: { version: number; keys: SigningKey[] }
  parcels: Parcel & ListedParcel
  counters: { key: string; kind: 'streak' | 'window'; count: number; until: number; touchedAt: number }
  artifacts: Artifact & { consumedAt: number | undefined }
}

export type SectionName = keyof Records

/** In the order in which they are copied. First what tells one installation from another. */
export const SECTIONS: readonly SectionName[] = [
  'audit',
  'checkpoints',
  'keys',
  ...KIND_NAMES,
  'parcels',
  'counters',
  'artifacts',
]

/** The most records of a page: they are all written at once, and no more than a store has connections. */
export const PAGE = 50

/** The one record of the section `keys`. */
export const KEY_SET = 'signing-keys'

export interface Entry<R> {
  key: string
  record: R
}

export interface Section<R> {
  /** Everything there is, a page at a time, always in the same order. What is found may be replaced or removed meanwhile. */
  pages(): AsyncIterable<Array<Entry<R>>>
  find(key: string): Promise<R | undefined>
  /** Takes the place of what is there, all of it or nothing. */
  put(key: string, record: R): Promise<void>
}

/** A section from which things may be taken away. */
export interface Removable<R> extends Section<R> {
  remove(key: string): Promise<void>
}

export type KindSections = { [name in KindName]: Section<RecordOf<name>> }

/** Why a store must not be served from. */
export interface Mark {
  kind: 'copy' | 'backup' | 'restore'
  at: number
}

export interface Marks {
  find(): Promise<Mark | undefined>
  put(mark: Mark): Promise<void>
  remove(): Promise<void>
}

export interface PortableStore {
  sections: KindSections & {
    audit: Section<Records['audit']>
    checkpoints: Section<Records['checkpoints']>
    keys: Section<Records['keys']>
    parcels: Removable<Records['parcels']>
    counters: Section<Records['counters']>
    artifacts: Removable<Records['artifacts']>
  }
  marks: Marks
  trail: AuditStore
  close(): Promise<void>
}

const REASONS: Record<Mark['kind'], string> = {
  copy: 'it holds a copy that was not finished: run store:copy again',
  backup: 'it is a back-up as it was made: run store:restored first',
  restore: 'store:restored was not finished: run it again',
}

/** For whoever opens a store to serve from it. */
export function insistServable(mark: Mark | undefined): void {
  if (mark) throw new AppError('store-not-servable', `the store cannot be used yet: ${REASONS[mark.kind]}`)
}

export function inUse(what: string): AppError {
  return new AppError('store-in-use', `${what} is in use: stop every node first`, { status: 409 })
}

/** Makes a draft what this record is. The parcels of a record are copied apart from it. */
export function become(draft: Outgoing, record: object): void {
  const { parcels } = draft
  for (const field of Object.keys(draft)) Reflect.deleteProperty(draft, field)
  Object.assign(draft, bare(record), { parcels })
}

/** Without what is undefined: one store gives it back, another leaves it out. */
export function bare<T>(value: T): T {
  if (Array.isArray(value)) return value.map(bare) as T
  if (value === null || typeof value !== 'object') return value
  const present = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(present.map(([name, part]) => [name, bare(part)])) as T
}
