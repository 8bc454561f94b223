/** observed.ts: what is told of a call to the store, and that the call is what it was. */
import { expect, onTestFinished, test } from 'vitest'
import { AppError } from '../../../src/lib/errors.ts'
import { KeyTaken } from '../../../src/record/records.ts'
import { observed, type StoreOutcome, together } from '../../../src/store/observed.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { unavailable } from '../../../src/store/unavailable.ts'

function open(more: Partial<Store> = {}) {
  const store = { ...openSqliteStore(':memory:'), ...more }
  onTestFinished(() => store.close())
  const told: Array<[store: string, call: string, outcome: StoreOutcome]> = []
  const seen = observed(store, (name, call) => (milliseconds, outcome) => {
    expect(milliseconds).toBeGreaterThanOrEqual(0)
    told.push([name, call, outcome])
  })
  return { store, seen, told }
}

test('each call is told by its name, with the kind of record in front', async () => {
  const { seen, told } = open()
  await seen.durable.people.find('sanne')
  await seen.durable.backlog()
  await seen.expiring.sweepArtifacts(0)
  await seen.pings.sqlite?.()
  expect(told).toEqual([
    ['sqlite', 'people.find', 'ok'],
    ['sqlite', 'backlog', 'ok'],
    ['sqlite', 'sweepArtifacts', 'ok'],
    ['sqlite', 'ping', 'ok'],
  ])
})

test('each half is told by the name of what it is kept in', async () => {
  const leases = { acquire: async () => true, release: async () => undefined }
  const pings = { mongodb: async () => undefined, redis: async () => undefined }
  const { seen, told } = open({
    names: { durable: 'mongodb', expiring: 'redis' },
    leases,
    pings,
    time: async () => 7,
  })
  await seen.durable.people.find('sanne')
  await seen.expiring.sweepArtifacts(0)
  expect(await seen.leases?.acquire('', '', 1)).toBe(true)
  expect(await seen.time?.()).toBe(7)
  for (const ping of Object.values(seen.pings)) await ping()
  expect(told.map(([name, call]) => `${name} ${call}`)).toEqual([
    'mongodb people.find',
    'redis sweepArtifacts',
    'redis acquire',
    'redis time',
    'mongodb ping',
    'redis ping',
  ])
})

test.each<[string, unknown, StoreOutcome]>([
  ['a rule refuses', new AppError('not-now', ''), 'refused'],
  ['a key is taken', new KeyTaken('link:x'), 'refused'],
  ['waiting may help', unavailable(''), 'unavailable'],
  ['we made a mistake', new TypeError(), 'failed'],
])('where %s, whoever called is told as before, and the outcome is known', async (_why, fault, outcome) => {
  const { seen, told } = open()
  const rule = () => {
    throw fault
  }
  await expect(seen.durable.people.change('sanne', rule)).rejects.toBe(fault)
  expect(told).toEqual([['sqlite', 'people.change', outcome]])
})

test('what a method returns is handed on as it is, at once', async () => {
  const promise = Promise.resolve([])
  const { store } = open()
  const { seen } = open({ durable: { ...store.durable, listAudit: () => promise } })
  expect(seen.durable.listAudit({ limit: 1 })).toBe(promise)
})

test('several may watch, and each is asked once for each method', async () => {
  const { store } = open()
  const asked: string[] = []
  const told: number[] = []
  const observer = (which: number) => (_store: string, call: string) => {
    if (call === 'backlog') asked.push(call)
    return () => void told.push(which)
  }
  const seen = observed(store, together(observer(1), observer(2)))
  await seen.durable.backlog()
  await seen.durable.backlog()
  expect(asked).toEqual(['backlog', 'backlog'])
  expect(told).toEqual([1, 2, 1, 2])
})
