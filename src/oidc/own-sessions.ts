/**
 * Sessions and applications as their person looks after them: where they are signed in, and which applications hold
 * something of theirs. Ending one ends its tokens at once, and applications that asked to be told are told.
 */
import type { AdapterPayload } from 'oidc-provider'
import type { Notice } from '../accounts/notify.ts'
import { type Audit, deed, type Source } from '../audit/audit.ts'
import type { Clients } from '../client/client.ts'
import type { QueueStore, Wrap } from '../delivery/queue.ts'
import { digest } from '../lib/crypto.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { ArtifactStore } from './artifact.ts'
import { isBuiltIn } from './built-in-records.ts'
import type { OpenSession, Sessions } from './sessions.ts'

export interface SessionView {
  /** Names it on a page without being it. */
  handle: string
  /** The one that asks. */
  current: boolean
  /** Browser and system as a person would name them. */
  agent: string | undefined
  /** Milliseconds. */
  signedInAt: number
  lastUsedAt: number
  /** Names of the applications that were opened in it; ours are left out. */
  applications: string[]
}

export interface ApplicationView {
  clientId: string
  name: string
  /** Since when it holds a grant. */
  since: number
}

export interface OwnSessions {
  list(account: Account, current: string): Promise<SessionView[]>
  /** False if there is no such session any more. The current one is ended by signing out, not here. */
  end(account: Account, handle: string, current: string, source: Source): Promise<boolean>
  applications(account: Account): Promise<ApplicationView[]>
  /** Takes back what the application was given: grants and tokens. False if it holds nothing. */
  removeApplication(account: Account, clientId: string, source: Source): Promise<boolean>
  /** Everything, this session and the remembered devices included. */
  signOutEverywhere(account: Account, source: Source): Promise<void>
}

export interface OwnSessionsParts {
  store: ArtifactStore & Pick<QueueStore, 'enqueue'>
  sessions: Sessions
  clients: Clients
  wrap: Wrap
  audit: Audit
  notice: Notice
  /** Moves the account's epoch up, and ends everything that was signed in. */
  signOut: (account: Account, by: { actor: string; source: Source }) => Promise<void>
  now: Clock
  /** Milliseconds that a session lives after its last use. */
  idle: number
}

export function ownSessions(parts: OwnSessionsParts): OwnSessions {
  const { store, sessions, clients, audit, notice, now } = parts

  function nameOf(clientId: string): string | undefined {
    return isBuiltIn(clientId) ? undefined : clients.find(clientId)?.metadata.client_name
  }

  function view({ content }: OpenSession, current: string): SessionView {
    const signedInAt = (content.loginTs ?? 0) * SECOND
    return {
      handle: handleOf(content.uid),
      current: content.uid === current,
      agent: content.agent,
      signedInAt,
      // It runs out a while after its last use, so when that was can be told from when it will.
      lastUsedAt: Math.max(signedInAt, (content.exp ?? 0) * SECOND - parts.idle),
      applications: Object.keys(content.authorizations ?? {})
        .map(nameOf)
        .filter((name) => name !== undefined)
        .sort(),
    }
  }

  /** Its grants, sessions of before included. */
  async function grantsOf(accountId: string): Promise<Array<{ key: string; content: AdapterPayload }>> {
    const kept = await store.listArtifactsByAccount('Grant', accountId, now())
    return kept.flatMap((artifact) => sessions.open('Grant', artifact) ?? [])
  }

  return {
    async list(account, current) {
      const views = (await sessions.list(account.id)).map((session) => view(session, current))
      return views.sort(
        (one, other) => Number(other.current) - Number(one.current) || other.lastUsedAt - one.lastUsedAt,
      )
    },

    async end(account, handle, current, source) {
      const found = (await sessions.list(account.id)).find(({ content }) => handleOf(content.uid) === handle)
      if (!found || found.content.uid === current) return false
      await sessions.end(account.id, found)
      await store.enqueue(notice(account, 'session-ended', { agent: found.content.agent }))
      await audit(deed('session.ended', { account, source }, { reason: 'person' }))
      return true
    },

    async applications(account) {
      const since = new Map<string, number>()
      for (const { content } of await grantsOf(account.id)) {
        const { clientId = '', iat = 0 } = content
        since.set(clientId, Math.min(since.get(clientId) ?? iat * SECOND, iat * SECOND))
      }
      return [...since]
        .map(([clientId, begun]) => ({ clientId, name: nameOf(clientId) ?? '', since: begun }))
        .filter(({ name }) => name !== '')
        .sort((one, other) => one.name.localeCompare(other.name))
    },

    async removeApplication(account, clientId, source) {
      const name = nameOf(clientId)
      const grants = (await grantsOf(account.id)).filter(({ content }) => content.clientId === clientId)
      const live = (await sessions.list(account.id)).flatMap(
        ({ content }) => new Map(Object.entries(content.authorizations ?? {})).get(clientId) ?? [],
      )
      if (name === undefined || grants.length === 0) return false
      if (clients.find(clientId)?.metadata.backchannel_logout_uri)
        await store.enqueue(live.map(({ sid }) => parts.wrap('logout', { clientId, accountId: account.id, sid })))
      for (const { key } of grants) {
        await store.removeArtifact('Grant', key)
        await store.removeArtifactsByGrant(key)
      }
      await store.enqueue(notice(account, 'application-removed', { application: name }))
      await audit({ ...deed('application.removed', { account, source }), client: clientId })
      return true
    },

    async signOutEverywhere(account, source) {
      await parts.signOut(account, { actor: account.id, source })
    },
  }
}

function handleOf(uid: string | undefined): string {
  return digest(`session-handle/${uid ?? ''}`).slice(0, 16)
}
