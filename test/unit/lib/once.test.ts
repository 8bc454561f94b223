/** What is made when it is first needed is made once; what failed is made anew. */
import { expect, test, vi } from 'vitest'
import { lazily, once } from '../../../src/lib/once.ts'

test('it is made at the first call, and once', () => {
  const make = vi.fn(() => undefined)
  const get = once(make)
  expect(make).toHaveBeenCalledTimes(0)
  expect([get(), get()]).toEqual([undefined, undefined])
  expect(make).toHaveBeenCalledTimes(1)
})

test('whoever asks while it is made waits for the same one', async () => {
  const make = vi.fn(async () => ({}))
  const get = lazily(make)
  const [one, other] = await Promise.all([get(), get()])
  expect(one).toBe(other)
  expect(await get()).toBe(one)
  expect(make).toHaveBeenCalledTimes(1)
})

test('what could not be made is made at the next call', async () => {
  const make = vi.fn(async () => 'made').mockRejectedValueOnce(new Error('not now'))
  const get = lazily(make)
  await expect(get()).rejects.toThrow('not now')
  expect(await get()).toBe('made')
  expect(make).toHaveBeenCalledTimes(2)
})
