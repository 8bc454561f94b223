/**
 * What may be done with resources, which are APIs that take our access tokens, while the product runs. Whoever may is the
 * door's to say; what was wrong is a value, with the code and the field.
 */
import type { Clock } from '../lib/time.ts'
import { type Found, KeyTaken } from '../record/records.ts'
import type { Change, Kept, Refused, Who } from './administration.ts'
import {
  type By,
  type Changing,
  change,
  create,
  definitionOf,
  disable,
  enable,
  fieldChanges,
  refusalOf,
  remove,
} from './changes.ts'
import { claimedTwice, scopesHeld } from './claimed-scopes.ts'
import type { Checked, DefinitionFault, Definitions } from './definition.ts'
import { ALL, type Definition, type ResourceRecord, type ResourceRecords, scopeKey } from './record.ts'
import type { Registry } from './registry.ts'
import type { Resource } from './resource-fields.ts'

/** Every resource goes by its indicator. */
export interface ResourceAdministration {
  list(): Promise<Array<Found<ResourceRecord>>>
  find(indicator: string): Promise<ResourceRecord | undefined>
  add(given: unknown, who: Who): Promise<Kept | Refused>
  change(indicator: string, change: Change, who: Who): Promise<Kept | Refused>
  disable(indicator: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  enable(indicator: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  /** For good: the indicator is never given to another. */
  remove(indicator: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  /** What a change would change. Nothing is kept. */
  preview(indicator: string, wanted: Change | Earlier): Promise<Kept | Refused>
  /** What its definition was in that version; status and owner stay. */
  restore(indicator: string, version: number, read: number | undefined, who: Who): Promise<Kept | Refused>
}

export interface ResourceAdministrationParts {
  resources: ResourceRecords
  definitions: Pick<Definitions, 'resource'>
  registry: Pick<Registry, 'follow'>
  now: Clock
}

/** An earlier version that is put back. */
export interface Earlier {
  to: number
  read?: number | undefined
}

interface Looked {
  ok: true
  record: ResourceRecord
  definition: Definition
  scopes: string[]
  read: number
}

type NotInOrder = Extract<Refused, { reason: 'not-in-order' }>

export function resourceAdministration(parts: ResourceAdministrationParts): ResourceAdministration {
  const { resources, definitions, registry, now } = parts
  const by = (who: Who): By => ({ ...who, at: now() })

  /** Our own changes count here at once. `taken` is what becomes of it if another has one of its scopes by now. */
  async function changing(
    indicator: string,
    rule: (draft: ResourceRecord) => Changing,
    taken: (scope: string) => Refused,
  ): Promise<Kept | Refused> {
    try {
      return await resources.change(indicator, rule)
    } catch (fault) {
      if (!(fault instanceof KeyTaken)) throw fault
      return taken(fault.key.slice(scopeKey('').length))
    } finally {
      await registry.follow()
    }
  }

  async function checked(indicator: string, given: unknown): Promise<Checked<Resource>> {
    const outcome = definitions.resource(given)
    if (!outcome.ok) return outcome
    const others = (await resources.list(ALL)).filter((one) => one.id !== indicator)
    const held = new Set(others.flatMap(({ record }) => scopesHeld(record)))
    const faults = [...claimedTwice(outcome.fields.scopes, held), ...fixed(outcome.fields, indicator)]
    return faults.length > 0 ? { ok: false, faults } : outcome
  }

  /** What is there would become, if that is in order. */
  async function looked(indicator: string, wanted: Change | Earlier): Promise<Looked | Refused> {
    const record = await resources.find(indicator)
    if (!record) return { ok: false, reason: 'not-found' }
    const given = 'to' in wanted ? definitionOf(record, wanted.to) : { ...record.definition, ...wanted.fields }
    if (!given) return { ok: false, reason: 'no-such-version' }
    const outcome = await checked(indicator, given)
    if (!outcome.ok) return notInOrder(outcome.faults)
    // Without a version to compare with it is over what was found just now, so nothing is undone unseen.
    const read = wanted.read ?? record.version
    return { ok: true, record, definition: outcome.definition, scopes: outcome.fields.scopes, read }
  }

  async function rewrite(indicator: string, wanted: Change | Earlier, who: Who): Promise<Kept | Refused> {
    const found = await looked(indicator, wanted)
    if (!found.ok) return found
    const { definition, scopes, read } = found
    return changing(
      indicator,
      (draft) => change(draft, { definition, on: 'store', read }, by(who)),
      (scope) => notInOrder(claimedTwice(scopes, new Set([scope]))),
    )
  }

  function simple(rule: typeof disable) {
    return (indicator: string, read: number | undefined, who: Who) =>
      changing(
        indicator,
        (draft) => rule(draft, { on: 'store', read }, by(who)),
        () => ({ ok: false, reason: 'scope-taken' }),
      )
  }

  return {
    list: () => resources.list(ALL),
    find: (indicator) => resources.find(indicator),

    async add(given, who) {
      const indicator = String((given as Partial<Resource> | undefined)?.indicator)
      const outcome = await checked(indicator, given)
      if (!outcome.ok) return notInOrder(outcome.faults)
      const { definition, fields } = outcome
      return changing(
        indicator,
        (draft) => create(draft, { definition, owner: { kind: 'store' } }, by(who)),
        (scope) => notInOrder(claimedTwice(fields.scopes, new Set([scope]))),
      )
    },

    change: (indicator, wanted, who) => rewrite(indicator, wanted, who),
    restore: (indicator, to, read, who) => rewrite(indicator, { to, read }, who),

    async preview(indicator, wanted) {
      const found = await looked(indicator, wanted)
      if (!found.ok) return found
      const { record, definition, read } = found
      const refusal = refusalOf(record, { on: 'store', read })
      if (refusal) return refusal
      return { ok: true, version: record.version, changes: fieldChanges(record.definition, definition) }
    },

    disable: simple(disable),
    enable: simple(enable),
    remove: simple(remove),
  }
}

/** An indicator is never changed: tokens for it would be somebody else's. */
function fixed(fields: Resource, indicator: string): DefinitionFault[] {
  if (fields.indicator === indicator) return []
  return [{ code: 'fixed', path: ['indicator'], reason: 'cannot be changed' }]
}

function notInOrder(faults: DefinitionFault[]): NotInOrder {
  return { ok: false, reason: 'not-in-order', faults }
}
