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
  createdAt: number
  changedAt: number
}

/** A draft of one that is not there has this. */
const NEVER = 0

export type Changed = Outcome<{ fields: string[] }, 'unknown' | 'merged'>

export function emptyOrganization(): Organization {
  return { name: '', domains: [], contacts: [], status: 'active', ending: 0, createdAt: NEVER, changedAt: NEVER }
}

export function isThere({ createdAt }: Organization): boolean {
  return createdAt !== NEVER
}

/** The id is a new one: nobody has it. */
export function addOrganization(draft: Organization, fields: OrganizationFields, now: number): void {
  if (isThere(draft)) throw new Error('there is an organization with this id')
  Object.assign(draft, fields, { createdAt: now, changedAt: now })
}

/** What is not named stays. Undefined as the value of a name takes it away. */
export function changeOrganization(draft: Organization, changes: Partial<OrganizationFields>, now: number): Changed {
  const refused = standing(draft)
  if (refused) return refused
  const fields = (Object.keys(changes) as Array<keyof OrganizationFields>).filter(
    (name) => JSON.stringify(draft[name]) !== JSON.stringify(changes[name]),
  )
  for (const name of fields) Object.assign(draft, { [name]: changes[name] })
  if (fields.length > 0) draft.changedAt = now
  return { ok: true, fields }
}

export function disableOrganization(
  draft: Organization,
  now: number,
): Outcome<{ ending: number }, 'unknown' | 'merged' | 'disabled'> {
  const refused = standing(draft)
  if (refused) return refused
  if (draft.status === 'disabled') return { ok: false, reason: 'disabled' }
  const ending = draft.ending + 1
  Object.assign(draft, { status: 'disabled', ending, changedAt: now })
  return { ok: true, ending }
}

/** Only of this ending, because what it had to end was looked at before. */
export function enableOrganization(
  draft: Organization,
  ending: number,
  now: number,
): Outcome<Done, 'unknown' | 'merged' | 'active'> {
  const refused = standing(draft)
  if (refused) return refused
  if (draft.status === 'active' || draft.ending !== ending) return { ok: false, reason: 'active' }
  Object.assign(draft, { status: 'active', changedAt: now })
  return { ok: true }
}

/** A disabled one is enabled first: its people would be let in by the way. */
export function mergeOrganization(
  draft: Organization,
  into: string,
  now: number,
): Outcome<Done, 'unknown' | 'merged' | 'disabled'> {
  const refused = standing(draft)
  if (refused) return refused
  if (draft.status === 'disabled') return { ok: false, reason: 'disabled' }
  Object.assign(draft, { mergedInto: into, changedAt: now })
  return { ok: true }
}

function standing(draft: Organization): { ok: false; reason: 'unknown' | 'merged' } | undefined {
  if (!isThere(draft)) return { ok: false, reason: 'unknown' }
  return draft.mergedInto === undefined ? undefined : { ok: false, reason: 'merged' }
}
