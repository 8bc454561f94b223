/** What oidc-provider keeps (oidc/artifact.ts), each call one script (scripts.ts). */
import type { Clock } from '../../lib/time.ts'
import type { Artifact, ArtifactStore, ExpiredArtifact, KeptArtifact, Wanted } from '../../oidc/artifact.ts'
import type { RunScript } from './gate.ts'
import { CONSUME, FIND, KEEP, LIST_BY_ACCOUNT, LIST_EXPIRED, REMOVE, REMOVE_SOME, SWEEP, TAKE } from './scripts.ts'

/** Redis serves one at a time, so what may be many lets others in between. */
const BITE = 500

type KeptReply = [key: string, sealed: string, consumedAt: string | null, accountId: string | null]

/** `prefix` is a hash tag, `{…}`: it keeps all keys in one slot of a Cluster. `now` only says how long Redis keeps them. */
export function artifacts(run: RunScript, prefix: string, now: Clock): ArtifactStore {
  const hash = (model: string, key: string) => `${prefix}:artifact:${model}:${key}`
  const byAccount = (accountId: string) => `${prefix}:account:${accountId}`
  const byGrant = (grantKey: string) => `${prefix}:grant:${grantKey}`
  const byUid = (model: string, uidKey: string) => `${prefix}:uid:${model}:${uidKey}`
  const byExpiry = (model: string) => `${prefix}:expiry:${model}`
  const models = `${prefix}:models`

  async function keep(
    artifact: Artifact,
    at: number,
    condition: 'put' | 'insert' | 'replace' | 'rename',
    { key: fromKey, sealed: from } = { key: artifact.key, sealed: '' },
  ) {
    const { model, key, sealed, expiresAt, grantKey, uidKey, accountId } = artifact
    const keys = [
      hash(model, key),
      ...(condition === 'rename' ? [hash(model, fromKey)] : []),
      ...(expiresAt === undefined ? [] : [byExpiry(model), models]),
      ...(grantKey === undefined ? [] : [byGrant(grantKey)]),
      ...(uidKey === undefined ? [] : [byUid(model, uidKey)]),
      ...(accountId === undefined ? [] : [byAccount(accountId)]),
    ]
    const rest = [expiresAt, grantKey, uidKey, accountId].map(optional)
    return (await run(KEEP, keys, [now(), at, condition, from, model, key, sealed, ...rest, fromKey])) === 1
  }

  async function removeAll(index: string, field: string, value: string, keep: string[] = []): Promise<number> {
    let removed = 0
    for (;;) {
      const reply = await run(REMOVE_SOME, [index], [index, field, value, BITE, ...keep])
      const [gone, left] = reply as [number, number]
      removed += gone
      if (left === 0) return removed
    }
  }

  async function findAll(wanted: Wanted[], at: number): Promise<Array<KeptArtifact | undefined>> {
    const keys = wanted.map((one) => ('key' in one ? hash(one.model, one.key) : byUid(one.model, one.uidKey)))
    const named = wanted.flatMap((one) => ('key' in one ? ['key', one.model, one.key] : ['uid', one.model, one.uidKey]))
    const replies = await run(FIND, keys, [at, ...named])
    return (replies as Array<KeptReply | null>).map((reply) => (reply === null ? undefined : toKept(reply)))
  }

  return {
    async putArtifact(artifact) {
      await keep(artifact, 0, 'put')
    },
    insertArtifact: (artifact, at) => keep(artifact, at, 'insert'),
    replaceArtifact: (artifact, from, at) =>
      from === undefined
        ? keep(artifact, at, 'insert')
        : keep(artifact, at, 'replace', { key: artifact.key, sealed: from }),
    renameArtifact: (artifact, from, at) => keep(artifact, at, 'rename', from),

    findArtifact: async (model, key, at) => (await findAll([{ model, key }], at))[0],
    findArtifacts: findAll,
    findArtifactByUid: async (model, uidKey, at) => (await findAll([{ model, uidKey }], at))[0],
    consumeArtifact: async (model, key, at) => (await run(CONSUME, [hash(model, key)], [at, `${model}:${key}`])) === 1,
    async removeArtifact(model, key) {
      await run(REMOVE, [hash(model, key)], [`${model}:${key}`])
    },
    takeArtifact: async (model, key, at, from) =>
      (await run(TAKE, [hash(model, key)], [at, `${model}:${key}`, optional(from)])) === 1,
    async removeArtifactsByGrant(grantKey) {
      await removeAll(byGrant(grantKey), 'grantKey', grantKey)
    },
    async removeArtifactsByUid(model, uidKey) {
      await removeAll(byUid(model, uidKey), 'uidKey', uidKey)
    },
    async listArtifactsByAccount(model, accountId, at) {
      const replies = await run(LIST_BY_ACCOUNT, [byAccount(accountId)], [at, model, accountId])
      return (replies as KeptReply[]).map(toKept)
    },
    async listExpiredArtifacts(model, at, limit) {
      const replies = await run(LIST_EXPIRED, [byExpiry(model)], [at, model, limit])
      return (replies as KeptReply[]).map(toExpired)
    },
    removeArtifactsByAccount: (accountId, keep = []) => removeAll(byAccount(accountId), 'accountId', accountId, keep),

    async sweepArtifacts(at) {
      let swept = 0
      for (;;) {
        const [removed, seen] = (await run(SWEEP, [models], [at, BITE])) as [number, number]
        swept += removed
        if (seen < BITE) return swept
      }
    },
  }
}

/** Tells nothing from an empty text, which Redis cannot. */
function optional(value: string | number | undefined): string {
  return value === undefined ? '' : `=${value}`
}

function toKept([key, sealed, consumedAt]: KeptReply): KeptArtifact {
  return { key, sealed, consumedAt: consumedAt === null ? undefined : Number(consumedAt) }
}

function toExpired(reply: KeptReply): ExpiredArtifact {
  return { ...toKept(reply), accountId: reply[3] ?? undefined }
}
