/**
 * What was sealed or opened lately and is read again: sittings, sessions, grants, codes, and tokens that are shown more than
 * once. The row is read each time, and what is remembered counts only while the row has the same text, so what was changed
 * or ended is seen at once. Opening and parsing cost more than the reading.
 */
import type { AdapterPayload } from 'oidc-provider'
import type { Sealer } from '../lib/crypto.ts'
import { copyOf } from '../record/copy.ts'

/** Of those at most so many are held in memory: 6 kB each where they are long. */
const MOST = 1000
/** Characters. What strangers ask for can be long, and is not worth the memory then. */
const LONGEST = 4096

/** A refresh token comes back in some minutes at best, and once. */
const READ_AGAIN = new Set(['Session', 'Interaction', 'Grant', 'AuthorizationCode', 'AccessToken', 'ClientCredentials'])

export interface Sealed {
  key: string
  sealed: string
}

export interface ArtifactSeal {
  seal(model: string, key: string, payload: AdapterPayload): string
  /** Opens what is kept of a model under a key. Nobody else has what it returns, so it may be changed. */
  open(model: string, kept: Sealed): AdapterPayload
  /** It is gone, or will not be asked for again. */
  forget(model: string, key: string): void
}

interface Known {
  sealed: string
  /** As text until somebody asks for it: much of what is sealed is never read. */
  content: string | AdapterPayload
}

export function artifactSeal(seal: Sealer): ArtifactSeal {
  // By record, not by text alone: what was sealed for one record opens in no other. The one that was used longest ago
  // stands first.
  const known = new Map<string, Known>()

  function remember(record: string, one: Known): void {
    known.delete(record)
    if (one.sealed.length > LONGEST) return
    known.set(record, one)
    const [oldest] = known.keys()
    if (known.size > MOST && oldest !== undefined) known.delete(oldest)
  }

  return {
    seal(model, key, payload) {
      const record = artifactRecord(model, key)
      const content = JSON.stringify(payload)
      const sealed = seal.seal(content, record)
      if (READ_AGAIN.has(model)) remember(record, { sealed, content })
      return sealed
    },
    open(model, { key, sealed }) {
      const record = artifactRecord(model, key)
      const before = known.get(record)
      const content = before?.sealed === sealed ? before.content : seal.open(sealed, record)
      const payload: AdapterPayload = typeof content === 'string' ? JSON.parse(content) : content
      if (!READ_AGAIN.has(model)) return payload
      remember(record, { sealed, content: payload })
      return copyOf(payload)
    },
    forget: (model, key) => void known.delete(artifactRecord(model, key)),
  }
}

/** What it is sealed for. */
export function artifactRecord(model: string, key: string): string {
  return `artifact/${model}/${key}`
}
