/**
 * What may be done with applications while the product runs, whichever door it comes by. Whoever may is the door's to say;
 * what was wrong is a value, with the code and the field.
 */
import type { Clock } from '../lib/time.ts'
import type { Found } from '../record/records.ts'
import { type By, type Changing, definitionOf, disable, enable, remove } from './changes.ts'
import type { Checked, DefinitionFault, Definitions } from './definition.ts'
import type { ClientRecord, ClientRecords, Definition, FieldChange, ResourceRecords } from './record.ts'
import type { Registry } from './registry.ts'
import {
  addSecret,
  changeClient,
  createClient,
  madeSecret,
  namesOf,
  removeSecret,
  type SecretChanging,
} from './secrets.ts'

/** Who does it, and by which door. */
export type Who = Omit<By, 'at'>

/** Everything that is kept of a kind of which there are few. */
export const ALL = { by: 'changedAt', limit: 1_000_000 } as const

/** How the application proves who it is by a secret: then we make it one, unless it names one in the environment. */
const BY_SECRET = ['client_secret_basic', 'client_secret_post', undefined]

export type Kept = { ok: true; version: number; changes: FieldChange[] }
/** Shown once. */
export type WithSecret = Kept & { secret?: { id: string; value: string } }
export type Refused =
  | Exclude<SecretChanging, { ok: true }>
  | { ok: false; reason: 'scope-taken' }
  | { ok: false; reason: 'not-in-order'; faults: DefinitionFault[] }

export interface Change {
  /** Fields and what they become; undefined takes one out, so that it is as if it was never given. */
  fields: Readonly<Record<string, unknown>>
  /** The version that was read. */
  read?: number | undefined
}

export interface ClientAdministration {
  list(): Promise<Array<Found<ClientRecord>>>
  find(id: string): Promise<ClientRecord | undefined>
  add(given: unknown, who: Who): Promise<WithSecret | Refused>
  change(id: string, change: Change, who: Who): Promise<Kept | Refused>
  disable(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  enable(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  remove(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  /** What its definition was in that version; status, owner and secrets stay. */
  restore(id: string, version: number, read: number | undefined, who: Who): Promise<Kept | Refused>
  addSecret(id: string, who: Who): Promise<WithSecret | Refused>
  removeSecret(id: string, secretId: string, who: Who): Promise<Kept | Refused>
}

export interface AdministrationParts {
  clients: ClientRecords
  resources: Pick<ResourceRecords, 'list'>
  definitions: Definitions
  registry: Pick<Registry, 'follow'>
  /** What our own pages are called. */
  productNames: readonly string[]
  now: Clock
}

export function clientAdministration(parts: AdministrationParts): ClientAdministration {
  const { clients, definitions, registry, now } = parts
  const by = (who: Who): By => ({ ...who, at: now() })

  /** Our own changes count here at once. */
  async function changing<T>(id: string, rule: (draft: ClientRecord) => T): Promise<T> {
    const outcome = await clients.change(id, rule)
    await registry.follow()
    return outcome
  }

  async function scopes(): Promise<ReadonlySet<string>> {
    const found = await parts.resources.list(ALL)
    return new Set(
      found.flatMap(({ record: { status, definition } }) =>
        status === 'active' && Array.isArray(definition.scopes) ? definition.scopes.map(String) : [],
      ),
    )
  }

  /** Names that people trust, but for its own. */
  async function ours(id: string): Promise<string[]> {
    const others = (await clients.list(ALL)).filter((one) => one.id !== id && one.record.status === 'active')
    const trusted = others.filter(({ record }) => record.definition.first_party === true)
    return [...parts.productNames, ...trusted.map(({ record }) => String(record.definition.client_name))]
  }

  /** Looks at what is there, and keeps what is made of it only over that. */
  async function rewrite(
    id: string,
    read: number | undefined,
    next: (record: ClientRecord) => Record<string, unknown> | undefined,
    who: Who,
  ): Promise<Kept | Refused> {
    const record = await clients.find(id)
    if (!record) return { ok: false, reason: 'not-found' }
    const given = next(record)
    if (!given) return { ok: false, reason: 'no-such-version' }
    const hasSecret = record.secrets.some(({ digest }) => digest !== undefined)
    const checked = definitions.client(given, { scopes: await scopes(), hasSecret, ours: await ours(id) })
    const faults = faultsOf(checked, id)
    if (!checked.ok || faults.length > 0) return { ok: false, reason: 'not-in-order', faults }
    const { definition, secrets: names } = checked
    // Without a version to compare with it is over what was found just now, so nothing is undone unseen.
    const wanted = { on: 'store', read: read ?? record.version } as const
    return changing(id, (draft) => changeClient(draft, { definition, names, ...wanted }, by(who)))
  }

  function simple(rule: typeof disable) {
    return (id: string, read: number | undefined, who: Who): Promise<Changing> =>
      changing(id, (draft) => rule(draft, { on: 'store', read }, by(who)))
  }

  return {
    list: () => clients.list(ALL),
    find: (id) => clients.find(id),

    async add(given, who) {
      const { client_id, client_secret, token_endpoint_auth_method } = (given ?? {}) as Record<string, unknown>
      const makes = client_secret === undefined && BY_SECRET.some((method) => method === token_endpoint_auth_method)
      const checked = definitions.client(given, {
        scopes: await scopes(),
        hasSecret: makes,
        ours: await ours(String(client_id)),
      })
      if (!checked.ok) return { ok: false, reason: 'not-in-order', faults: checked.faults }
      const made = makes ? madeSecret() : undefined
      const { definition, secrets: names } = checked
      const outcome = await changing(String(client_id), (draft) =>
        createClient(draft, { definition, owner: { kind: 'store' }, names, made }, by(who)),
      )
      return outcome.ok && made ? { ...outcome, secret: { id: made.id, value: made.secret } } : outcome
    },

    change: (id, { fields, read }, who) =>
      rewrite(id, read, (record) => ({ ...whole(record.definition, namesOf(record)), ...fields }), who),

    restore: (id, version, read, who) =>
      rewrite(
        id,
        read,
        (record) => {
          const definition = definitionOf(record, version)
          return definition && whole(definition, namesOf(record))
        },
        who,
      ),

    disable: simple(disable),
    enable: simple(enable),
    remove: simple(remove),

    async addSecret(id, who) {
      const made = madeSecret()
      const outcome = await changing(id, (draft) => addSecret(draft, { secret: made, on: 'store' }, by(who)))
      return outcome.ok ? { ...outcome, secret: { id: made.id, value: made.secret } } : outcome
    },

    removeSecret: (id, secretId, who) =>
      changing(id, (draft) => removeSecret(draft, { id: secretId, on: 'store' }, by(who))),
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
