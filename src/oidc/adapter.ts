/**
 * oidc-provider's storage adapter over our ArtifactStore.
 *
 * Single use is decided here: the library finds, checks and then consumes, so only a conditional write can tell which
 * of several simultaneous requests was first. Ids are digested and content is sealed before it reaches a store.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import { keyIdOf, type Sealer } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import type { Artifact, ArtifactStore, KeptArtifact } from './artifact.ts'
import { artifactKey, uidKeyOf } from './artifact-key.ts'
import { artifactSeal, type Sealed } from './opened.ts'
import type { RefreshRules } from './refresh.ts'
import { stillGood } from './still-good.ts'

/** Seconds that something is still found after it has expired: the clocks of two nodes differ a little. */
const LEEWAY = 5

export interface AdapterParts {
  store: ArtifactStore
  seal: Sealer
  clients: Clients
  refresh: RefreshRules
  now: Clock
  /** A code or refresh token came twice: somebody may have a copy (RFC 9700 sections 4.13 and 4.14). */
  onReuse: (model: string, payload: AdapterPayload) => Promise<void>
  /** A refresh token came again within the grace. */
  onRepeat: (payload: AdapterPayload) => Promise<void>
}

/** Thrown by an insert of what was there already; overrides.ts turns it into the library's «not unique». */
export class Replayed extends Error {}

/** Read, changed and written back by one request, while others do the same. */
const REWRITTEN = new Set(['Session', 'Interaction', 'Grant'])

/** What was given to an application, or is being asked for by one. */
const FOR_CLIENTS = new Set([
  'AccessToken',
  'AuthorizationCode',
  'ClientCredentials',
  'Grant',
  'Interaction',
  'RefreshToken',
])

/** The field of their payloads that says what was read: they are written back only over that. It is never kept. */
export const READ = 'read'

/** Someone else has written it, or ended it, since this request read it. Asking again may work at once. */
const MOVED = 'moved'

function moved(model: string): AppError {
  return new AppError(MOVED, `${model}: changed meanwhile`, { status: 503, retryAfter: 1 })
}

export function isMoved(fault: unknown): boolean {
  return fault instanceof AppError && fault.code === MOVED
}

