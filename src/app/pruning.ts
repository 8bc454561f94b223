/** Removing old records of the audit trail in the background, by the setting. */
import { checkpointSeal } from '../audit/checkpoint.ts'
import { prune } from '../audit/prune.ts'
import { cutoffs } from '../audit/retention.ts'
import { DAY } from '../lib/time.ts'
import type { Core } from './core.ts'
import type { RemovalHold } from './removal-hold.ts'

/** Ranges that one round prunes anew: 50,000 records. */
const RANGES = 25

/** One round. Once a day it also looks at all that was pruned before. */
export function pruning({ config, store, ring, record, log }: Core, hold: RemovalHold): () => Promise<void> {
  let lookedOn: number | undefined
  let told = new Set<string>()

  return async () => {
    const now = await hold.believed()
    if (now === undefined) return
    const day = Math.floor(now / DAY)
    const again = day !== lookedOn
    if (again) told = new Set()
    const { removed, broken } = await prune({
      trail: store.durable,
      seal: checkpointSeal(ring),
      cutoffs: cutoffs(config.audit.retention, now),
      now,
      again,
      ranges: RANGES,
    })
    lookedOn = day
    if (removed > 0) await record({ type: 'audit.pruned', outcome: 'ok', details: { records: removed } })
    for (const name of broken.filter((found) => !told.has(found))) {
      told.add(name)
      log.error({ name }, 'the audit trail does not verify: nothing of it is removed there; see audit:verify')
      await record({ type: 'audit.pruned', outcome: 'failed', details: { name } })
    }
  }
}
