/**
 * The store of a server: the only one on its file, and only while the file is where it was. Looked at with each sign of life,
 * which readiness asks for twice a minute at least: it costs three looks at a name, and nobody who signs in waits for it.
 */
import { AppError, isStoreLost } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import type { Store } from '../store.ts'
import { realName } from './one-name.ts'
import { onlyServer, type Server } from './one-server.ts'
import { place } from './place.ts'

/**
 * `failed` resolves to `store-lost` when another server has the store, or when the file, or its log, is no longer found by its
 * name: whatever is written from then on would be gone at the next start.
 */
export function openServed(path: string, server: Server, open: () => Store, log: Pick<Log, 'warn'>): Store {
  const one = onlyServer(path, server, (lock) =>
    log.warn({ lock }, 'the file that keeps other servers away was removed or replaced while this one runs: made anew'),
  )
  try {
    return watched(open(), path, one)
  } catch (fault) {
    one.leave()
    throw fault
  }
}

function watched(store: Store, path: string, one: ReturnType<typeof onlyServer>): Store {
  // By its link, which may be turned, and its log by what the link leads to.
  const files = [path, `${realName(path)}-wal`].map((name) => ({ name, isWhereItWas: place(name) }))
  const lost = Promise.withResolvers<unknown>()
  const { sqlite: beat } = store.pings

  function insist(): void {
    const gone = files.find(({ isWhereItWas }) => !isWhereItWas())
    if (gone) throw fault(`${gone.name} was moved, removed or replaced while this server had it open`)
    try {
      one.insist()
    } catch (cause) {
      if (cause instanceof AppError && cause.code === 'store-served') throw fault(cause.message, cause)
      throw cause
    }
  }

  async function ping(): Promise<void> {
    try {
      insist()
    } catch (cause) {
      if (isStoreLost(cause)) lost.resolve(cause)
      throw cause
    }
    await beat?.()
  }

  return {
    ...store,
    pings: { ...store.pings, sqlite: ping },
    failed: Promise.race([lost.promise, ...(store.failed ? [store.failed] : [])]),
    close: () => store.close().finally(one.leave),
  }
}

function fault(reason: string, cause?: unknown): AppError {
  return new AppError('store-lost', reason, { cause })
}
