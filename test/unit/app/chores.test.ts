/** chores.ts: which node does what, and what one fault leaves undone. */
import { expect, test } from 'vitest'
import { chores } from '../../../src/app/chores.ts'
import type { Core } from '../../../src/app/core.ts'
import type { LeaseStore } from '../../../src/lib/turns.ts'

const NOW = Date.UTC(2026, 10, 22, 12)

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
      list: ({ by, to = NOW }: { by: string; to?: number }) => called(by === 'tidyAt' ? 'people' : 'erasures', [])(to),
    },
    shortenAddresses: called('addresses', 0),
  }
  const core = {
    now: () => NOW,
    store: { durable, expiring: { sweepArtifacts: called('artifacts', 0) }, leases },
    keys: { rotateIfDue: async () => 'not due' },
    record: async () => undefined,
    sessions: { endExpired: called('sessions', 0) },
  }
  return { core: core as unknown as Core, asked, names: () => asked.map(([name]) => name) }
}

async function runAll(core: Core, right = true): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(chores(core, async () => right).map(({ run }) => run()))
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
}

const ALL = ['sessions', 'artifacts', 'counters', 'people', 'erasures', 'addresses'].sort()
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
  for (const name of ['sessions', 'artifacts', 'counters', 'people'])
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
