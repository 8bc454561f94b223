/** Seals of the audit trail's checkpoints (audit/checkpoint.ts), which name their root key like whatever else is sealed. */
import type { AuditStore } from '../audit/audit.ts'
import { type CheckpointSeal, checkpointSeal, type KeptCheckpoint } from '../audit/checkpoint.ts'
import { type Keyring, keyIdOf } from '../lib/crypto.ts'

export type Checkpoints = Pick<AuditStore, 'followCheckpoints' | 'putCheckpoint'>

const PAGE = 100
/** Others may always be quicker: so often, and then it is left for the next run. */
const TRIES = 5

export async function* checkpointPages(
  trail: Pick<Checkpoints, 'followCheckpoints'>,
): AsyncGenerator<KeptCheckpoint[]> {
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    const page = await trail.followCheckpoints(after, PAGE)
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)?.from ?? after
  }
}

/**
 * Gives one that holds to the newest root key; what it says stays. False if it has it already, or if nobody’s key holds it:
 * then it is left to whoever verifies the trail. Others may prune, or do the same, meanwhile.
 */
export async function resealCheckpoint(trail: Checkpoints, ring: Keyring, found: KeptCheckpoint): Promise<boolean> {
  const seal: CheckpointSeal = checkpointSeal(ring)
  let kept: KeptCheckpoint | undefined = found
  for (let attempt = 0; attempt < TRIES && kept?.from === found.from; attempt += 1) {
    if (keyIdOf(kept.seal) === ring.current || !seal.holds(kept.content, kept.seal)) return false
    if (await trail.putCheckpoint({ ...kept, seal: seal.make(kept.content) }, kept.seal)) return true
    ;[kept] = await trail.followCheckpoints(found.from - 1, 1)
  }
  return false
}
