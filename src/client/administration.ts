/**
 * What may be done with applications while the product runs, whichever door it comes by. Whoever may is the door's to say;
 * what was wrong is a value, with the code and the field.
 */
import type { Clock } from '../lib/time.ts'
import { type BesideParts, besideOf } from './beside.ts'
import { type By, type Done, definitionOf, disable, enable, remove } from './changes.ts'
import type { Checked, DefinitionFault, Definitions } from './definition.ts'
import type { Listed, Wanted } from './listing.ts'
import { mayTouch, NOT_HELD } from './power.ts'
import { propose } from './proposal.ts'
import { needsApproval } from './protection.ts'
import {
  type Asked,
  type ClientRecord,
  type ClientRecords,
  clientKind,
  type Definition,
  type Proposal,
  type Status,
} from './record.ts'
import type { Registry } from './registry.ts'
import {
  addSecret,
  changeClient,
  createClient,
  type MadeSecret,
  madeSecret,
  namesOf,
  removeSecret,
  type SecretChanging,
} from './secrets.ts'

/** Who does it, and by which door. */
export interface Who extends Omit<By, 'at'> {
  /** May give roles, and so the power to administer (power.ts). */
  mayEmpower?: boolean
}

/** How the application proves who it is by a secret: then we make it one, unless it names one in the environment. */
const BY_SECRET = ['client_secret_basic', 'client_secret_post', undefined]

/** Nothing is changed where there is a proposal: it waits for a second person. */
export type Kept = Done & { proposal?: Proposal }
/** Shown once: who asks for the same again is not told the value. */
export type WithSecret = Kept & { secret?: { id: string; value?: string } }
export type Refused =
  | Exclude<SecretChanging, { ok: true }>
  | { ok: false; reason: 'scope-taken' | 'too-many-proposals' }
  | typeof NOT_HELD
  | { ok: false; reason: 'not-in-order'; faults: DefinitionFault[] }

export interface Change {
  /** Fields and what they become; undefined takes one out, so that it is as if it was never given. */
  fields: Readonly<Record<string, unknown>>
  /** The version that was read. */
  read?: number | undefined
}

/** What would become of it. */
export type Previewed = Kept & {
  /** As it would be. */
  definition: Definition
  /** The version that it would be done over; 0 for one that is not there yet. */
  read: number
  /** It would wait for a second person. */
  waits: boolean
}

