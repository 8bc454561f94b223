/** chores.ts: which node does what, and what one fault leaves undone. */
import { expect, test } from 'vitest'
import { chores, followChores, organizationChores } from '../../../src/app/chores.ts'
import type { Core } from '../../../src/app/core.ts'
import { DAY } from '../../../src/lib/time.ts'
import type { LeaseStore } from '../../../src/lib/turns.ts'
import { RETENTION } from '../../support/samples/pruning.ts'

const NOW = Date.UTC(2026, 10, 22, 12)

const FINDERS: Record<string, string> = { tidyAt: 'people', forgets: 'erasures', trialUntil: 'trials' }

/** A core that writes down what is asked of its store, by name, with the moment it was asked for. */
function bench(leases: LeaseStore | undefined, failing: string[] = []) {
  const asked: Array<[string, number]> = []
  const called = (name: string, result: unknown) => async (at: number) => {
    asked.push([name, at])
    if (failing.includes(name)) throw new Error(name)
    return result
  }
  const durable = {
    sweepCounters: called('counters', 0),
    people: {
      list: ({ by, to = NOW }: { by: string; to?: number }) => called(FINDERS[by] ?? by, [])(to),
    },
    clientMemories: { list: ({ to = NOW }: { to?: number }) => called('memories', [])(to) },
    madeOnce: { list: ({ to = NOW }: { to?: number }) => called('keys of requests', [])(to) },
    rootKeys: { list: () => called('root keys', [])(NOW) },
    removeGivenUp: called('given up', 0),
    shortenAddresses: called('addresses', 0),
    deriveAnew: async () => 0,
    followCheckpoints: () => called('old records', [])(NOW),
    lastCheckpoint: async () => undefined,
    followAudit: async () => [],
  }
  const core = {
    now: () => NOW,
    config: { audit: { retention: RETENTION } },
    ring: {},
    store: { durable, expiring: { sweepArtifacts: called('artifacts', 0) }, leases },
    keys: { rotateIfDue: async () => 'not due' },
    record: async () => undefined,
    logos: { tidy: () => called('logos', undefined)(NOW) },
    sessions: { endExpired: called('sessions', 0) },
    memberships: { settle: () => called('memberships', false)(NOW) },
  }
  return { core: core as unknown as Core, asked, names: () => asked.map(([name]) => name) }
}

/** It takes a clock for right that is another than the one of the core. */
const BELIEVED = NOW - 1000
const hold = (held: boolean) => ({
  believed: async () => (held ? undefined : BELIEVED),
  isHeld: () => held,
  look: () => undefined,
})

async function runAll(core: Core, right = true, held = false): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(chores(core, async () => right, hold(held)).map(({ run }) => run()))
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
}

const OF_PEOPLE = ['people', 'erasures', 'trials', 'memberships']
const ALL = [
  ...OF_PEOPLE,
  'sessions',
  'artifacts',
  'counters',
  'addresses',
  'old records',
  'given up',
  'memories',
  'keys of requests',
  'logos',
  'root keys',
].sort()
const free: LeaseStore = { acquire: async () => true, release: async () => undefined }

test('one process cleans up by its own clock, whatever another says', async () => {
  const { core, asked, names } = bench(undefined)
  expect(await runAll(core, false)).toEqual([])
  expect(names().sort()).toEqual(ALL)
  expect(asked).toContainEqual(['sessions', NOW])
})

test('of several nodes one does it, with a margin for the clocks of the others', async () => {
  const { core, asked, names } = bench(free)
  expect(await runAll(core)).toEqual([])
  expect(names().sort()).toEqual(ALL)
  for (const name of ['sessions', 'artifacts', 'counters', 'people', 'trials', 'memories'])
    expect(asked.find(([one]) => one === name)?.[1]).toBe(NOW - 20_000)
  const taken = bench({ ...free, acquire: async () => false })
  expect(await runAll(taken.core)).toEqual([])
  expect(taken.asked).toEqual([])
})

