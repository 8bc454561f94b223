/**
 * What was opened lately and is read again and again: sessions, grants and tokens that are shown more than once. The row is
 * read each time, and what was opened before counts only while the row has the same text, so what was changed or ended is
 * seen at once. Opening and parsing cost more than the reading.
 */
import type { AdapterPayload } from 'oidc-provider'
import type { Sealer } from '../lib/crypto.ts'
import { copyOf } from '../record/copy.ts'

/** Of those at most so many are held in memory: some 2 kB each. */
const MOST = 1000

const READ_AGAIN = new Set(['Session', 'Grant', 'AccessToken', 'ClientCredentials'])

/** Opens what is kept of a model under a key. Nobody else has what it returns, so it may be changed. */
export type Open = (model: string, kept: { key: string; sealed: string }) => AdapterPayload

export function opener(seal: Pick<Sealer, 'open'>): Open {
  // The one that was used longest ago stands first.
  const opened = new Map<string, { sealed: string; payload: AdapterPayload }>()

  function anew(record: string, sealed: string): AdapterPayload {
    return JSON.parse(seal.open(sealed, record))
  }

  return (model, { key, sealed }) => {
    // By record, not by text alone: what was sealed for one record opens in no other.
    const record = `artifact/${model}/${key}`
    if (!READ_AGAIN.has(model)) return anew(record, sealed)
    const known = opened.get(record)
    opened.delete(record)
    const { payload } = known?.sealed === sealed ? known : { payload: anew(record, sealed) }
    opened.set(record, { sealed, payload })
    const [oldest] = opened.keys()
    if (opened.size > MOST && oldest !== undefined) opened.delete(oldest)
    return copyOf(payload)
  }
}
