/**
 * An organization that people belong to, and what may happen to one: pure rules over a draft. It is never removed. One
 * that has ended is disabled, or leads to the one that it was merged into.
 */
import type { Done, Outcome } from '../lib/outcome.ts'

/** Milliseconds: from when two-step verification is offered to its people, and from when it is required. */
export interface OrganizationCampaign {
  start: number
  deadline?: number | undefined
}

/** What an administrator says of one. */
export interface OrganizationFields {
  name: string
  /** By which others know it: that of a customer, say. */
  number?: string | undefined
  /** Of its e-mail addresses, as the network knows them. */
  domains: string[]
  /** E-mail addresses of those who speak for it. */
  contacts: string[]
  campaign?: OrganizationCampaign | undefined
}

export interface Organization extends OrganizationFields {
  status: 'active' | 'disabled'
  /** How many times it was disabled: what its people had signed in before has ended. */
  ending: number
  /** It was the same as this one: whoever asks for it gets that one. */
  mergedInto?: string | undefined
  /** Counts its changes, so that nobody saves over somebody else's. */
  version: number
  createdAt: number
  changedAt: number
}

/** A draft of one that is not there has this. */
const NEVER = 0

/** What may not be: `changed-meanwhile` if there is another version than the one that was read. */
type Standing = 'unknown' | 'merged' | 'changed-meanwhile'

export type Changed = Outcome<{ fields: string[] }, Standing>

export interface Read {
  /** The version that was looked at. Without one it is done whatever happened since. */
  read?: number | undefined
}

export function emptyOrganization(): Organization {
  const nothing = { name: '', domains: [], contacts: [], ending: 0, version: 0 }
  return { ...nothing, status: 'active', createdAt: NEVER, changedAt: NEVER }
}

export function isThere({ createdAt }: Organization): boolean {
  return createdAt !== NEVER
}

/** The id is a new one: nobody has it. */
export function addOrganization(draft: Organization, fields: OrganizationFields, now: number): void {
  if (isThere(draft)) throw new Error('there is an organization with this id')
  Object.assign(draft, fields, { createdAt: now })
  moved(draft, now)
}

/** What is not named stays. Undefined as the value of a name takes it away. */
export function changeOrganization(
  draft: Organization,
  { read, ...changes }: Partial<OrganizationFields> & Read,
  now: number,
): Changed {
  const refused = standing(draft, read)
  if (refused) return refused
  const fields = (Object.keys(changes) as Array<keyof OrganizationFields>).filter(
    (name) => JSON.stringify(draft[name]) !== JSON.stringify(changes[name]),
  )
  for (const name of fields) Object.assign(draft, { [name]: changes[name] })
  if (fields.length > 0) moved(draft, now)
  return { ok: true, fields }
}

export function disableOrganization(
  draft: Organization,
  now: number,
  { read }: Read = {},
): Outcome<{ ending: number }, Standing | 'disabled'> {
  const refused = standing(draft, read)
  if (refused) return refused
  if (draft.status === 'disabled') return { ok: false, reason: 'disabled' }
  const ending = draft.ending + 1
  Object.assign(draft, { status: 'disabled', ending })
  moved(draft, now)
  return { ok: true, ending }
}

/** Only of this ending, because what it had to end was looked at before. */
export function enableOrganization(
  draft: Organization,
  ending: number,
  now: number,
): Outcome<Done, Standing | 'active'> {
  const refused = standing(draft)
  if (refused) return refused
  if (draft.status === 'active' || draft.ending !== ending) return { ok: false, reason: 'active' }
  draft.status = 'active'
  moved(draft, now)
  return { ok: true }
}

/** A disabled one is enabled first: its people would be let in by the way. */
export function mergeOrganization(
  draft: Organization,
  into: string,
  now: number,
  { read }: Read = {},
): Outcome<Done, Standing | 'disabled'> {
  const refused = standing(draft, read)
  if (refused) return refused
  if (draft.status === 'disabled') return { ok: false, reason: 'disabled' }
  draft.mergedInto = into
  moved(draft, now)
  return { ok: true }
}

function standing(draft: Organization, read?: number): { ok: false; reason: Standing } | undefined {
  if (!isThere(draft)) return { ok: false, reason: 'unknown' }
  if (draft.mergedInto !== undefined) return { ok: false, reason: 'merged' }
  return read === undefined || read === draft.version ? undefined : { ok: false, reason: 'changed-meanwhile' }
}

function moved(draft: Organization, now: number): void {
  draft.version += 1
  draft.changedAt = now
}