test('a node whose clock is wrong ends nothing', async () => {
  const { core, asked } = bench(free)
  expect(await runAll(core, false)).toEqual([])
  expect(asked).toEqual([])
})

test('what is removed for good stays while a clock is not believed, and all else is done', async () => {
  const { core, names } = bench(undefined)
  expect(await runAll(core, true, true)).toEqual([])
  expect(names().sort()).toEqual(ALL.filter((name) => name !== 'addresses' && name !== 'old records'))
})

test('what is removed for good goes by the moment that was believed, each bite of it', async () => {
  const { core, asked } = bench(undefined)
  let bites = 3
  const shorten = core.store.durable.shortenAddresses
  const followed: number[] = []
  Object.assign(core, { now: () => NOW + 2000 * DAY })
  Object.assign(core.store.durable, {
    async shortenAddresses(before: number, limit: number) {
      await shorten(before, limit)
      bites -= 1
      return bites > 0 ? limit : 0
    },
    followAudit: async (after: number) => {
      followed.push(after)
      return [{ at: BELIEVED - DAY, seq: 1 }]
    },
  })
  await runAll(core)
  expect(asked.filter(([name]) => name === 'addresses')).toEqual(Array(3).fill(['addresses', BELIEVED - 90 * DAY]))
  // The oldest record is too young.
  expect(followed).toEqual([0])
})

test('a store that is too full for a lease is cleaned all the same', async () => {
  const full = () => Promise.reject(new Error('OOM'))
  const { core, names } = bench({ acquire: full, release: full })
  expect(await runAll(core)).toEqual([])
  expect(names().sort()).toEqual(ALL)
})

test('what fails leaves nothing else undone, and is told', async () => {
  const { core, names } = bench(free, ['counters', 'people'])
  expect(await runAll(core)).toEqual([new Error('counters')])
  expect(names().sort()).toEqual(ALL)
})

/** The one task, with what it finds: news of organizations, and how often there is something left to do. */
function settling(leases: LeaseStore | undefined, left: number) {
  const done: string[] = []
  const known = { news: true, left, fault: false }
  const core = {
    store: { leases },
    organizations: {
      follow: async () => void done.push('follow'),
      takeNews: () => {
        const had = known.news
        known.news = false
        return had
      },
    },
    memberships: {
      async settle() {
        done.push('settle')
        if (known.fault) throw new Error('the store is away')
        known.left -= 1
        return known.left >= 0
      },
    },
  } as unknown as Core
  const [task] = organizationChores(core, async () => true)
  const run = async (times: number) => {
    for (let time = 0; time < times; time += 1) await task?.run().catch(() => undefined)
    return done.splice(0).length
  }
  return { known, run, core, done }
}

test('what an organization means for its people is seen to at the start and after a change, until nothing is left', async () => {
  const { known, run } = settling(undefined, 2)
  expect(await run(10)).toBe(3)
  expect(await run(10)).toBe(0)
  known.news = true
  expect(await run(10)).toBe(1)
})

test('where it failed it is tried again, and a node that had no turn looks for itself later', async () => {
  const { known, run } = settling(undefined, 0)
  known.fault = true
  expect(await run(3)).toBe(3)
  known.fault = false
  expect(await run(3)).toBe(1)
  let turn = false
  const other = settling({ acquire: async () => turn, release: async () => undefined }, 0)
  expect(await other.run(3)).toBe(0)
  turn = true
  expect(await other.run(3)).toBe(1)
})

test('changes of other nodes are taken up each second, whatever else is going on', async () => {
  const { core, done } = settling(undefined, 0)
  const clients = { follow: async () => void done.push('follow clients') }
  const [task, ...others] = followChores({ ...core, clients } as unknown as Core)
  expect([task?.every, others]).toEqual([1000, []])
  await task?.run()
  expect(done).toEqual(['follow', 'follow clients'])
})
