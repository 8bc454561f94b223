/**
 * How sessions end when nobody signs out: everything of an account at once, on every node; all but the one that asks;
 * or one by its age. Either way applications that asked to be told are told (Back-Channel Logout 1.0).
 */

import type { AdapterPayload, Provider } from 'oidc-provider'
import { findAccount } from '../accounts/people.ts'
import type { Audit } from '../audit/audit.ts'
import type { Clients } from '../client/client.ts'
import type { Parcel, QueueStore, Wrap } from '../delivery/queue.ts'
import type { Sealer } from '../lib/crypto.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import type { People } from '../person/kind.ts'
import { removeDevices } from '../person/remembered-device.ts'
import type { ArtifactStore, ExpiredArtifact, KeptArtifact } from './artifact.ts'
import { artifactKey, endSession } from './artifact-key.ts'
import type { SessionFacts } from './assessment.ts'
import { artifactRecord } from './opened.ts'
import type { SessionLife } from './session-life.ts'

export interface SessionsParts {
  people: Pick<People, 'find' | 'change'>
  store: ArtifactStore & Pick<QueueStore, 'enqueue'>
  life: SessionLife
  seal: Sealer
  wrap: Wrap
  clients: Clients
  audit: Audit
  log: Log
  now: Clock
}

/** A session as it is kept, opened. */
export interface OpenSession {
  /** Of the record in the store. */
  key: string
  content: AdapterPayload & SessionFacts
}

/** A session as the provider works with it. */
export type LiveSession = InstanceType<Provider['Session']> & SessionFacts

export interface Rest {
  /** The account's epoch before the change. */
  left: number
  /** Whether sittings that are under way in this session go on: the change was made in one of them. */
  sittings: 'end' | 'go on'
}

export interface Sessions {
  /** Removes all that the account has: sessions, grants, codes, tokens, interactions, remembered devices. */
  endAll(accountId: string): Promise<void>
  /**
   * The same, but for this session, which moved the account's epoch up from `left`: it goes on in the new one under a
   * new id, which is returned. If the epoch moved up again meanwhile, or the session was not of the one that was left,
   * somebody else has ended it: then everything ends, and there is no id. To be called in its turn.
   */
  endOthers(accountId: string, session: LiveSession | undefined, rest: Rest): Promise<string | undefined>
  /** Opens what is kept; undefined for what cannot be opened, such as after a root key was taken away. */
  open(model: string, kept: KeptArtifact): OpenSession | undefined
  /** The live sessions of an account. */
  list(accountId: string): Promise<OpenSession[]>
  /** Removes one session with the grants that were given in it, and tells. */
  end(accountId: string, session: OpenSession): Promise<void>
  /** Tells of sessions that had run out at `at`, and removes them. Returns how many there were. */
  endExpired(at: number): Promise<number>
}

const BITE = 100

export function sessions(parts: SessionsParts): Sessions {
  const { people, store, seal, wrap, clients, audit, log, now } = parts

  /** Undefined for what cannot be opened, such as after a root key was taken away: it opens nothing either. */
  function open(model: string, { key, sealed }: KeptArtifact): OpenSession | undefined {
    try {
      return { key, content: JSON.parse(seal.open(sealed, artifactRecord(model, key))) }
    } catch (fault) {
      log.warn({ fault, model }, 'unreadable artifact')
      return undefined
    }
  }

  function logoutParcels(accountId: string, { content }: OpenSession): Parcel[] {
    return Object.entries(content.authorizations ?? {})
      .filter(([clientId]) => clients.find(clientId)?.metadata.backchannel_logout_uri)
      .map(([clientId, { sid }]) => wrap('logout', { clientId, accountId, sid }))
  }

  async function listOpen(model: string, accountId: string, since: number): Promise<OpenSession[]> {
    const kept = await store.listArtifactsByAccount(model, accountId, since)
    return kept.map((artifact) => open(model, artifact)).filter((session) => session !== undefined)
  }

  /** Applications are also told of sessions that have run out and that they did not hear of yet. */
  async function endAllBut(accountId: string, uid: string | undefined, keep: string[]): Promise<void> {
    const ended = (await listOpen('Session', accountId, 0)).filter(({ content }) => content.uid !== uid)
    await store.enqueue(ended.flatMap((session) => logoutParcels(accountId, session)))
    await store.removeArtifactsByAccount(accountId, keep)
    await people.change(accountId, (person) => removeDevices(person))
    const details = { sessions: ended.length, butOne: uid !== undefined }
    await audit({ type: 'sign-out.everywhere', outcome: 'ok', subject: accountId, details })
  }

  async function endOne(kept: ExpiredArtifact): Promise<void> {
    const { accountId } = kept
    const session = accountId === undefined ? undefined : open('Session', kept)
    // Told before it is removed: after a crash in between applications hear of it twice, which harms nobody.
    if (accountId !== undefined && session) {
      await store.enqueue(logoutParcels(accountId, session))
      await audit({ type: 'session.ended', outcome: 'ok', subject: accountId, details: { reason: 'expired' } })
    }
    await store.removeArtifact('Session', kept.key)
  }

  return {
    open,
    endAll: (accountId) => endAllBut(accountId, undefined, []),

    async endOthers(accountId, session, { left, sittings }) {
      const account = await findAccount(people, accountId)
      const ours = account && session?.accountId === accountId
      // Another tab made the same change, and was here before. Its answer carried the new id, and only to that browser.
      if (ours && session.epoch === account.epoch) return undefined
      if (!ours || session.epoch !== left || account.epoch !== left + 1) {
        await endAllBut(accountId, undefined, [])
        return undefined
      }
      const begun = sittings === 'end' ? [] : await listOpen('Interaction', accountId, now())
      const own = begun.filter(({ content }) => content.session?.uid === session.uid).map(({ key }) => key)
      await endAllBut(accountId, session.uid, [artifactKey('Session', session.jti), ...own])
      session.epoch = account.epoch
      // Whoever holds a copy of this browser's cookie is one of the others.
      session.resetIdentifier()
      await session.save(parts.life(session))
      return session.jti
    },

    async list(accountId) {
      const [account, live] = await Promise.all([findAccount(people, accountId), listOpen('Session', accountId, now())])
      return live.filter(({ content }) => content.epoch === account?.epoch)
    },

    async end(accountId, session) {
      // Told before it is removed: after a crash in between whoever asked asks again.
      await store.enqueue(logoutParcels(accountId, session))
      await endSession(store, session.content.uid ?? '')
      const grants = Object.values(session.content.authorizations ?? {}).flatMap(({ grantId }) => grantId ?? [])
      for (const grantKey of grants.map((id) => artifactKey('Grant', id))) {
        await store.removeArtifact('Grant', grantKey)
        await store.removeArtifactsByGrant(grantKey)
      }
    },

    async endExpired(at) {
      const expired = await store.listExpiredArtifacts('Session', at, BITE)
      await Promise.all(expired.map(endOne))
      return expired.length
    },
  }
}
