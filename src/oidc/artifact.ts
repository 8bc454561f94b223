/**
 * What oidc-provider keeps (sessions, interactions, grants, codes, tokens), as our stores see it: sealed content under
 * a digest of its id, so that a copy of the database holds nothing that opens a door.
 */

export interface Artifact {
  /** oidc-provider's model name: Session, Grant, AccessToken, … */
  model: string
  /** Digest of the id; the id itself is often the secret. */
  key: string
  sealed: string
  /** Milliseconds; undefined is for ever. */
  expiresAt: number | undefined
  /** Digest of the grant it belongs to. */
  grantKey: string | undefined
  /** Digest of a session's uid. */
  uidKey: string | undefined
  accountId: string | undefined
}

export interface KeptArtifact {
  key: string
  sealed: string
  consumedAt: number | undefined
}

export interface ExpiredArtifact extends KeptArtifact {
  accountId: string | undefined
}

/** One by its key or, of a session, by its uid. */
export type Wanted = { model: string; key: string } | { model: string; uidKey: string }

/** What oidc/ needs kept in the expiring half. Expiry is checked in every query; sweeping only cleans. */
export interface ArtifactStore {
  putArtifact(artifact: Artifact): Promise<void>
  /** False, and nothing changed, if an unexpired one with this key is there. */
  insertArtifact(artifact: Artifact, now: number): Promise<boolean>
  /**
   * Keeps it only if what is there now, unexpired, has exactly this sealed content (undefined: if none is there).
   * False, and nothing changed, if another request was first. What was consumed stays consumed.
   */
  replaceArtifact(artifact: Artifact, from: string | undefined, now: number): Promise<boolean>
  /**
   * Keeps it in the place of the one with the key `from.key`, which goes by the same write; only if that one is there,
   * unexpired, with exactly this sealed content. False, and nothing changed, if another request was first.
   */
  renameArtifact(artifact: Artifact, from: { key: string; sealed: string }, now: number): Promise<boolean>
  findArtifact(model: string, key: string, now: number): Promise<KeptArtifact | undefined>
  /** Each as `findArtifact` or `findArtifactByUid` would find it, in one look. */
  findArtifacts(wanted: Wanted[], now: number): Promise<Array<KeptArtifact | undefined>>
  findArtifactByUid(model: string, uidKey: string, now: number): Promise<KeptArtifact | undefined>
  /** Marks it consumed. False if it was consumed already, has expired or is not there: single use rests on this. */
  consumeArtifact(model: string, key: string, now: number): Promise<boolean>
  removeArtifact(model: string, key: string): Promise<void>
  /**
   * Removes it. False if it was not there, had expired, or is not exactly `from` where that is given: of several at
   * once exactly one is told true.
   */
  takeArtifact(model: string, key: string, now: number, from?: string): Promise<boolean>
  removeArtifactsByGrant(grantKey: string): Promise<void>
  /** Whatever key it has by now. A write of what was read before finds nothing to write over, and is refused. */
  removeArtifactsByUid(model: string, uidKey: string): Promise<void>
  listArtifactsByAccount(model: string, accountId: string, now: number): Promise<KeptArtifact[]>
  /** Those that have run out and were not swept yet, at most `limit`, the oldest first. */
  listExpiredArtifacts(model: string, now: number, limit: number): Promise<ExpiredArtifact[]>
  /** Everything of the account, whatever the model, but those with the keys in `keep`. Returns how many there were. */
  removeArtifactsByAccount(accountId: string, keep?: string[]): Promise<number>
  sweepArtifacts(now: number): Promise<number>
}
