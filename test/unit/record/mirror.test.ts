/** A kind held in memory: what others change is taken up, whatever their clocks say and however much it is. */
import { expect, test } from 'vitest'
import { type Changed, mirror } from '../../../src/record/mirror.ts'
import type { Found, Query } from '../../../src/record/records.ts'

interface Thing extends Changed {
  name: string
}

function kept() {
  const rows = new Map<string, Thing>()
  const asked: Array<Query<'changedAt'>> = []
  return {
    asked,
    put: (id: string, name: string, changedAt: number) => rows.set(id, { name, changedAt }),
    async list(query: Query<'changedAt'>): Promise<Array<Found<Thing>>> {
      asked.push(query)
      return [...rows]
        .map(([id, record]) => ({ id, record: { ...record } }))
        .filter(({ record }) => record.changedAt >= Number(query.from ?? Number.NEGATIVE_INFINITY))
        .toSorted((one, other) => one.record.changedAt - other.record.changedAt)
        .slice(0, query.limit)
    },
  }
}

const mirrorOf = (records: ReturnType<typeof kept>, now = () => 0) =>
  mirror({ records, keys: ({ name }: Thing) => [`name:${name}`], clocksApart: 10, now })

test('what is there at first is found by id and by key', async () => {
  const records = kept()
  records.put('a', 'one', 5)
  const held = await mirrorOf(records)
  expect(held.find('a')).toEqual({ name: 'one', changedAt: 5 })
  expect(held.findBy('name:one')).toEqual({ id: 'a', record: { name: 'one', changedAt: 5 } })
  expect(held.find('b')).toBeUndefined()
  expect(await held.follow()).toBe(false)
})

test('a change is taken up, the key of before names nobody any more', async () => {
  const records = kept()
  records.put('a', 'one', 5)
  const held = await mirrorOf(records)
  records.put('a', 'two', 6)
  records.put('b', 'one', 7)
  expect(held.findBy('name:one')?.id).toBe('a')
  expect(await held.follow()).toBe(true)
  expect(held.findBy('name:one')?.id).toBe('b')
  expect(held.findBy('name:two')?.id).toBe('a')
})

test('a clock that is behind changes in the past, and is heard', async () => {
  const records = kept()
  records.put('a', 'one', 100)
  const held = await mirrorOf(records)
  records.put('b', 'late', 91)
  expect(await held.follow()).toBe(true)
  expect(held.find('b')?.name).toBe('late')
})

test('thousands, and thousands of one moment, are all read', async () => {
  const records = kept()
  for (let n = 0; n < 1200; n += 1) records.put(`same${n}`, `same${n}`, 50)
  for (let n = 0; n < 1200; n += 1) records.put(`own${n}`, `own${n}`, 60 + n)
  const held = await mirrorOf(records)
  expect([...held.all()]).toHaveLength(2400)
})

test('whoever asks while a look is under way gets one that began after the asking', async () => {
  const records = kept()
  const held = await mirrorOf(records)
  const first = held.follow()
  records.put('a', 'one', 5)
  const [second, third] = [held.follow(), held.follow()]
  await Promise.all([first, second, third])
  expect(held.find('a')?.name).toBe('one')
  // Two that ask share a look.
  expect(records.asked).toHaveLength(3)
})

test('nobody changes what is held', async () => {
  const records = kept()
  records.put('a', 'one', 5)
  const held = await mirrorOf(records)
  expect(() => Object.assign(held.find('a') ?? {}, { name: 'other' })).toThrow(TypeError)
})

test('what was changed all at once is read again for as long only as another clock may be behind', async () => {
  const records = kept()
  let now = 1000
  for (let n = 0; n < 1200; n += 1) records.put(`bulk${n}`, `bulk${n}`, 900 + Math.floor(n / 300))
  records.put('last', 'last', 905)
  const held = await mirrorOf(records, () => now)
  const read = async () => {
    records.asked.length = 0
    await held.follow()
    return records.asked.length
  }
  const soon = await read()
  expect(soon).toBeGreaterThan(1)
  now += 10
  expect(await read()).toBe(soon)
  now += 11
  // Once more as before, for the look before this one began when a change of then could be as far back.
  await read()
  expect(await read()).toBe(1)
  expect(records.asked[0]?.from).toBe(905)
  // A clock that is as far behind as it may be has gone on meanwhile.
  records.put('late', 'late', 905 + 21 - 10)
  expect(await held.follow()).toBe(true)
})

test('a clock that is behind is heard, also when nothing was changed for a while before', async () => {
  const records = kept()
  let now = 0
  records.put('a', 'one', 100)
  const held = await mirrorOf(records, () => now)
  for (now = 1; now <= 20; now += 1) {
    // Made when this look began, by a clock that is ten behind the one that made the first.
    records.put(`late${now}`, 'late', 100 + now - 10)
    await held.follow()
    expect(held.find(`late${now}`)?.name).toBe('late')
  }
})
