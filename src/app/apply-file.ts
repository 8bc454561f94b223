/**
 * The file of applications, put into the store: those that it names are created or changed, those that it named before and
 * does not any more are disabled. Applied twice it changes nothing; of several nodes that do it at once one has done it.
 */
import { resolve } from 'node:path'
import { type By, change, create, disable, enable, moveLine, type On, refusalOf } from '../client/changes.ts'
import type { Definitions } from '../client/definition.ts'
import { type Entry, readClientsFile } from '../client/file.ts'
import type { ClientRecord, Defined, Owner } from '../client/record.ts'
import type { Registry } from '../client/registry.ts'
import { changeClient, createClient, namesOf, type SecretChanging } from '../client/secrets.ts'
import type { Config } from '../config.ts'
import { InputError } from '../lib/errors.ts'
import type { Clock } from '../lib/time.ts'
import { isSame } from '../record/copy.ts'
import type { Found } from '../record/records.ts'
import type { Store } from '../store/store.ts'

export interface FileParts {
  config: Pick<Config, 'root' | 'clients'>
  durable: Pick<Store['durable'], 'clients' | 'resources'>
  definitions: Definitions
  clients: Pick<Registry, 'follow'>
  now: Clock
}

/** Everything that there is: of the kinds that are mirrored there are few. */
const ALL = { by: 'changedAt', limit: 1_000_000 } as const

/** Throws InputError that names every fault of the file, and then nothing was applied. */
export async function applyFile({ config, durable, definitions, clients, now }: FileParts): Promise<void> {
  const file = resolve(config.root, config.clients)
  const [before, apis] = [await durable.clients.list(ALL), await durable.resources.list(ALL)]
  const withSecrets = new Set(before.filter(({ record }) => record.secrets.length > 0).map(({ id }) => id))
  const entries = readClientsFile(file, definitions, (id) => withSecrets.has(id))
  const by: By = { actor: 'file', via: 'file', at: now() }
  const of = (noun: Entry['noun']) => entries.filter((entry) => entry.noun === noun)
  const owner = ({ line }: Entry): Owner => ({ kind: 'file', file: config.clients, line })

  for (const { id } of left(apis, of('resource'))) await durable.resources.change(id, (draft) => leave(draft, by))
  for (const entry of unlike(apis, of('resource'), owner))
    insist(entry, await durable.resources.change(entry.id, (draft) => put(draft, entry, owner(entry), by, RESOURCE)))
  for (const { id } of left(before, of('client'))) await durable.clients.change(id, (draft) => leave(draft, by))
  for (const entry of unlike(before, of('client'), owner))
    insist(entry, await durable.clients.change(entry.id, (draft) => put(draft, entry, owner(entry), by, CLIENT)))
  await clients.follow()
}

function left<R extends Defined>(kept: Array<Found<R>>, named: Entry[]): Array<Found<R>> {
  const ids = new Set(named.map(({ id }) => id))
  return kept.filter(({ id, record }) => record.owner.kind === 'file' && record.status === 'active' && !ids.has(id))
}

/** Those that are not in the store as the file has them. */
function unlike<R extends Defined & { secrets?: ClientRecord['secrets'] }>(
  kept: Array<Found<R>>,
  named: Entry[],
  ownerOf: (entry: Entry) => Owner,
): Entry[] {
  const before = new Map(kept.map(({ id, record }) => [id, record]))
  return named.filter((entry) => {
    const there = before.get(entry.id)
    return !(
      there?.status === 'active' &&
      isSame(there.definition, entry.definition) &&
      isSame(there.owner, ownerOf(entry)) &&
      isSame(namesOf({ secrets: there.secrets ?? [] }), entry.secrets)
    )
  })
}

interface Rules<R extends Defined> {
  create(draft: R, entry: Entry, owner: Owner, by: By): SecretChanging
  change(draft: R, entry: Entry, by: By): SecretChanging
}

const ON: { on: On } = { on: 'file' }
const RESOURCE: Rules<Defined> = {
  create: (draft, { definition }, owner, by) => create(draft, { definition, owner }, by),
  change: (draft, { definition }, by) => change(draft, { definition, ...ON }, by),
}
const CLIENT: Rules<ClientRecord> = {
  create: (draft, { definition, secrets }, owner, by) => createClient(draft, { definition, owner, names: secrets }, by),
  change: (draft, { definition, secrets }, by) => changeClient(draft, { definition, names: secrets, ...ON }, by),
}

function put<R extends Defined>(draft: R, entry: Entry, owner: Owner, by: By, rules: Rules<R>): SecretChanging {
  if (draft.version === 0) return rules.create(draft, entry, owner, by)
  const outcome = rules.change(draft, entry, by)
  if (!outcome.ok) return outcome
  moveLine(draft, owner, by.at)
  return wasLeft(draft) ? enable(draft, ON, by) : outcome
}

function leave(draft: Defined, by: By): SecretChanging {
  return refusalOf(draft, ON) ?? disable(draft, ON, by)
}

/** Disabled because it was out of the file. What an administrator disabled stays so. */
function wasLeft({ status, versions }: Defined): boolean {
  const last = versions.findLast(({ changes }) => changes.some(({ field }) => field === 'status'))
  return status === 'disabled' && last?.via === 'file'
}

function insist({ id }: Entry, outcome: SecretChanging): void {
  if (!outcome.ok)
    throw new InputError('The file of applications is not usable:', [
      { path: id, reason: WORDS[outcome.reason] ?? outcome.reason },
    ])
}

const WORDS: Record<string, string> = {
  deleted: 'was deleted, and an id is never given again',
  'owned-by-store': 'is administered by pages and commands: take it out of the file',
  'too-many-secrets': 'has too many secrets',
}
