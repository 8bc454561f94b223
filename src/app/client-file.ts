/** The file of applications on this machine, and what a start does with it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Audit } from '../audit/audit.ts'
import { scopesHeld } from '../client/claimed-scopes.ts'
import { type ClientFile, clientFile, inShort } from '../client/client-file.ts'
import type { Definitions } from '../client/definition.ts'
import { checkedFile, type Elsewhere } from '../client/file.ts'
import { isNothing, type Kept, type Plan } from '../client/plan.ts'
import type { Registry } from '../client/registry.ts'
import type { Config } from '../config.ts'
import { InputError } from '../lib/errors.ts'
import { fileReason } from '../lib/file-fault.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import type { Store } from '../store/store.ts'

/** Between two looks at whether somebody else is done with applying one. */
const LOOK = 100

export interface ClientFileParts {
  config: Pick<Config, 'root' | 'clients'>
  durable: Pick<Store['durable'], 'clients' | 'resources' | 'appliedFiles'>
  definitions: Definitions
  /** What our own pages are called. */
  productNames: readonly string[]
  clients: Pick<Registry, 'follow'>
  now: Clock
}

export function clientFileOf({
  config,
  durable,
  definitions,
  productNames,
  clients,
  now,
}: ClientFileParts): ClientFile {
  const { file: name } = config.clients
  return clientFile({
    clients: durable.clients,
    resources: durable.resources,
    appliedFiles: durable.appliedFiles,
    name,
    read: () => contentOf(resolve(config.root, name), name),
    check: (text, kept) => checkedFile(text, { name, definitions, elsewhere: elsewhere(kept, productNames) }),
    follow: clients.follow,
    pause: () => pause(LOOK),
    now,
  })
}

export function contentOf(path: string, name: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (fault) {
    const reason = fileReason(fault) ?? 'cannot be read'
    throw new InputError('The file of applications is not usable:', [{ path: name, reason, code: 'no-file', line: 1 }])
  }
}

/** Of what no file owns. */
function elsewhere(kept: readonly Kept[], product: readonly string[]): Elsewhere {
  const others = kept.filter(({ record }) => record.owner.kind === 'store' && record.status === 'active')
  return {
    scopes: (but) =>
      others.flatMap(({ noun, id, record }) => (noun === 'resource' && !but.has(id) ? scopesHeld(record) : [])),
    ours: [
      ...product,
      ...others.flatMap(({ record: { definition } }) =>
        definition.first_party ? [String(definition.client_name)] : [],
      ),
    ],
    hasSecret: (id) =>
      kept.some(
        (one) => one.noun === 'client' && one.id === id && one.record.secrets?.some(({ env }) => env === undefined),
      ),
  }
}

/** At every start: whoever changed the file has to know that it is not what counts. */
function warnOf({ waiting, byHand }: Plan, file: string, log: Pick<Log, 'warn'>): void {
  for (const { id, approval } of waiting)
    log.warn({ file, client: id, approval: approval?.id, state: approval?.state }, 'a change waits for approval')
  const clients = byHand.map(({ id }) => id)
  if (clients.length > 0) log.warn({ file, clients }, 'disabled by hand: the file does not enable them')
}

export interface Applying {
  config: Pick<Config, 'clients' | 'store'>
  clients: Pick<Registry, 'isEmpty'>
  record: Audit
  log: Log
}

/** Applies the file where a start does so; otherwise says how it differs, and goes on with what the store has. */
export async function applyFile(file: ClientFile, { config, clients, record, log }: Applying): Promise<void> {
  const cluster = config.store.kind === 'cluster'
  const { file: name, applyAtStart: applies = !cluster } = config.clients
  try {
    const started = await file.start({ applies, cluster })
    if ('plan' in started) {
      warnOf(started.plan, name, log)
      for (const { id, approval } of started.plan.waiting)
        if (approval?.asked)
          await record({
            type: 'approval.requested',
            outcome: 'ok',
            client: id,
            details: { approval: approval.id, via: 'start' },
          })
    }
    if (started.ok && isNothing(started.plan)) return
    if (started.ok) {
      const { created, changed, disabled, digest } = started.plan
      const counts = { created: created.length, changed: changed.length, disabled: disabled.length }
      await record({
        type: 'admin.verb',
        outcome: 'ok',
        details: { verb: 'clients:apply', via: 'start', digest, ...counts },
      })
      return
    }
    const differs =
      'plan' in started
        ? inShort(started.plan)
        : started.faults.map(({ path, reason }) => `${path} ${reason}`).join('; ')
    log.warn({ file: name, differs }, 'the file of applications is not what the store has: see clients:plan')
  } catch (fault) {
    // What the store has is enough to go on with.
    if (applies || clients.isEmpty() || !(fault instanceof InputError)) throw fault
    log.warn({ file: name, reason: fault.message }, 'the file of applications is not usable')
  }
}
