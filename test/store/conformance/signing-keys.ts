/** What every SigningKeyStore does. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { AWKWARD, NOW, RACERS, signingKey, winners } from '../../support/samples/records.ts'

export function signingKeyConformance(store: () => Store): void {
  const keys = () => store().durable

  async function load() {
    const { version, keys: kept } = await keys().loadKeys()
    return { version, keys: kept.toSorted((a, b) => a.createdAt - b.createdAt) }
  }

  describe('signing keys', () => {
    test('there are none at first, and their version can be replaced', async () => {
      const { version, keys: kept } = await load()
      expect(kept).toEqual([])
      expect(await keys().replaceKeys(version, [signingKey()])).toBe(true)
    })

    test('they come back exactly as they were put in', async () => {
      const set = [
        signingKey({ state: 'previous', createdAt: NOW, activatedAt: NOW + 1, retiredAt: NOW + 2 }),
        signingKey({ alg: 'ES256', createdAt: NOW + 3, sealed: AWKWARD, activatedAt: NOW + 4 }),
        signingKey({ state: 'next', createdAt: NOW + 5 }),
      ]
      await keys().replaceKeys((await load()).version, set)
      expect((await load()).keys).toEqual(set)
    })

    test('a replacement replaces them all and moves the version', async () => {
      const [first, second] = [signingKey(), signingKey()]
      const start = await load()
      await keys().replaceKeys(start.version, [first])
      const { version } = await load()
      expect(version).not.toBe(start.version)
      expect(await keys().replaceKeys(version, [{ ...first, state: 'previous' }, second])).toBe(true)
      expect((await load()).keys.map((key) => key.state).toSorted()).toEqual(['current', 'previous'])
      expect(await keys().replaceKeys((await load()).version, [])).toBe(true)
      expect((await load()).keys).toEqual([])
    })

    test('a replacement of an older version changes nothing', async () => {
      const start = await load()
      const kept = signingKey()
      await keys().replaceKeys(start.version, [kept])
      const now = await load()
      expect(await keys().replaceKeys(start.version, [signingKey()])).toBe(false)
      expect(await keys().replaceKeys(now.version + 1, [signingKey()])).toBe(false)
      expect(await load()).toEqual(now)
    })

    test.each(RACERS)('of %i rotations at once one wins, and its keys are the ones kept', async (racers) => {
      const { version } = await load()
      const sets = Array.from({ length: racers }, () => [signingKey(), signingKey({ createdAt: NOW + 1 })])
      expect(await winners(racers, (racer) => keys().replaceKeys(version, sets[racer] ?? []))).toBe(1)
      expect(sets).toContainEqual((await load()).keys)
    })
  })
}
