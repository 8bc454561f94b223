/** What is done in the background, and how often. */
import { randomUUID } from 'node:crypto'
import type { Core } from './core.ts'
import type { Task } from './lib/background.ts'
import { DAY, MINUTE, SECOND } from './lib/time.ts'
import type { Oidc } from './oidc/provider.ts'

/** Client addresses in the audit trail are shortened after this long, and closed cases dropped (SECURITY DAT-01). */
const ADDRESS_LIFE = 90 * DAY
const CASE_LIFE = 90 * DAY
/** Records that one round shortens: it should not keep others from writing. */
const BITE = 500

/** Longer than a round takes, shorter than the time to the next. */
const ROUND = 50 * SECOND

/** Takes up rotated keys within seconds, rotates when it is time, ends what has run out, and cleans up. */
export function chores({ store, keys, now, record, sessions }: Core, provider: Oidc): Task[] {
  /** Of several nodes one does it, so that nobody is told twice that a session ended. */
  function alone(name: string, work: () => Promise<void>): () => Promise<void> {
    const { leases } = store
    if (!leases) return work
    return async () => {
      const holder = randomUUID()
      if (!(await leases.acquire(`chore ${name}`, holder, ROUND))) return
      await work().finally(() => leases.release(`chore ${name}`, holder))
    }
  }

  return [
    { every: 2 * SECOND, run: () => provider.refresh() },
    {
      every: MINUTE,
      run: alone('rotate', async () => {
        if ((await keys.rotateIfDue()) === 'rotated') await record({ type: 'key.rotated', outcome: 'ok' })
      }),
    },
    {
      every: MINUTE,
      run: alone('end', async () => {
        // Applications hear of a session before its record is swept away.
        const at = now()
        while ((await sessions.endExpired()) > 0);
        await store.expiring.sweepArtifacts(at)
      }),
    },
    {
      every: 5 * MINUTE,
      run: alone('clean', async () => {
        await store.durable.sweepCounters(now())
        await store.durable.sweepAccounts(now())
        await store.durable.sweepMfa(now())
        await store.durable.sweepCases(now() - CASE_LIFE)
        while ((await store.durable.shortenAddresses(now() - ADDRESS_LIFE, BITE)) === BITE);
      }),
    },
  ]
}
