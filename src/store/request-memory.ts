/**
 * What one request asks about a person again and again, it reads once (lib/unit-of-work.ts). Any change that it makes to
 * people makes it read anew.
 */
import { forget, remembered } from '../lib/unit-of-work.ts'
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

export function withMemory(durable: DurableStore): DurableStore {
  const methods = Object.entries(durable as unknown as Record<string, Method>)
  const changes = methods.filter(([name]) => !READS.test(name) && !OF_NOBODY.has(name))
  const forgetful = changes.map(([name, method]) => [name, forgetting(method)])
  return {
    ...durable,
    ...(Object.fromEntries(forgetful) as Partial<DurableStore>),
    findAccount: (id) => remembered(`account/${id}`, () => durable.findAccount(id)),
    listAuthenticators: (id) => remembered(`authenticators/${id}`, () => durable.listAuthenticators(id)),
    findBackupCode: (id) => remembered(`backup/${id}`, () => durable.findBackupCode(id)),
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
