/**
 * A request reads a person, or an artifact, once, however often it asks for it (lib/unit-of-work.ts). Any change that it
 * makes to people, or to artifacts, makes it read those anew.
 */
import { forget, remembered } from '../lib/unit-of-work.ts'
import type { Wanted } from '../oidc/artifact.ts'
import { copyOf } from '../record/copy.ts'
import type { Records } from '../record/records.ts'
import type { DurableStore, ExpiringStore } from './store.ts'

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
    return [name, READS.test(name) || OF_NOBODY.has(name) ? part : forgetting(part, 'person/')]
  })
  return Object.fromEntries(attentive) as unknown as Durable
}

export function artifactsWithMemory(expiring: ExpiringStore): ExpiringStore {
  const methods = Object.entries(expiring as unknown as Record<string, Method>)
  const changes = methods.filter(([name]) => !READS.test(name))
  const forgetful = changes.map(([name, method]) => [name, forgetting(method, 'artifact/')])
  return {
    ...expiring,
    ...(Object.fromEntries(forgetful) as Partial<ExpiringStore>),
    findArtifact: (model, key, now) =>
      remembered(artifactName({ model, key }), () => expiring.findArtifact(model, key, now)),
    findArtifactByUid: (model, uidKey, now) =>
      remembered(artifactName({ model, uidKey }), () => expiring.findArtifactByUid(model, uidKey, now)),
    findArtifacts(wanted, now) {
      const found = expiring.findArtifacts(wanted, now)
      // Nobody may be left to hear of it, where all of them were known.
      found.catch(() => undefined)
      return Promise.all(wanted.map((one, index) => remembered(artifactName(one), async () => (await found)[index])))
    },
  }
}

function artifactName(wanted: Wanted): string {
  return 'key' in wanted ? `artifact/${wanted.model}/${wanted.key}` : `artifact/${wanted.model} of/${wanted.uidKey}`
}

function recordsWithMemory(kind: string, records: Kept): Kept {
  return {
    ...records,
    find: async (id) => copyOf(await remembered(`person/${kind}/${id}`, () => records.find(id))),
    async findBy(key) {
      const found = await remembered(`person/${kind} by/${key}`, () => records.findBy(key))
      if (!found) return undefined
      await remembered(`person/${kind}/${found.id}`, async () => found.record)
      return copyOf(found)
    },
    change: forgetting(records.change, 'person/') as Kept['change'],
    changeBy: forgetting(records.changeBy, 'person/') as Kept['changeBy'],
  }
}

/** Also when it failed: what was read while it was under way may be from before it. */
function forgetting(change: Method, what: string): Method {
  return async (...given) => {
    try {
      return await change(...given)
    } finally {
      forget(what)
    }
  }
}
