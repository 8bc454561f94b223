/** lib/unit-of-work.ts: what a unit remembers. What it waits for is tried with a file, in test/store/sqlite-database.test.ts. */
import { beforeEach, describe, expect, test } from 'vitest'
import { inTurn } from '../../../src/lib/turns.ts'
import { apart, asUnit, currentUnit, forget, remembered, settled } from '../../../src/lib/unit-of-work.ts'

let reads: number

const unit = <T>(work: () => Promise<T>) => asUnit(work, () => undefined)
const read = (name = 'sanne') =>
  remembered(name, async () => {
    reads += 1
    return reads
  })

beforeEach(() => {
  reads = 0
})

describe('what is read in a unit', () => {
  test('is read once, also by several at once', async () => {
    expect(await unit(async () => [...(await Promise.all([read(), read()])), await read()])).toEqual([1, 1, 1])
  })

  test('is told apart by its name', async () => {
    expect(await unit(async () => [await read(), await read('bram'), await read()])).toEqual([1, 2, 1])
  })

  test('is read anew by the next one, by another at the same time, and in none', async () => {
    expect(await Promise.all([unit(() => read()), unit(() => read())])).toEqual([1, 2])
    expect(await unit(() => apart(() => read()))).toBe(3)
    expect([await read(), await read()]).toEqual([4, 5])
  })

  test('is read anew when it was forgotten, and when it could not be read', async () => {
    const down = () => remembered('sanne', () => Promise.reject(new Error('down')))
    const outcome = unit(async () => {
      await expect(down()).rejects.toThrow('down')
      const first = await read()
      forget()
      return [first, await read()]
    })
    expect(await outcome).toEqual([1, 2])
  })

  test('is read anew in a turn: whoever had it before may have changed it', async () => {
    const turns = inTurn()
    expect(
      await unit(async () => [await read(), await turns('session', read.bind(null, 'sanne')), await read()]),
    ).toEqual([1, 2, 2])
    const leases = { acquire: async () => true, release: async () => undefined }
    const leased = inTurn(leases)
    expect(await unit(async () => [await read(), await leased('session', () => read())])).toEqual([3, 4])
  })
})

test('a unit waits for what it owes, asks for it, and hears that it was lost', async () => {
  let demanded = 0
  const debt = (durable: Promise<void>) => ({
    durable,
    fault: undefined,
    demand() {
      demanded += 1
    },
  })
  const said: string[] = ['an answer']
  const lost = asUnit(
    async () => {
      currentUnit()?.owe(debt(Promise.resolve()))
      await settled(() => undefined)
      expect(demanded).toBe(1)
      currentUnit()?.owe(debt(Promise.reject(new Error('the disk is full'))))
    },
    () => void said.pop(),
  )
  await expect(lost).rejects.toThrow('the disk is full')
  expect([demanded, said]).toEqual([2, []])
})
