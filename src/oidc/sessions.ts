/**
 * How sessions end when nobody signs out: everything of an account at once, on every node, or one by its age. Either way
 * applications that asked to be told are told (Back-Channel Logout 1.0).
 */
import type { AdapterPayload } from 'oidc-provider'
import type { Audit } from '../audit/audit.ts'
import type { Parcel, QueueStore, Wrap } from '../delivery/queue.ts'
import type { Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import type { ArtifactStore, KeptArtifact } from './artifact.ts'
import type { Clients } from './client.ts'

export interface SessionsParts {
  store: ArtifactStore & Pick<QueueStore, 'enqueue'>
  seal: Sealer
  wrap: Wrap
  clients: Clients
  audit: Audit
  now: Clock
}

export interface Sessions {
  /** Removes all that the account has: sessions, grants, codes, tokens, interactions. */
  endAll(accountId: string): Promise<void>
  /** Tells of sessions that have run out, and removes them. Returns how many there were. */
  endExpired(): Promise<number>
}

const BITE = 100

export function sessions({ store, seal, wrap, clients, audit, now }: SessionsParts): Sessions {
  function logoutParcels(accountId: string, kept: KeptArtifact): Parcel[] {
    const session: AdapterPayload = JSON.parse(seal.open(kept.sealed, `artifact/Session/${kept.key}`))
    return Object.entries(session.authorizations ?? {})
      .filter(([clientId]) => clients.find(clientId)?.metadata.backchannel_logout_uri)
      .map(([clientId, { sid }]) => wrap('logout', { clientId, accountId, sid }))
  }

  return {
    async endAll(accountId) {
      // Also those that have run out and were not told of yet.
      const live = await store.listArtifactsByAccount('Session', accountId, 0)
      await store.enqueue(live.flatMap((kept) => logoutParcels(accountId, kept)))
      await store.removeArtifactsByAccount(accountId)
      await audit({
        type: 'sign-out.everywhere',
        outcome: 'ok',
        subject: accountId,
        details: { sessions: live.length },
      })
    },

    async endExpired() {
      const expired = await store.listExpiredArtifacts('Session', now(), BITE)
      for (const kept of expired) {
        const { accountId } = kept
        // Told before it is removed: after a crash in between applications hear of it twice, which harms nobody.
        if (accountId !== undefined) {
          await store.enqueue(logoutParcels(accountId, kept))
          await audit({ type: 'session.ended', outcome: 'ok', subject: accountId, details: { reason: 'expired' } })
        }
        await store.removeArtifact('Session', kept.key)
      }
      return expired.length
    },
  }
}
