/**
 * What is done to stores as a whole: copied into the other form, backed up, and made fit to be used after a restore. With
 * app.ts and core.ts the only place that knows which stores there are. Every run is kept in the audit trail, by whoever
 * the machine knows them as.
 */
import { resolve } from 'node:path'
import { operatorActor } from '../audit/actor.ts'
import { type AuditStore, audit } from '../audit/audit.ts'
import type { Config } from '../config.ts'
import { insistStore, storeFile } from '../data-folder.ts'
import { AppError, InputError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { afterRestore, type Restored } from '../store/after-restore.ts'
import { type Copied, copyStore, type Tally } from '../store/copy.ts'
import type { PortableStore, SectionName } from '../store/portable.ts'
import { backUp } from '../store/sqlite/backup.ts'
import { backUpInto, type FolderBackup, LATER, ownerOf, type Retention } from '../store/sqlite/backup-folder.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import { openSqlitePortable } from '../store/sqlite/portable.ts'
import type { Drill } from './drill.ts'
import { type Compacted, compaction } from './free-space.ts'

export const FORMS = ['embedded', 'cluster'] as const
export type Form = (typeof FORMS)[number]

export interface StoresParts {
  /** With where both forms are, for copying. */
  config: Config
  now: Clock
  log: Pick<Log, 'warn'>
  operator: string
}

export interface StoreCopy {
  from: Form
  to: Form
  /** How many records each section has, and how many of them were there already. */
  records: Copied
  /** Whether the audit trail in the target is one chain. */
  trailIntact: boolean
  seconds: number
}

export interface Stores {
  /** Every node has to be stopped. May be run again after it was interrupted. */
  copy(from: Form, to: Form, onProgress?: (section: SectionName, tally: Tally) => void): Promise<StoreCopy>
  /** The embedded form only; a server may be running beside it. */
  backUp(to: string): Promise<{ file: string; bytes: number }>
  /** The same, named by its moment; then those go that there are too many of. */
  backUpInto(folder: string, retention: Retention): Promise<FolderBackup>
  /** Whether a restore of this back-up would work. Changes nothing, and is in no trail. */
  drill(from: string): Promise<Drill>
  /** The embedded form only, and its server has to be stopped. May be run again after it was interrupted. */
  compact(): Promise<Compacted>
  /** Every node has to be stopped. May be run again after it was interrupted. */
  afterRestore(): Promise<Restored>
}

export function stores({ config, now, log, operator }: StoresParts): Stores {
  const file = storeFile(config)

  function record(trail: AuditStore, verb: string, details: Record<string, string> = {}): Promise<void> {
    const actor = operatorActor(operator)
    const told = { verb, via: 'command-line', operator, ...details }
    return audit(trail, now, () => undefined)({ type: 'admin.verb', outcome: 'ok', actor, details: told })
  }

  async function open(form: Form): Promise<PortableStore> {
    if (form === 'embedded') return openSqlitePortable(file)
    const { openClusterPortable } = await import('../store/cluster-portable.ts')
    // Configuration has made sure that both are there.
    const [mongodb, redis] = [config.mongodbUrl ?? '', config.redisUrl ?? '']
    return openClusterPortable({ mongodb, redis, now, onWarning: (text) => log.warn(text) })
  }

  /** For what has to be there: opening it would make an empty one. */
  async function openKept(form: Form): Promise<PortableStore> {
    if (form === 'embedded') insistStore(config)
    return open(form)
  }

  return {
    async copy(from, to, onProgress) {
      if (from === to) throw new InputError('The copy', [{ path: 'to', reason: 'must be the other form' }])
      const begun = performance.now()
      const source = await openKept(from)
      try {
        const target = await open(to)
        try {
          // Copied with all the rest, so that both trails tell of it, and the target’s also that it was finished.
          await record(source.trail, 'store:copy', { to, phase: 'begun' })
          const records = await copyStore(source, target, { now, onProgress })
          await record(target.trail, 'store:copy', { from, phase: 'done' })
          const trailIntact = (await target.trail.verifyAudit()) === undefined
          return { from, to, records, trailIntact, seconds: Math.round(performance.now() - begun) / SECOND }
        } finally {
          await target.close()
        }
      } finally {
        await source.close()
      }
    },

    ...backingUp({ config, now, log, record }),

    // Loaded here, because no other command needs all that it opens.
    async drill(from) {
      const { drill } = await import('./drill.ts')
      return drill({ keys: config.keys, live: config.store.kind === 'embedded' ? file : undefined, now }, from)
    },

    compact: () => compaction({ config, now, record }),

    async afterRestore() {
      const store = await openKept(config.store.kind)
      try {
        const restored = await afterRestore(store, now)
        await record(store.trail, 'store:restored')
        return restored
      } finally {
        await store.close()
      }
    },
  }
}

const HELD =
  'no back-up is removed: the clock of this machine is far from what the store knows; if it is right, say so: clock:confirm --today'

type Recorded = (trail: AuditStore, verb: string) => Promise<void>

function backingUp({
  config,
  now,
  log,
  record,
}: Pick<StoresParts, 'config' | 'now' | 'log'> & { record: Recorded }): Pick<Stores, 'backUp' | 'backUpInto'> {
  const file = storeFile(config)

  async function told<T>(make: (at: number) => Promise<T>): Promise<T> {
    if (config.store.kind === 'cluster')
      throw new AppError('not-embedded', 'MongoDB is backed up by its own tools: see docs/backup-and-restore.md')
    insistStore(config)
    const at = now()
    const made = await make(at)
    const store = openSqliteStore(file)
    try {
      await record(store.durable, 'store:backup')
      await store.lastBackup?.put(at)
    } finally {
      await store.close()
    }
    return made
  }

  return {
    backUp: (to) =>
      told(async (at) => {
        const target = resolve(to)
        return { file: target, bytes: await backUp(file, target, at) }
      }),
    backUpInto: (folder, retention) =>
      told(async (at) => {
        const place = { folder: resolve(folder), owner: ownerOf(config.issuer) }
        const made = await backUpInto(file, place, retention, at)
        if (made.held.length > 0) log.warn({ held: made.held.length }, HELD)
        if (made.later.length > 0) log.warn({ later: made.later.length }, LATER)
        return made
      }),
  }
}
