/**
 * What one request asks about a person again and again, it reads once (lib/unit-of-work.ts). Any change that it makes to
 * people makes it read anew.
 */
import { forget, remembered } from '../lib/unit-of-work.ts'
import type { Records } from '../record/records.ts'
import type { DurableStore } from './store.ts'

/** Changes that are of nobody: the trail, counters, the queue, signing keys. */
const OF_NOBODY: ReadonlySet<string> = new Set<keyof DurableStore>([
  'appendAudit',
  'spendStreak',
  'spendWindow',
  'spendBoth',
  'refund',
  'refundStreak',
  'endDelays',
  'reset',
  'enqueue',
])
const READS = /^(find|list|is[A-Z]|count|peek|backlog)/

type Method = (...given: never[]) => Promise<unknown>
type Kept = Records<object>

export function withMemory<Durable extends DurableStore>(durable: Durable): Durable {
  const parts = Object.entries(durable as unknown as Record<string, Method | Kept>)
  const attentive = parts.map(([name, part]) => {
    if (typeof part !== 'function') return [name, recordsWithMemory(name, part)]
    return [name, READS.test(name) || OF_NOBODY.has(name) ? part : forgetting(part)]
  })
  return {
    ...(Object.fromEntries(attentive) as Durable),
    findAccount: (id) => remembered(`account/${id}`, () => durable.findAccount(id)),
    listAuthenticators: (id) => remembered(`authenticators/${id}`, () => durable.listAuthenticators(id)),
    findBackupCode: (id) => remembered(`backup/${id}`, () => durable.findBackupCode(id)),
  }
}

function recordsWithMemory(kind: string, records: Kept): Kept {
  return {
    ...records,
    find: async (id) => structuredClone(await remembered(`${kind}/${id}`, () => records.find(id))),
    change: forgetting(records.change) as Kept['change'],
    changeBy: forgetting(records.changeBy) as Kept['changeBy'],
  }
}

/** Also when it failed: what was read while it was under way may be from before it. */
function forgetting(change: Method): Method {
  return async (...given) => {
    try {
      return await change(...given)
    } finally {
      forget()
    }
  }
}
