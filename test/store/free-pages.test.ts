/** Room that records left goes back to the disk, and only what is not used again anyway. */
import { readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { givingBack } from '../../src/app/free-space.ts'
import { compact } from '../../src/store/sqlite/compact.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { layOutAsBefore, makeRoom, stateOf } from '../support/roomy.ts'
import { stranger, testFile } from './temporary.ts'

const MEGABYTE = 2 ** 20
const RESERVE = 16 * MEGABYTE
const IDLE = async () => 0

function opened(path: string) {
  const store = openSqliteStore(path)
  onTestFinished(() => store.close())
  const { freeSpace } = store
  if (!freeSpace) throw new Error('it is not the embedded store')
  return { store, freeSpace }
}

test('rounds give back what is beyond the reserve, and stop there', async () => {
  const path = testFile()
  await makeRoom(path, 60)
  const before = statSync(path).size
  const { store, freeSpace } = opened(path)
  const spare = await freeSpace.spare()
  expect(spare).toBeGreaterThan(35 * MEGABYTE)
  for (let rounds = 0; rounds < 10; rounds += 1) await givingBack(store, IDLE)()
  expect(await freeSpace.spare()).toBe(0)
  await store.close()
  const after = statSync(path).size
  expect(before - after).toBeGreaterThanOrEqual(spare)
  // To the bite.
  expect(before - after).toBeLessThan(spare + MEGABYTE)
  expect(after).toBeGreaterThan(RESERVE)
  expect(stateOf(path)).toMatchObject({ whole: 'ok', rows: { n: 60 }, layout: 2 })
})

test('a round is bounded, and ends at once where others are busy', async () => {
  const path = testFile()
  await makeRoom(path, 60)
  const { store, freeSpace } = opened(path)
  const before = await freeSpace.spare()
  await givingBack(store, async () => 0.9)()
  expect(await freeSpace.spare()).toBe(before)
  await givingBack(store, IDLE)()
  const after = await freeSpace.spare()
  expect(after).toBeGreaterThan(before - 13 * MEGABYTE)
  expect(after).toBeLessThan(before)
})

test.each<[string, (path: string) => Promise<void>]>([
  ['with little that is free', (path) => makeRoom(path, 12)],
  [
    'of a release before',
    (path) => {
      layOutAsBefore(path)
      return makeRoom(path, 60)
    },
  ],
])('a file %s is left as it is', async (_what, make) => {
  const path = testFile()
  await make(path)
  const { store, freeSpace } = opened(path)
  expect(await freeSpace.spare()).toBe(0)
  await givingBack(store, () => Promise.reject(new Error('nothing is to be done')))()
})

test('compacting gives all of it back, and makes a file of before one that gives back by itself', async () => {
  const path = testFile()
  layOutAsBefore(path)
  await makeRoom(path, 30)
  const before = stateOf(path)
  expect(before.layout).toBe(0)
  const { bytesBefore, bytesAfter } = compact(path)
  expect(bytesBefore).toBeGreaterThan(29 * MEGABYTE)
  expect(bytesAfter).toBeLessThan(5 * MEGABYTE)
  expect(statSync(path).size).toBe(bytesAfter)
  expect(stateOf(path)).toEqual({ ...before, layout: 2 })
})

test('where there is no room it says how much it takes, and changes nothing', async () => {
  const path = testFile()
  await makeRoom(path, 30)
  const before = statSync(path)
  const refusal = { code: 'no-room', message: expect.stringMatching(/ it takes 7 MB, and 6 are left\. Nothing was/) }
  expect(() => compact(path, () => 6 * MEGABYTE)).toThrow(expect.objectContaining(refusal))
  expect(statSync(path)).toMatchObject({ size: before.size, mtimeMs: before.mtimeMs })
})

test('a file that somebody has open is refused', async () => {
  const path = testFile()
  await makeRoom(path, 1)
  stranger(path).prepare('SELECT count(*) FROM artifact').get()
  expect(() => compact(path)).toThrow(expect.objectContaining({ code: 'store-in-use' }))
  expect(readdirSync(dirname(path)).filter((name) => !/\.db(-wal|-shm)?$/.test(name))).toEqual([])
})
