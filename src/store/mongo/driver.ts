/**
 * The one place where MongoDB's driver is changed (7.8.0; read test/store/mongo-driver.test.ts before moving to another
 * version). When a socket does not take everything at once, the driver waits until it drains. A socket that was destroyed at
 * that very moment, and has not said yet that it is closed, never drains: the command would wait for ever, and keep a place
 * in the pool. Worse, it may be the watch over the server, without which this process finds MongoDB only after a restart.
 */
import { createRequire } from 'node:module'

interface Wire {
  /** Why it was closed. */
  error: Error | null
  once(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
  writeCommand(command: unknown, options: unknown): Promise<unknown>
}

/** A command that is being written when its connection is closed ends with that. */
export function endWritesWithConnection(prototype: Wire): void {
  const write = prototype.writeCommand
  if (typeof write !== 'function') throw new Error('mongodb: writeCommand is not where it was')
  prototype.writeCommand = async function (command, options) {
    const closed = Promise.withResolvers<never>()
    const end = () => closed.reject(this.error)
    this.once('close', end)
    try {
      return await Promise.race([write.call(this, command, options), closed.promise])
    } finally {
      this.off('close', end)
    }
  }
}

/** The driver that mongoose brings, which need not be the one that we would find. */
const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'))
const { Connection } = ofMongoose('mongodb/lib/cmap/connection.js') as { Connection: { prototype: Wire } }
endWritesWithConnection(Connection.prototype)
