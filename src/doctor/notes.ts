/**
 * Takes down what applications are seen to do. A request only notes it in memory, which is bounded; what was noted is
 * written in the background, merged with what other nodes noted. So a sign-in or a token costs no read and no write more,
 * and a flood of refused requests fills neither the store nor the memory. What a process noted in its last seconds is lost
 * if it dies: nothing is decided by it.
 */
import { hmac } from '../lib/crypto.ts'
import { type ExpiringMap, expiringMap } from '../lib/expiring-map.ts'
import { networks } from '../lib/network.ts'
import { ration } from '../lib/ration.ts'
import { CLOCKS_APART, type Clock, DAY, HOUR, MINUTE, SECOND } from '../lib/time.ts'
import type { Observed, Tell, Whence } from '../oidc/observed.ts'
import {
  addCaller,
  addOdd,
  addRefusal,
  addStep,
  type CallerSeen,
  type ClientMemories,
  type ClientMemory,
  type Fetches,
  forgetOld,
  memoryKind,
  OF_ALL,
} from './memory.ts'

export interface Notes {
  note: Tell
  /**
   * Writes what was noted: refusals at once, and that something worked once a minute, or at once where `all` is asked for.
   * What cannot be written is noted still.
   */
  write(how?: { all?: boolean }): Promise<void>
}

export interface NotesParts {
  records: Pick<ClientMemories, 'change' | 'list'>
  /** Of addresses and agents: they are kept as digests that nobody can make without it. */
  key: Buffer
  now: Clock
}

interface Pending {
  memory: ClientMemory
  /** Something was refused. */
  urgent: boolean
  since: number
}

/** Of one address and agent, or of one address. */
interface Fetch {
  keys?: number
  discovery?: number
}

/** Refusals of one application from one neighborhood, and of all together. */
const RATION = { each: 10, all: 500, window: SECOND }
/** Applications that one round writes. The others wait for the next. */
const MOST_A_ROUND = 50
/** Fetches of keys by addresses that nothing is known of yet. */
const MOST_FETCHES = 2000
/** Addresses and agents that a digest is kept of in memory. */
const MOST_DIGESTS = 1000
const PATIENCE = MINUTE

