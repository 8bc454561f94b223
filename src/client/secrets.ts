/**
 * The secrets of an application. We make them, so that every one has 256 bits and no sign that a library might not encode
 * in a header; they are shown once, and kept as digests. Or they are in the environment, and the record has their names.
 */
import { randomInt } from 'node:crypto'
import { digest } from '../lib/crypto.ts'
import { isSame } from '../record/copy.ts'
import { type By, type Changing, create, doneBefore, kept, type Refusal, refusalOf, type Wanted } from './changes.ts'
import type { LiveSecret } from './client.ts'
import {
  type ClientRecord,
  type Definition,
  type FieldChange,
  type KeptSecret,
  MOST_SECRETS,
  type Owner,
} from './record.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62 to the power of 43 is more than 2 to the power of 256. */
const LENGTH = 43

export interface MadeSecret {
  id: string
  /** Shown once, and kept nowhere. */
  secret: string
  digest: string
}

export function madeSecret(): MadeSecret {
  const secret = base62(LENGTH)
  return { id: secretId(), secret, digest: digest(secret) }
}

/** No sign that a command line takes for an option. */
export function secretId(): string {
  return base62(12)
}

function base62(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(BASE62.length)]).join('')
}

export type SecretChanging = Changing | { ok: false; reason: 'too-many-secrets' | 'no-such-secret' }

/** With a secret that we made, with those that are in the environment, or with none. */
export function createClient(
  draft: ClientRecord,
  given: {
    definition: Definition
    owner: Owner
    names: readonly string[]
    made?: Pick<MadeSecret, 'id' | 'digest'> | undefined
  },
  by: By,
): SecretChanging {
  const { definition, owner, names, made } = given
  if (names.length + (made ? 1 : 0) > MOST_SECRETS) return { ok: false, reason: 'too-many-secrets' }
  const told = [
    ...(names.length > 0 ? [{ field: 'secrets', to: [...names] }] : []),
    ...(made ? [{ field: 'secrets', to: made.id }] : []),
  ]
  const outcome = create(draft, { definition, owner, told }, by)
  if (!outcome.ok || outcome.before) return outcome
  draft.secrets = namedSecrets(draft, names, by.at)?.secrets ?? []
  if (made) draft.secrets.push({ id: made.id, digest: made.digest, createdAt: by.at })
  return outcome
}

/** `names` are all that are in the environment from then on. */
export function changeClient(
  draft: ClientRecord,
  { definition, names, ...wanted }: Wanted & { definition: Definition; names: readonly string[] },
  by: By,
): SecretChanging {
  const refusal = refusalOf(draft, wanted)
  if (refusal) return refusal
  return keptWith(draft, { definition }, namedSecrets(draft, names, by.at), by)
}

export function addSecret(
  draft: ClientRecord,
  { secret, ...wanted }: Wanted & { secret: Pick<MadeSecret, 'id' | 'digest'> },
  by: By,
): SecretChanging {
  const done = doneBefore(draft, by)
  if (done) return done
  const refusal = refusalOfSecrets(draft, wanted)
  if (refusal) return refusal
  return keptWith(draft, {}, withMade(draft, secret, by.at), by)
}

/** What its secrets are from then on, and how that is told of. */
interface Next {
  secrets: KeptSecret[]
  told: FieldChange[]
}

/** Undefined if that would be too many. */
export function withMade(
  { secrets }: ClientRecord,
  made: Pick<MadeSecret, 'id' | 'digest'>,
  at: number,
): Next | undefined {
  if (secrets.length >= MOST_SECRETS) return undefined
  const { id, digest } = made
  return { secrets: [...secrets, { id, digest, createdAt: at }], told: [{ field: 'secrets', to: id }] }
}

/** Both as one version, or neither. */
export function keptWith(
  draft: ClientRecord,
  next: Parameters<typeof kept>[1],
  secrets: Next | undefined,
  by: By,
): SecretChanging {
  if (!secrets) return { ok: false, reason: 'too-many-secrets' }
  const outcome = kept(draft, next, by, secrets.told)
  if (outcome.ok) draft.secrets = secrets.secrets
  return outcome
}

export function removeSecret(draft: ClientRecord, { id, ...wanted }: Wanted & { id: string }, by: By): SecretChanging {
  const refusal = refusalOfSecrets(draft, wanted)
  if (refusal) return refusal
  const gone = draft.secrets.find((secret) => secret.id === id)
  if (!gone) return { ok: false, reason: 'no-such-secret' }
  const secrets = draft.secrets.filter((secret) => secret !== gone)
  return keptWith(draft, {}, { secrets, told: [{ field: 'secrets', from: told(gone) }] }, by)
}

/**
 * These names of the environment are where its secrets are, the newest first as in a file; what we made stays. Undefined
 * if that would be too many.
 */
export function namedSecrets(draft: ClientRecord, names: readonly string[], at: number): Next | undefined {
  const made = draft.secrets.filter(({ digest }) => digest !== undefined)
  if (made.length + names.length > MOST_SECRETS) return undefined
  const before = namesOf(draft)
  if (isSame(before, names)) return { secrets: draft.secrets, told: [] }
  const named = names
    .toReversed()
    .map(
      (env): KeptSecret => draft.secrets.find((secret) => secret.env === env) ?? { id: secretId(), env, createdAt: at },
    )
  const told = {
    field: 'secrets',
    ...(before.length > 0 && { from: before }),
    ...(names.length > 0 && { to: [...names] }),
  }
  return { secrets: [...made, ...named], told: [told] }
}

/** The names of the environment in which its secrets are, the newest first. */
export function namesOf({ secrets }: { secrets: ReadonlyArray<{ env?: string | undefined }> }): string[] {
  return secrets.flatMap(({ env }) => env ?? []).toReversed()
}

/** Those that can be compared here. A name that this node's environment has not got matches nothing. */
export function liveSecrets(
  secrets: readonly KeptSecret[],
  secret: (name: string) => string | undefined,
): LiveSecret[] {
  return secrets.flatMap(({ id, digest: kept, env }) => {
    const value = env === undefined ? undefined : secret(env)
    const live = kept ?? (value ? digest(value) : undefined)
    return live === undefined ? [] : [{ id, digest: live, env }]
  })
}

/** When each was used last, by its id. No version: nothing about the application is different. */
export function noteUses(draft: ClientRecord, uses: ReadonlyMap<string, number>): void {
  for (const secret of draft.secrets) {
    const at = uses.get(secret.id)
    if (at !== undefined && at > (secret.lastUsedAt ?? 0)) secret.lastUsedAt = at
  }
}

/** A file that names no secret leaves them to us: then they are changed here, whoever owns the rest. */
function refusalOfSecrets(draft: ClientRecord, wanted: Wanted): Refusal | undefined {
  const on = wanted.on === 'store' && namesOf(draft).length === 0 ? draft.owner.kind : wanted.on
  return refusalOf(draft, { ...wanted, on })
}

function told({ id, env }: KeptSecret): unknown {
  return env === undefined ? id : { env }
}
