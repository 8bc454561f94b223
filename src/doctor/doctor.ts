/** The doctor of an application: gathers what is known of it, and says what is wrong with it. */
import type { Clients } from '../client/client.ts'
import type { ClientRecord, ClientRecords } from '../client/record.ts'
import { OWN_SCOPES } from '../client/scopes.ts'
import { type Clock, DAY } from '../lib/time.ts'
import { apart } from '../lib/unit-of-work.ts'
import type { SigningKeys } from '../oidc/keys.ts'
import { diagnose, type Line } from './diagnosis.ts'
import type { Evidence } from './evidence.ts'
import { keysAt, missesKeys } from './faults/tokens.ts'
import type { Act } from './live/acting.ts'
import { type ClientMemories, type ClientMemory, memoryKind, type OddFetch, OF_ALL } from './memory.ts'
import type { Notes } from './notes.ts'

export interface Examination {
  client: string
  /** Of its record, as it was looked at: whatever is mended is mended over that. */
  version: number
  /** When the doctor acted as it last. */
  liveAt?: number | undefined
  lines: Line[]
}

/** An application that would not know our next key, as far as can be seen. */
export interface Unaware {
  client: string
  name: string
  /** Milliseconds: when our keys were last fetched from where it is. */
  fetchedAt: number | undefined
}

export interface Doctor {
  /** Undefined if there is no such application. */
  examine(client: string): Promise<Examination | undefined>
  /** Acts as it, and remembers for a day what became of it. Nothing if there is no such application. */
  act(client: string): Promise<void>
  /** Applications in use that have not fetched our keys since the next ones were published. */
  unaware(): Promise<Unaware[]>
}

export interface DoctorParts {
  clients: Pick<ClientRecords, 'find' | 'list'>
  memories: ClientMemories
  notes: Pick<Notes, 'write'>
  registry: Pick<Clients, 'resources'>
  keys: Pick<SigningKeys, 'list'>
  acting: Act
  issuer: string
  production: boolean
  now: Clock
}

/** A result that is older says little. */
const LIVE_LIFE = DAY

export function doctor(parts: DoctorParts): Doctor {
  const { clients, memories, now } = parts

  async function common() {
    // What was noted on this node; the others write theirs within seconds.
    await parts.notes.write({ all: true })
    const keys = await parts.keys.list()
    const odd = oddOf(await memories.find(OF_ALL))
    const others = new Set((await Promise.all(odd.map(callersAt))).flat())
    const next = keys.filter(({ state }) => state === 'next').map(({ createdAt }) => createdAt)
    return {
      odd,
      isOthers: ({ address, agent }: OddFetch) => others.has(`${address} ${agent}`),
      issuer: parts.issuer,
      production: parts.production,
      scopes: new Set([...OWN_SCOPES, ...parts.registry.resources.flatMap(({ scopes }) => scopes)]),
      nextKeysAt: next.length > 0 ? Math.max(...next) : undefined,
      now: now(),
    }
  }

  async function callersAt({ address }: OddFetch): Promise<string[]> {
    const found = await memories.list({ by: 'caller', from: address, to: address, limit: 100 })
    return found.flatMap(({ record }) => record.callers.map((caller) => `${caller.address} ${caller.agent}`))
  }

  /** Whether another application calls from there, too: a gateway of many, or one machine. */
  async function isShared({ callers }: ClientMemory): Promise<boolean> {
    const counts = await Promise.all(callers.map(({ address }) => memories.count('caller', address)))
    return counts.some((count) => count > 1)
  }

  async function evidenceOf(
    id: string,
    record: ClientRecord,
    known: Awaited<ReturnType<typeof common>>,
  ): Promise<Evidence> {
    const memory = (await memories.find(id)) ?? memoryKind.empty()
    const { at = 0, results = [] } = memory.live ?? {}
    const live = new Map(at + LIVE_LIFE > now() ? results.map((result) => [result.check, result]) : [])
    return { id, record, memory, live, shared: await isShared(memory), ...known }
  }

  /** Of two at once the second gets what the first finds. */
  const underWay = new Map<string, Promise<void>>()

  async function tryOut(client: string): Promise<void> {
    const record = await clients.find(client)
    if (!record || record.version === 0) return
    const results = await parts.acting(client, record)
    await memories.change(client, (draft) => {
      draft.live = { at: now(), results }
      draft.changedAt = Math.max(now(), draft.changedAt)
    })
  }

  return {
    act(client) {
      // In no unit of work: what it writes, its own requests have to find.
      const trial = underWay.get(client) ?? apart(() => tryOut(client)).finally(() => underWay.delete(client))
      underWay.set(client, trial)
      return trial
    },

    async examine(client) {
      const record = await clients.find(client)
      if (!record || record.version === 0) return undefined
      const evidence = await evidenceOf(client, record, await common())
      const liveAt = evidence.live.size > 0 ? evidence.memory.live?.at : undefined
      return { client, version: record.version, liveAt, lines: diagnose(evidence) }
    },

    async unaware() {
      const known = await common()
      const active = (await clients.list({ by: 'changedAt', limit: 1_000_000 })).filter(
        ({ record }) => record.status === 'active',
      )
      const all = await Promise.all(active.map(({ id, record }) => evidenceOf(id, record, known)))
      return all.filter(missesKeys).map((evidence) => ({
        client: evidence.id,
        name: String(evidence.record.definition.client_name ?? evidence.id),
        fetchedAt: keysAt(evidence),
      }))
    },
  }
}

/** Where nobody ever comes by our own name, a proxy before us puts another in its place. */
function oddOf(all: ClientMemory | undefined): Evidence['odd'] {
  const named = all?.seen.asked !== undefined
  return (all?.odd ?? []).filter(({ as }) => named || as === 'double-slash')
}