export interface ClientAdministration {
  /** From memory. */
  list(wanted: Wanted): Listed
  find(id: string): Promise<ClientRecord | undefined>
  add(given: unknown, who: Who): Promise<WithSecret | Refused>
  change(id: string, change: Change, who: Who): Promise<Kept | Refused>
  disable(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  enable(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  remove(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  /** What its definition was in that version; status, owner and secrets stay. */
  restore(id: string, version: number, read: number | undefined, who: Who): Promise<Kept | Refused>
  /** What adding it would make. Nothing is kept, by this or by the next. */
  previewAdd(given: unknown): Promise<Previewed | Refused>
  /** What a change would change; `to` is an earlier version that would be put back, instead of fields. */
  preview(id: string, change: Change | { to: number; read?: number | undefined }): Promise<Previewed | Refused>
  addSecret(id: string, read: number | undefined, who: Who): Promise<WithSecret | Refused>
  removeSecret(id: string, secretId: string, read: number | undefined, who: Who): Promise<Kept | Refused>
}

export interface AdministrationParts extends BesideParts {
  clients: ClientRecords
  definitions: Definitions
  registry: Pick<Registry, 'follow' | 'list'>
  now: Clock
}

export function clientAdministration(parts: AdministrationParts): ClientAdministration {
  const { clients, definitions, registry, now } = parts
  const beside = besideOf(parts)
  const by = (who: Who): By => ({ ...who, at: now() })

  /** Our own changes count here at once. */
  async function changing<T>(id: string, rule: (draft: ClientRecord) => T): Promise<T> {
    const outcome = await clients.change(id, rule)
    await registry.follow()
    return outcome
  }

  /** What waits for a second person becomes a proposal, in the same write. */
  function changeOrAsk(
    id: string,
    rule: (draft: ClientRecord) => SecretChanging,
    asked: Omit<Asked, 'on'>,
    who: Who,
  ): Promise<Kept | Refused> {
    return changing(id, (draft) => {
      const outcome = asked.status === undefined || asked.status === 'active' ? held(draft, rule, who) : rule(draft)
      if (outcome.ok || outcome.reason !== 'needs-approval') return outcome
      const proposed = propose(draft, { on: draft.owner.kind, ...asked }, outcome.changes, by(who))
      return proposed.ok ? { ok: true, version: draft.version, changes: [], proposal: proposed.proposal } : proposed
    })
  }

  /** Looks at what is there; what is made of it is kept only over that. */
  async function rewriting(
    id: string,
    read: number | undefined,
    next: (record: ClientRecord) => Record<string, unknown> | undefined,
  ): Promise<Rewriting | Refused> {
    const record = await clients.find(id)
    if (!record) return { ok: false, reason: 'not-found' }
    const given = next(record)
    if (!given) return { ok: false, reason: 'no-such-version' }
    const hasSecret = record.secrets.some(({ digest }) => digest !== undefined)
    const checked = definitions.client(given, await beside(id, hasSecret))
    const faults = faultsOf(checked, id)
    if (!checked.ok || faults.length > 0) return { ok: false, reason: 'not-in-order', faults }
    const { definition, secrets: names } = checked
    // Without a version to compare with it is over what was found just now, so nothing is undone unseen.
    return { ok: true, record, rule: { definition, names, on: 'store', read: read ?? record.version } }
  }

  async function rewrite(...[id, read, next, who]: [...Parameters<typeof rewriting>, Who]): Promise<Kept | Refused> {
    const found = await rewriting(id, read, next)
    if (!found.ok) return found
    const { definition, names } = found.rule
    if (!mayTouch(who, found.record.definition, definition)) return NOT_HELD
    return changeOrAsk(id, (draft) => changeClient(draft, found.rule, by(who)), { definition, names }, who)
  }

  /** A definition for a new one, and whether we make it a secret. */
  async function adding(given: unknown): Promise<Adding | Refused> {
    const { client_id, client_secret, token_endpoint_auth_method } = (given ?? {}) as Record<string, unknown>
    const makes = client_secret === undefined && BY_SECRET.some((method) => method === token_endpoint_auth_method)
    const checked = definitions.client(given, await beside(String(client_id), makes))
    if (!checked.ok) return { ok: false, reason: 'not-in-order', faults: checked.faults }
    const { definition, secrets: names } = checked
    const made = makes ? madeSecret() : undefined
    return { ok: true, id: String(client_id), made, rule: { definition, names, made, owner: { kind: 'store' } } }
  }

  function simple(rule: typeof disable, status: Status) {
    return (id: string, read: number | undefined, who: Who) =>
      changeOrAsk(id, (draft) => rule(draft, { on: 'store', read }, by(who)), { status }, who)
  }

  return {
    list: (wanted) => registry.list(wanted),
    find: (id) => clients.find(id),

    async add(given, who) {
      const found = await adding(given)
      if (!found.ok) return found
      const { id, made, rule } = found
      if (!mayTouch(who, rule.definition)) return NOT_HELD
      return withSecret(await changing(id, (draft) => createClient(draft, rule, by(who))), made)
    },

    change: (id, { fields, read }, who) => rewrite(id, read, changed(fields), who),
    restore: (id, version, read, who) => rewrite(id, read, restored(version), who),

    // The very rules, over a copy that nobody keeps.
    async previewAdd(given) {
      const found = await adding(given)
      if (!found.ok) return found
      const draft = (await clients.find(found.id)) ?? clientKind.empty()
      const outcome = createClient(draft, found.rule, NOBODY)
      return outcome.ok ? { ...outcome, definition: draft.definition, read: 0, waits: false } : outcome
    },

    async preview(id, wanted) {
      const found = await rewriting(id, wanted.read, 'to' in wanted ? restored(wanted.to) : changed(wanted.fields))
      if (!found.ok) return found
      const { record: draft, rule } = found
      const { version: read, definition: before } = draft
      const outcome = changeClient(draft, rule, NOBODY)
      if (!outcome.ok) return outcome
      const waits = needsApproval({ version: read, definition: before }, outcome.changes)
      return { ...outcome, definition: draft.definition, read, waits }
    },

    disable: simple(disable, 'disabled'),
    enable: simple(enable, 'active'),
    remove: simple(remove, 'deleted'),

    async addSecret(id, read, who) {
      const made = madeSecret()
      const rule = (draft: ClientRecord) => addSecret(draft, { secret: made, on: 'store', read }, by(who))
      return withSecret(await changeOrAsk(id, rule, { secret: true }, who), made)
    },

    // Never held up: an emergency.
    removeSecret: (id, secretId, read, who) =>
      changing(id, (draft) => removeSecret(draft, { id: secretId, on: 'store', read }, by(who))),
  }
}

/** Disabling and deleting take power away, so they ask for none. */
function held(draft: ClientRecord, rule: (draft: ClientRecord) => SecretChanging, who: Who) {
  return mayTouch(who, draft.definition) ? rule(draft) : NOT_HELD
}

/** Of what was done before only the id is known. */
function withSecret(outcome: Kept | Refused, made: MadeSecret | undefined): WithSecret | Refused {
  if (!outcome.ok || outcome.proposal) return outcome
  const before = outcome.before?.find(({ field, to }) => field === 'secrets' && typeof to === 'string')
  if (before) return { ...outcome, secret: { id: String(before.to) } }
  return made && !outcome.before ? { ...outcome, secret: { id: made.id, value: made.secret } } : outcome
}

interface Rewriting {
  ok: true
  record: ClientRecord
  rule: Parameters<typeof changeClient>[1]
}

interface Adding {
  ok: true
  id: string
  made: ReturnType<typeof madeSecret> | undefined
  rule: Parameters<typeof createClient>[1]
}

/** Of what is not kept, and waits for nobody. */
const NOBODY: By = { actor: '', via: '', at: 0, approvedBy: '' }

function changed(fields: Change['fields']) {
  return (record: ClientRecord) => ({ ...whole(record.definition, namesOf(record)), ...fields })
}

function restored(version: number) {
  return (record: ClientRecord) => {
    const definition = definitionOf(record, version)
    return definition && whole(definition, namesOf(record))
  }
}

/** As it would be given: with the names of its secrets in the environment. */
export function whole(definition: Definition, [newest, before]: readonly string[]): Record<string, unknown> {
  return {
    ...definition,
    ...(newest !== undefined && { client_secret: { env: newest } }),
    ...(before !== undefined && { previous_client_secret: { env: before } }),
  }
}

/** An id is never changed: whatever was given under it would be somebody else's. */
function faultsOf(checked: Checked<unknown>, id: string): DefinitionFault[] {
  if (!checked.ok) return checked.faults
  if (checked.definition.client_id === id) return []
  return [{ code: 'fixed', path: ['client_id'], reason: 'cannot be changed' }]
}