export function notes({ records, key, now }: NotesParts): Notes {
  const admits = ration(RATION, now)
  const fetches: ExpiringMap<Fetch> = expiringMap({ most: MOST_FETCHES, lifetime: 7 * DAY }, now)
  /** Who calls from where, as far as this node has heard. */
  const callers = new Map<string, CallerSeen[]>()
  const pending = new Map<string, Pending>()
  let fetched = new Set<string>()
  let followed = Number.NEGATIVE_INFINITY

  /** An application asks again and again, and making two digests for each token would cost as much as all the rest. */
  const digests: ExpiringMap<string> = expiringMap({ most: MOST_DIGESTS, lifetime: HOUR }, now)
  const addressOf = ({ ip }: Whence) =>
    digestOf(`address ${ip}`, () => hmac(key, `address ${networks(ip).address}`).slice(0, 22))
  const agentOf = ({ agent }: Whence) => digestOf(`agent ${agent}`, () => hmac(key, `agent ${agent}`).slice(0, 22))

  function digestOf(what: string, make: () => string): string {
    const made = digests.get(what)
    if (made !== undefined) return made
    const digest = make()
    digests.set(what, digest)
    return digest
  }

  function of(client: string): Pending {
    const known = pending.get(client) ?? { memory: memoryKind.empty(), urgent: false, since: now() }
    pending.set(client, known)
    return known
  }

  function note(observed: Observed): void {
    if (observed.what === 'fetched') noteFetch(observed)
    else if (observed.what === 'refused') noteRefusal(observed)
    else take(of(observed.client).memory, observed)
  }

  function noteRefusal({ client, whence, refusal }: Extract<Observed, { what: 'refused' }>): void {
    if (!admits(`${client} ${networks(whence?.ip ?? '').network}`)) return
    const known = of(client)
    known.urgent = true
    addRefusal(known.memory, { ...refusal, at: now(), firstAt: now(), count: 1 })
  }

  function take(memory: ClientMemory, observed: Exclude<Observed, { what: 'refused' | 'fetched' }>): void {
    const at = now()
    memory.seen[observed.what] = at
    if (observed.what === 'asked') memory.scopes = observed.scopes
    if (observed.what === 'authorized') {
      addStep(memory, { what: 'given', browser: observed.browser, at })
      if (observed.below) memory.below = { ...observed.below, at }
    }
    if (observed.what !== 'token') return
    if (observed.grant === 'refresh_token') memory.seen.refresh = at
    if (observed.skew !== undefined) memory.skew = { seconds: observed.skew, at }
    const { whence, browser } = observed
    if (browser !== undefined) addStep(memory, { what: 'redeemed', browser, at })
    if (whence) addCaller(memory, { address: addressOf(whence), agent: agentOf(whence), at })
  }

  function noteFetch({ file, whence, as }: Extract<Observed, { what: 'fetched' }>): void {
    const [address, agent] = [addressOf(whence), agentOf(whence)]
    for (const name of [address, `${address} ${agent}`]) fetches.set(name, { ...fetches.get(name), [file]: now() })
    if (fetched.size < MOST_FETCHES) fetched.add(address)
    const { memory } = of(OF_ALL)
    // That some fetch came by our name says that a proxy before us leaves the name as it is.
    if (as === 'ours') memory.seen.asked = now()
    else addOdd(memory, { address, agent, as, at: now() })
  }

  /** Others heard of callers whose fetches were seen here. */
  async function follow(): Promise<void> {
    const from = followed - CLOCKS_APART
    followed = now()
    const changed = await records.list({ by: 'changedAt', ...(Number.isFinite(from) && { from }), limit: 1000 })
    for (const { id, record } of changed) callers.set(id, record.callers)
  }

  /** Those that call from one of these addresses. */
  function fetchers(addresses: ReadonlySet<string>): string[] {
    return [...callers].filter(([, seen]) => seen.some(({ address }) => addresses.has(address))).map(([id]) => id)
  }

  async function writeOne(client: string, { memory, since }: Pending): Promise<void> {
    try {
      const seen = await records.change(client, (draft) => merge(draft, memory))
      callers.set(client, seen)
    } catch (fault) {
      const later = of(client)
      merge(memory, later.memory)
      pending.set(client, { memory, urgent: true, since: Math.min(since, later.since) })
      throw fault
    }
  }

  function merge(draft: ClientMemory, noted: ClientMemory): CallerSeen[] {
    for (const refusal of noted.refusals) addRefusal(draft, { ...refusal })
    for (const step of noted.steps) addStep(draft, { ...step })
    for (const caller of noted.callers) addCaller(draft, { ...caller })
    for (const odd of noted.odd) addOdd(draft, odd)
    for (const [doing, at] of Object.entries(noted.seen) as Array<[keyof ClientMemory['seen'], number]>)
      draft.seen[doing] = Math.max(at, draft.seen[doing] ?? 0)
    if (noted.seen.asked && noted.scopes.length > 0) draft.scopes = noted.scopes
    if (noted.below) draft.below = noted.below
    if (noted.skew) draft.skew = noted.skew
    for (const caller of draft.callers) addFetches(draft.fetches, caller)
    forgetOld(draft, now())
    draft.changedAt = Math.max(now(), draft.changedAt)
    return draft.callers
  }

  function addFetches(known: Fetches, { address, agent }: CallerSeen): void {
    const [near, exact] = [fetches.get(address), fetches.get(`${address} ${agent}`)]
    known.keys = later(known.keys, exact?.keys)
    known.discovery = later(known.discovery, exact?.discovery)
    known.keysNear = later(known.keysNear, near?.keys)
    known.discoveryNear = later(known.discoveryNear, near?.discovery)
  }

  return {
    note,
    async write({ all = false } = {}) {
      if (fetched.size > 0) {
        await follow()
        for (const client of fetchers(fetched)) of(client)
        // Whoever calls from the others may be heard of later, by another node.
        const known = new Set([...callers.values()].flat().map(({ address }) => address))
        fetched = new Set([...fetched].filter((address) => !known.has(address) && fetches.get(address)))
      }
      const due = [...pending].filter(([, { urgent, since }]) => all || urgent || since + PATIENCE <= now())
      const taken = all ? due : due.slice(0, MOST_A_ROUND)
      for (const [client] of taken) pending.delete(client)
      const outcomes = await Promise.allSettled(taken.map(([client, one]) => writeOne(client, one)))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed) throw failed.reason
    },
  }
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}
