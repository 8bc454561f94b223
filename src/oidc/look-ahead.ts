/**
 * A request that comes back to its sitting needs the sitting and the session. Both are asked for at once, and what was
 * asked for once in a request is remembered (store/request-memory.ts).
 */
import type { Clock } from '../lib/time.ts'
import type { ArtifactStore } from './artifact.ts'
import { artifactKey } from './artifact-key.ts'

export type LookAhead = (ids: { sitting: string | undefined; session: string | undefined }) => Promise<void>

export function lookAhead(store: Pick<ArtifactStore, 'findArtifacts'>, now: Clock): LookAhead {
  return async ({ sitting, session }) => {
    // One alone would be read once anyway.
    if (sitting === undefined || session === undefined) return
    const wanted = [
      { model: 'Session', key: artifactKey('Session', session) },
      { model: 'Interaction', key: artifactKey('Interaction', sitting) },
    ]
    await store.findArtifacts(wanted, now())
  }
}

/** The sitting that is taken up again at this address. */
export function sittingAt(path: string): string | undefined {
  return /^\/auth\/([\w-]+)$/.exec(path)?.[1]
}
