/** What every KnownTimeStore does. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { NOW } from '../../support/samples/records.ts'

export function knownTimeConformance(store: () => Store): void {
  describe('the last moment that was believed', () => {
    test('is none at first, and whatever was put last, also if that is before', async () => {
      const { durable } = store()
      expect(await durable.findKnownTime()).toBeUndefined()
      for (const at of [NOW, NOW + 1, NOW - 1]) {
        await durable.putKnownTime(at)
        expect(await durable.findKnownTime()).toBe(at)
      }
    })
  })
}
