/** Applications in memory, with all the rules and without a store or a library that would refuse any. */
import {
  type ClientAdministration,
  clientAdministration,
  type Kept,
  type Previewed,
} from '../../../src/client/administration.ts'
import { type Approvals, approvals } from '../../../src/client/approvals.ts'
import { definitions } from '../../../src/client/definition.ts'
import type { Logos } from '../../../src/client/logos.ts'
import {
  ALL,
  type ClientRecord,
  type ClientRecords,
  clientKind,
  type ResourceRecords,
  resourceKind,
} from '../../../src/client/record.ts'
import { type ResourceAdministration, resourceAdministration } from '../../../src/client/resource-administration.ts'
import type { Found } from '../../../src/record/records.ts'
import { memoryRecords } from './memory-records.ts'

/** In order, and without a secret: we make it one. */
export const CLIENT = {
  client_id: 'roster',
  client_name: 'Roster',
  redirect_uris: ['https://roster.example.org/callback'],
}

export const DEFINITIONS = definitions(
  {
    production: true,
    secret: (name) => (name.startsWith('ROSTER') ? `${name}-`.padEnd(43, 'x') : undefined),
    acrValues: ['urn:sigma:acr:mfa'],
    reserved: ['sigma-account', 'sigma-admin'],
  },
  () => undefined,
)

export interface Applications {
  clients: ClientRecords
  resources: ResourceRecords
  administration: ClientAdministration
  approvals: Approvals
  apis: ResourceAdministration
}

export function applications(now: () => number): Applications {
  const clients = memoryRecords(clientKind)
  const resources = memoryRecords(resourceKind)
  let held: Array<Found<ClientRecord>> = []
  const registry = {
    async follow() {
      held = await clients.list(ALL)
      return true
    },
    records: () => held,
    list: () => ({ found: [], next: undefined }),
  }
  const parts = { clients, resources, definitions: DEFINITIONS, registry, productNames: [], now }
  const apis = resourceAdministration({ resources, definitions: DEFINITIONS, registry, now })
  return { clients, resources, administration: clientAdministration(parts), approvals: approvals(parts), apis }
}

/** Whatever is asked is done, to nothing. */
export function willingApplications(): ClientAdministration {
  const done = async (): Promise<Kept> => ({ ok: true, version: 1, changes: [] })
  const previewed = async (): Promise<Previewed> => ({ ...(await done()), definition: {}, read: 0, waits: false })
  return {
    list: () => ({ found: [], next: undefined }),
    find: async () => clientKind.empty(),
    add: done,
    change: done,
    disable: done,
    enable: done,
    remove: done,
    restore: done,
    previewAdd: previewed,
    preview: previewed,
    addSecret: done,
    removeSecret: done,
  }
}

export function willingLogos(): Pick<Logos, 'set' | 'remove'> {
  const done = async (): Promise<Kept> => ({ ok: true, version: 1, changes: [] })
  return { set: done, remove: done }
}

export function willingResources(): ResourceAdministration {
  const done = async (): Promise<Kept> => ({ ok: true, version: 1, changes: [] })
  return {
    list: async () => [],
    find: async () => resourceKind.empty(),
    add: done,
    preview: done,
    change: done,
    disable: done,
    enable: done,
    remove: done,
    restore: done,
  }
}