export function adapterFactory(parts: AdapterParts): (model: string) => Adapter {
  const { store, now } = parts
  const seal = artifactSeal(parts.seal)

  function open(model: string, id: string | undefined, kept: KeptArtifact | undefined): AdapterPayload | undefined {
    if (!kept) return undefined
    const opened = seal.open(model, kept)
    const payload = FOR_CLIENTS.has(model) ? stillGood(opened, parts.clients) : opened
    if (!payload) return undefined
    if (REWRITTEN.has(model)) payload[READ] = { key: kept.key, sealed: kept.sealed }
    if (kept.consumedAt === undefined || successors(model, id, payload, kept).length > 0) return payload
    return { ...payload, consumed: Math.floor(kept.consumedAt / SECOND) }
  }

  /** The token that a refresh token was exchanged for a moment ago, and is exchanged for again (refresh.ts). */
  function successors(
    model: string,
    id: string | undefined,
    payload: AdapterPayload,
    { consumedAt = 0 }: KeptArtifact,
  ): string[] {
    if (model !== 'RefreshToken' || id === undefined || now() > consumedAt + parts.refresh.grace) return []
    return parts.refresh.successorsOf(id, payload)
  }

  /** What the successor of a used refresh token is called, if it has not been used yet, or was not even kept. */
  async function unused(ids: string[]): Promise<string | undefined> {
    for (const id of ids) {
      const kept = await store.findArtifact('RefreshToken', artifactKey('RefreshToken', id), now())
      if (kept) return kept.consumedAt === undefined ? id : undefined
    }
    return ids[0]
  }

  /**
   * The library asks next for the session that a code or token ends with, and for its grant: both are found in one look,
   * which the request remembers (store/request-memory.ts).
   */
  async function lookAhead({ sessionUid, grantId, expiresWithSession }: AdapterPayload = {}): Promise<void> {
    if (!expiresWithSession || sessionUid === undefined || grantId === undefined) return
    const wanted = [
      { model: 'Session', uidKey: uidKeyOf(sessionUid) },
      { model: 'Grant', key: artifactKey('Grant', grantId) },
    ]
    await store.findArtifacts(wanted, now())
  }

  /** Whatever its turn was worth: a node that was hung writes nothing over what the others did meanwhile. */
  async function putSession(artifact: Artifact, read: Sealed | undefined): Promise<void> {
    // One with a new id takes the place of the old one in one write: a token bound to it never finds it missing.
    await overWhatWasRead(artifact, read, (from) =>
      from && from.key !== artifact.key
        ? store.renameArtifact(artifact, from, now())
        : store.replaceArtifact(artifact, from?.sealed, now()),
    )
    if (read) Object.assign(read, { key: artifact.key, sealed: artifact.sealed })
  }

  /** One that was revoked meanwhile does not come back. */
  async function putGrant(artifact: Artifact, read: Sealed): Promise<void> {
    await overWhatWasRead(artifact, read, (from = read) => store.replaceArtifact(artifact, from.sealed, now()))
  }

  async function overWhatWasRead(
    { model }: Artifact,
    read: Sealed | undefined,
    put: (from: Sealed | undefined) => Promise<boolean>,
  ): Promise<void> {
    if (await put(read)) return
    const anew = read && (await resealed(model, read))
    if (!anew || !(await put(anew))) throw moved(model)
  }

  /** What was read, as `keys:reseal` has sealed it since by another key; undefined if it was changed, or is gone. */
  async function resealed(model: string, read: Sealed): Promise<Sealed | undefined> {
    const there = await store.findArtifact(model, read.key, now())
    if (!there || keyIdOf(there.sealed) === keyIdOf(read.sealed)) return undefined
    return isDeepStrictEqual(seal.open(model, there), seal.open(model, read)) ? there : undefined
  }

  /** The last answer counts, but none brings back a sitting that was taken up already. */
  async function putSitting(artifact: Artifact, read: Sealed): Promise<void> {
    let { sealed } = read
    while (!(await store.replaceArtifact(artifact, sealed, now()))) {
      const there = await store.findArtifact(artifact.model, artifact.key, now())
      if (!there) throw new errors.SessionNotFound('the interaction was taken up already')
      sealed = there.sealed
    }
    read.sealed = artifact.sealed
  }

  return (model) => ({
    async upsert(id, { [READ]: read, ...payload }: AdapterPayload & { [READ]?: Sealed }, expiresIn) {
      const key = artifactKey(model, id)
      const artifact = {
        model,
        key,
        sealed: seal.seal(model, key, payload),
        expiresAt: expiresIn ? now() + (expiresIn + LEEWAY) * SECOND : undefined,
        // What is issued under a grant ends with it. A sitting only mentions one: someone who changes accounts ends the
        // grants of the first and goes on with the same sitting.
        grantKey: payload.grantId && model !== 'Interaction' ? artifactKey('Grant', payload.grantId) : undefined,
        uidKey: payload.uid ? uidKeyOf(payload.uid) : undefined,
        accountId: payload.accountId ?? payload.session?.accountId,
      }
      if (model === 'Session') return putSession(artifact, read)
      if (model === 'Interaction' && read) return putSitting(artifact, read)
      if (model === 'Grant' && read) return putGrant(artifact, read)
      if (model !== 'ReplayDetection') return store.putArtifact(artifact)
      if (!(await store.insertArtifact(artifact, now()))) throw new Replayed()
    },

    async find(id) {
      if (model === 'Client') return parts.clients.find(id)?.metadata
      const payload = open(model, id, await store.findArtifact(model, artifactKey(model, id), now()))
      await lookAhead(payload)
      return payload
    },

    async findByUid(uid) {
      return open(model, undefined, await store.findArtifactByUid(model, uidKeyOf(uid), now()))
    },

    // The device flow is off; nothing has a user code.
    async findByUserCode() {
      return undefined
    },

    async consume(id) {
      const key = artifactKey(model, id)
      seal.forget(model, key)
      if (await store.consumeArtifact(model, key, now())) return
      const kept = await store.findArtifact(model, key, now())
      const payload = open(model, id, kept)
      const next = kept && payload && (await unused(successors(model, id, payload, kept)))
      if (payload && next !== undefined) {
        if (Provider.ctx) parts.refresh.named.set(Provider.ctx, next)
        return parts.onRepeat(payload)
      }
      if (payload?.grantId) {
        // The grant goes, not only its tokens: the request that won may save its tokens after this, and every use of
        // a token asks for its grant.
        const grantKey = artifactKey('Grant', payload.grantId)
        await store.removeArtifact('Grant', grantKey)
        await store.removeArtifactsByGrant(grantKey)
      }
      if (payload) await parts.onReuse(model, payload)
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was used already')
      throw new errors.InvalidGrant('used already')
    },

    async destroy(id) {
      const key = artifactKey(model, id)
      seal.forget(model, key)
      if (model !== 'Interaction') return store.removeArtifact(model, key)
      // The library finds a sitting and then removes it: of several ways back at once, one goes on.
      if (!(await store.takeArtifact(model, key, now())))
        throw new errors.SessionNotFound('the interaction was taken up already')
    },

    async revokeByGrantId(grantId) {
      await store.removeArtifactsByGrant(artifactKey('Grant', grantId))
    },
  })
}
