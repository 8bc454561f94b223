/** What a definition is checked beside: the scopes that there are, and names that people trust. */
import { scopesHeld } from './claimed-scopes.ts'
import type { Beside } from './definition.ts'
import { ALL, type ClientRecords, type ResourceRecords } from './record.ts'

export interface BesideParts {
  clients: Pick<ClientRecords, 'list'>
  resources: Pick<ResourceRecords, 'list'>
  /** What our own pages are called. */
  productNames: readonly string[]
}

/** For the application with this id, as the store has everything else now. */
export type BesideOf = (id: string, hasSecret: boolean) => Promise<Beside>

export function besideOf({ clients, resources, productNames }: BesideParts): BesideOf {
  async function scopes(): Promise<ReadonlySet<string>> {
    const found = await resources.list(ALL)
    return new Set(found.flatMap(({ record }) => scopesHeld(record)))
  }

  /** Names that people trust, but for its own. */
  async function ours(id: string): Promise<string[]> {
    const others = (await clients.list(ALL)).filter((one) => one.id !== id && one.record.status === 'active')
    const trusted = others.filter(({ record }) => record.definition.first_party === true)
    return [...productNames, ...trusted.map(({ record }) => String(record.definition.client_name))]
  }

  return async (id, hasSecret) => ({ scopes: await scopes(), hasSecret, ours: await ours(id) })
}
