/** What kept artifacts are found by: digests, so that nothing in a store is the id or token that opens them. */
import { digest } from '../lib/crypto.ts'
import type { ArtifactStore } from './artifact.ts'

export function artifactKey(model: string, id: string): string {
  return digest(`${model}:${id}`)
}

/**
 * Ends a session, whatever id it has by now. A request that is under way in it finds nothing to write over, so its write
 * is refused.
 */
export function endSession(store: ArtifactStore, uid: string): Promise<void> {
  return store.removeArtifactsByUid('Session', uidKeyOf(uid))
}

export function uidKeyOf(uid: string): string {
  return artifactKey('uid', uid)
}
