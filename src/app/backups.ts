/**
 * The server's own back-ups of the embedded store: when one is due, and who makes it. Another process does, so that nobody
 * who signs in waits for it (store/sqlite/backup-process.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Audit } from '../audit/audit.ts'
import { storeFile } from '../data-folder.ts'
import type { Task } from '../lib/background.ts'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, HOUR, MINUTE } from '../lib/time.ts'
import { removeUnfinished } from '../store/sqlite/backup.ts'
import {
  type BackupPlace,
  type FolderBackup,
  LATER,
  NAMELESS,
  nameAt,
  newestIn,
  ownerOf,
  type Retention,
} from '../store/sqlite/backup-folder.ts'
import type { Job, JobOutcome } from '../store/sqlite/backup-process.ts'
import type { Core } from './core.ts'
import type { RemovalHold } from './removal-hold.ts'

export interface BackupsParts {
  /** The file. */
  path: string
  /** Undefined where others make the back-ups, or where the store is no file. */
  plan: (Required<Retention> & BackupPlace & { every: number }) | undefined
  hold: RemovalHold
  /** Keeps that one was finished. */
  note: (at: number) => Promise<void>
  record: Audit
  log: Log
  now: Clock
}

export interface Backups {
  tasks: Task[]
  /** Ends the one that is under way, and what there is of it. */
  stop(): Promise<void>
}

/** After one that failed. */
const RETRY = HOUR
const PROCESS = new URL('../store/sqlite/backup-process.ts', import.meta.url).pathname

/** As the settings say. */
export function backupsOf({ config, store, record, log, now }: Core, hold: RemovalHold): Backups {
  const { backup, data, root, issuer } = config
  return backups({
    path: storeFile({ data }),
    plan: backup && { ...backup, folder: resolve(root, backup.folder), owner: ownerOf(issuer) },
    note: async (at) => store.lastBackup?.put(at),
    ...{ hold, record, log, now },
  })
}

export function backups({ path, plan, hold, note, record, log, now }: BackupsParts): Backups {
  let notBefore = Number.NEGATIVE_INFINITY
  let underWay: { child: ChildProcess; to: string } | undefined
  let stopped = false

  async function backUp(job: Job): Promise<FolderBackup> {
    const child = spawn(process.execPath, [PROCESS, JSON.stringify(job)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {},
    })
    underWay = { child, to: join(job.folder, nameAt(job.owner, job.at)) }
    try {
      const [out, err, [code, signal]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ])
      if (code !== 0) throw new AppError('backup-failed', err.trim() || `its process ended with ${signal ?? code}`)
      const outcome = JSON.parse(out) as JobOutcome
      if ('fault' in outcome) throw new AppError(outcome.fault.code, outcome.fault.message)
      return outcome.made
    } finally {
      underWay = undefined
    }
  }

  /** By what there is in the folder: so a restart makes none too many, and an emptied folder gets one at once. */
  async function backUpIfDue(): Promise<void> {
    const at = now()
    if (!plan || stopped || at < notBefore) return
    try {
      const newest = newestIn(plan, at)
      if (newest !== undefined && at - newest < plan.every) return
      const { folder, owner, keep, keepFor } = plan
      const believed = await hold.believed()
      if (stopped) return
      const { file, bytes, removed, stayed, others, nameless, later } = await backUp({
        path,
        folder,
        owner,
        at: believed ?? at,
        ...(believed !== undefined && { keep, keepFor }),
      })
      log.info({ file, bytes, removed: removed.length }, 'backed up')
      if (others > 0) log.warn({ others }, 'the folder of back-ups has some of another installation: they are let be')
      if (nameless > 0) log.warn({ nameless }, NAMELESS)
      if (later.length > 0) log.warn({ later: later.length }, LATER)
      if (stayed.length > 0) log.warn({ stayed }, 'back-ups that there are too many of could not be removed')
      await record({ type: 'admin.verb', outcome: 'ok', details: { verb: 'store:backup', via: 'schedule' } })
      await note(believed ?? at)
    } catch (fault) {
      if (stopped) return
      notBefore = at + Math.min(RETRY, plan.every)
      log.error({ fault }, 'no back-up could be made')
    }
  }

  return {
    tasks: plan ? [{ every: MINUTE, run: backUpIfDue }] : [],
    async stop() {
      stopped = true
      if (!underWay) return
      const { child, to } = underWay
      const ended = once(child, 'close')
      child.kill('SIGKILL')
      await ended
      removeUnfinished(to)
    },
  }
}
