/** Room in the embedded file that nobody needs goes back to the disk: by itself in small bites, and as a command at once. */
import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditStore } from '../audit/audit.ts'
import type { Config } from '../config.ts'
import { insistStore, storeFile } from '../data-folder.ts'
import { AppError } from '../lib/errors.ts'
import { RELEASE } from '../lib/release.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { compact, copyBeside, type Sizes } from '../store/sqlite/compact.ts'
import { onlyServer } from '../store/sqlite/one-server.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import type { Store } from '../store/store.ts'

/** Of one round, which a process that stops waits for: 12 MB in two or three seconds. */
const BITES = 100
const PAUSE = 20
/** The part of its time that this process works for others, from which on it is busy. */
const BUSY = 0.5

/** Lets others go first. Resolves to the part of that time which they took. */
async function rest(): Promise<number> {
  const before = performance.eventLoopUtilization()
  await pause(PAUSE)
  return performance.eventLoopUtilization(before).utilization
}

/** One round. It ends where others have much to do: the next one goes on. */
export function givingBack({ freeSpace }: Pick<Store, 'freeSpace'>, resting = rest): () => Promise<void> {
  return async () => {
    if (!freeSpace) return
    for (let bites = 0; bites < BITES && (await freeSpace.spare()) > 0; bites += 1) {
      if ((await resting()) >= BUSY) return
      await freeSpace.giveBack()
    }
  }
}

export interface Compacted extends Sizes {
  file: string
  seconds: number
}

export interface CompactionParts {
  config: Config
  now: Clock
  record: (trail: AuditStore, verb: string, details?: Record<string, string>) => Promise<void>
}

/** No server may start meanwhile, and none may be running. */
export async function compaction({ config, now, record }: CompactionParts): Promise<Compacted> {
  if (config.store.kind === 'cluster')
    throw new AppError('not-embedded', 'MongoDB gives room back by its own command, compact: see docs/growth.md')
  insistStore(config)
  const file = storeFile(config)
  copyBeside(file)
  const { leave } = onlyServer(file, { process: process.pid, host: hostname(), release: RELEASE, since: now() })
  try {
    // Refuses what no server of this release would open.
    await openSqliteStore(file).close()
    const began = performance.now()
    const sizes = compact(file)
    const seconds = Math.round(performance.now() - began) / SECOND
    const store = openSqliteStore(file)
    const told = { bytesBefore: `${sizes.bytesBefore}`, bytesAfter: `${sizes.bytesAfter}` }
    await record(store.durable, 'store:compact', told).finally(() => store.close())
    return { file, ...sizes, seconds }
  } finally {
    leave()
  }
}
