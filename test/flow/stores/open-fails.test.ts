/** A start that fails closes the store that it opened: whoever tries again finds it free. */
import { expect, test } from 'vitest'
import { openCore } from '../../../src/app/core.ts'
import type { Store } from '../../../src/store/store.ts'
import { startApp } from '../../support/app/app.ts'

test.each<[string, (store: Store) => Store]>([
  ['organizations cannot be read', (store) => broken(store, 'organizations')],
  ['applications cannot be read', (store) => broken(store, 'clients')],
])('%s', async (_what, instrument) => {
  const { core, stop } = await startApp()
  let closed = 0
  const counting = (store: Store): Store => {
    const made = instrument(store)
    return { ...made, close: () => store.close().finally(() => (closed += 1)) }
  }
  await expect(openCore(core.config, { log: core.log, now: core.now, instrument: counting })).rejects.toThrow('away')
  expect(closed).toBe(1)
  await stop()
})

function broken(store: Store, kind: 'organizations' | 'clients'): Store {
  const away = { ...store.durable[kind], list: () => Promise.reject(new Error('away')) }
  return { ...store, durable: { ...store.durable, [kind]: away } }
}
