/** Ending everything of an account at once, on every node: sessions, grants, codes, tokens, interactions. */
import type { AdapterPayload } from 'oidc-provider'
import type { Audit } from '../audit/audit.ts'
import type { Parcel, QueueStore, Wrap } from '../delivery/queue.ts'
import type { Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import type { ArtifactStore } from './artifact.ts'
import type { Clients } from './client.ts'

export interface SessionsParts {
  store: ArtifactStore & Pick<QueueStore, 'enqueue'>
  seal: Sealer
  wrap: Wrap
  clients: Clients
  audit: Audit
  now: Clock
}

/** Removes them and tells every application that asked to be told (Back-Channel Logout 1.0). */
export function endSessions({
  store,
  seal,
  wrap,
  clients,
  audit,
  now,
}: SessionsParts): (accountId: string) => Promise<void> {
  return async (accountId) => {
    const sessions = await store.listArtifactsByAccount('Session', accountId, now())
    const parcels = sessions.flatMap((kept) => {
      const payload: AdapterPayload = JSON.parse(seal.open(kept.sealed, `artifact/Session/${kept.key}`))
      return logoutParcels(accountId, payload)
    })
    await store.enqueue(parcels)
    await store.removeArtifactsByAccount(accountId)
    await audit({
      type: 'sign-out.everywhere',
      outcome: 'ok',
      subject: accountId,
      details: { sessions: sessions.length },
    })
  }

  function logoutParcels(accountId: string, session: AdapterPayload): Parcel[] {
    return Object.entries(session.authorizations ?? {})
      .filter(([clientId]) => clients.find(clientId)?.metadata.backchannel_logout_uri)
      .map(([clientId, { sid }]) => wrap('logout', { clientId, accountId, sid }))
  }
}
