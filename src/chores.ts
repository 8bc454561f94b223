/** What is done in the background, and how often. */
import type { Core } from './core.ts'
import type { Task } from './lib/background.ts'
import { DAY, MINUTE, SECOND } from './lib/time.ts'
import type { Oidc } from './oidc/provider.ts'

/** Client addresses in the audit trail are shortened after this long, and closed cases dropped (SECURITY DAT-01). */
const ADDRESS_LIFE = 90 * DAY
const CASE_LIFE = 90 * DAY
/** Records that one round shortens: it should not keep others from writing. */
const BITE = 500

/** Takes up rotated keys within seconds, rotates when it is time, ends what has run out, and cleans up. */
export function chores({ store, keys, now, record, sessions }: Core, provider: Oidc): Task[] {
  return [
    { every: 2 * SECOND, run: () => provider.refresh() },
    {
      every: MINUTE,
      run: async () => {
        if ((await keys.rotateIfDue()) === 'rotated') await record({ type: 'key.rotated', outcome: 'ok' })
      },
    },
    {
      every: MINUTE,
      run: async () => {
        // Applications hear of a session before its record is swept away.
        const at = now()
        while ((await sessions.endExpired()) > 0);
        await store.expiring.sweepArtifacts(at)
      },
    },
    {
      every: 5 * MINUTE,
      run: async () => {
        await store.durable.sweepCounters(now())
        await store.durable.sweepAccounts(now())
        await store.durable.sweepMfa(now())
        await store.durable.sweepCases(now() - CASE_LIFE)
        while ((await store.durable.shortenAddresses(now() - ADDRESS_LIFE, BITE)) === BITE);
      },
    },
  ]
}
