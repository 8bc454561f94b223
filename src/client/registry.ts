/**
 * The applications and resources of the moment, in memory: what their records say, as the provider wants it, with the
 * ones that are built in. Made once for each version of a record, so a request costs the same however many there are.
 *
 * One that was disabled or deleted is not here, and whatever it was given is not either (oidc/adapter.ts). Nor is one
 * whose record is not in order any more, by the rules of another release or of production.
 */
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import { SECOND_FACTORS } from '../person/second-factor.ts'
import { mirror } from '../record/mirror.ts'
import type { Found } from '../record/records.ts'
import { type Client, type Clients, type LiveResource, metadataOf } from './client.ts'
import { type Definitions, fieldName } from './definition.ts'
import { inOrder, type Listed, listed, type Ordered, type Wanted } from './listing.ts'
import {
  type ClientRecord,
  type ClientRecords,
  clientKind,
  type FieldChange,
  type ResourceRecords,
  resourceKind,
} from './record.ts'
import { OWN_SCOPES, scopeNames } from './scopes.ts'
import { liveSecrets } from './secrets.ts'

export interface Registry extends Clients {
  /** Judges all of them now, and not when somebody first asks for one. */
  prepare(): void
  /** Takes up what has changed. True if anything had. */
  follow(): Promise<boolean>
  /** Nothing was ever kept. */
  isEmpty(): boolean
  /** Records of applications, also of those that are not served. */
  list(wanted: Wanted): Listed
  /** Digests of the logos that applications have; not of those that were deleted. */
  readonly logos: ReadonlySet<string>
  /** Of applications, as this node knows them. Not to be changed. */
  records(): Iterable<Found<ClientRecord>>
}

export interface RegistryParts {
  clients: Pick<ClientRecords, 'list'>
  resources: Pick<ResourceRecords, 'list'>
  definitions: Definitions
  /** What the environment has under this name. */
  secret: (name: string) => string | undefined
  builtIn: readonly Client[]
  /** Of APIs of our own. */
  ownResources: readonly LiveResource[]
  /** Milliseconds by which the clocks of those who change records may differ. */
  clocksApart: number
  now: Clock
  log: Pick<Log, 'error'>
}

interface Taken {
  found: ReadonlyMap<string, Client>
  resources: readonly LiveResource[]
  logos: ReadonlySet<string>
}

type Made = Omit<Client, 'scopes'> & { scope: string[] }

export async function registry(parts: RegistryParts): Promise<Registry> {
  const { definitions, clocksApart, now, log } = parts
  const own = new Map(parts.builtIn.map((client) => [client.metadata.client_id, client]))
  const [clients, apis] = await Promise.all([
    mirror({ records: parts.clients, keys: clientKind.keys, clocksApart, now }),
    mirror({ records: parts.resources, keys: resourceKind.keys, clocksApart, now }),
  ])
  const made = new Map<string, { version: number; client: Made | undefined }>()
  let taken: Taken | undefined
  let ordered: Ordered | undefined

  function clientOf(id: string, record: ClientRecord): Made | undefined {
    const known = made.get(id)
    if (known?.version === record.version) return known.client
    const client = record.status === 'active' ? newClient(id, record) : undefined
    made.set(id, { version: record.version, client })
    return client
  }

  function newClient(id: string, record: ClientRecord): Made | undefined {
    const checked = definitions.client(record.definition, { scopes: undefined, hasSecret: true, ours: [] })
    if (!checked.ok) {
      const faults = checked.faults.map(({ path, reason }) => `${fieldName(path)}: ${reason}`)
      log.error({ client: id, version: record.version, faults }, 'a client is not usable')
      return undefined
    }
    const { fields } = checked
    return {
      metadata: metadataOf(fields),
      secrets: liveSecrets(record.secrets, parts.secret),
      endedAt: record.endedAt,
      assuranceAt: assuranceAt(record),
      scope: scopeNames(fields.scope),
      loginUri: fields.initiate_login_uri ?? fields.client_uri,
      ...(record.logo !== undefined && { logo: record.logo }),
    }
  }

  /** Together: what an application may ask for is no more than the resources that there are. */
  function take(): Taken {
    const others = [...apis.all()].flatMap(({ record }) => {
      const checked = definitions.resource(record.definition)
      return record.status === 'active' && checked.ok ? [{ ...checked.fields, endedAt: record.endedAt }] : []
    })
    const resources = [...parts.ownResources, ...others]
    const known = new Set([...OWN_SCOPES, ...resources.flatMap(({ scopes }) => scopes)])
    const next = new Map<string, Client>()
    for (const { id, record } of clients.all()) {
      const client = clientOf(id, record)
      if (!client) continue
      const { scope, ...rest } = client
      next.set(id, { ...rest, scopes: new Set(scope.filter((name) => known.has(name))) })
    }
    for (const [id, client] of own) next.set(id, client)
    const logos = [...clients.all()].flatMap(({ record }) => (record.status !== 'deleted' && record.logo) || [])
    return { found: next, resources, logos: new Set(logos) }
  }

  /** When somebody first asks: many a command is about people only, and each application is judged by all of its rules. */
  function served(): Taken {
    taken ??= take()
    return taken
  }

  return {
    find: (id) => served().found.get(id),
    get ids() {
      return [...served().found.keys()]
    },
    get resources() {
      return served().resources
    },
    get logos() {
      return served().logos
    },
    prepare: () => void served(),
    async follow() {
      const [some, others] = await Promise.all([clients.follow(), apis.follow()])
      if (some || others) {
        ordered = undefined
        taken &&= take()
      }
      return some || others
    },
    records: () => clients.all(),
    isEmpty: () => [...clients.all()].length + [...apis.all()].length === 0,
    list(wanted) {
      ordered ??= inOrder(clients.all())
      return listed(ordered, wanted)
    },
  }
}

const ASSURANCE = ['minimum_acr', 'second_factors', 'remembered_devices']

/** When it last changed what counts here; undefined if it is as it was at first. */
export function assuranceAt({ versions }: ClientRecord): number | undefined {
  const says = (change: FieldChange) => ASSURANCE.includes(change.field) && !countsMore(change)
  return versions.findLast(({ version, changes }) => version > 1 && changes.some(says))?.at
}

/** What was proven before counts as it did. */
function countsMore({ field, from = SECOND_FACTORS, to = SECOND_FACTORS }: FieldChange): boolean {
  return field === 'second_factors' && [from].flat().every((factor) => [to].flat().includes(factor))
}
