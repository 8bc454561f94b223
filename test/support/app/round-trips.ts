/**
 * Counts what is sent to MongoDB and to Redis, by the drivers' own ways out: each command is a round trip. It counts for
 * all nodes in this process. What drivers ask for themselves (who is the primary, whether a server is ready) is left out.
 */
import { createRequire } from 'node:module'
import { Redis } from 'ioredis'

export interface RoundTrips {
  /** What was sent while `work` ran, and soon after: `{ redis: 2, 'find people': 1, … }`, those of MongoDB by command. */
  during(work: () => Promise<unknown>): Promise<Record<string, number>>
  /** Puts the drivers back as they were. */
  stop(): void
}

interface Written {
  command?: Record<string, unknown>
}

interface Wire {
  writeCommand(message: Written, options: unknown): Promise<unknown>
}

/** Of the connections themselves, whoever uses them. */
const OF_DRIVERS = /^(hello|isMaster|ismaster|ping|endSessions|info|config|client|select|auth|quit)\b/

const ofMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'))
const { Connection } = ofMongoose('mongodb/lib/cmap/connection.js') as { Connection: { prototype: Wire } }

export function roundTrips(): RoundTrips {
  let counts: Record<string, number> = {}
  const { writeCommand } = Connection.prototype
  const { sendCommand } = Redis.prototype

  let underWay = 0

  /** `ask` is counted by `label`, unless it is the drivers' own. */
  function count<T extends Promise<unknown>>(label: string, name: string, ask: () => T): T {
    if (OF_DRIVERS.test(name)) return ask()
    counts[label] = (counts[label] ?? 0) + 1
    underWay += 1
    const answer = ask()
    const over = () => {
      underWay -= 1
    }
    answer.then(over, over)
    return answer
  }

  /** What nobody waits for is asked in the same turn as an answer or soon after. */
  async function quiet(): Promise<void> {
    for (let before = -1; underWay > 0 || before < total(counts); ) {
      before = total(counts)
      await new Promise((done) => setTimeout(done, 50))
    }
  }

  Connection.prototype.writeCommand = function (message, options) {
    // What is asked for is the first field, and its value the collection; what opens a connection has none.
    const [name = 'hello', collection] = Object.entries(message.command ?? {})[0] ?? []
    return count(`${name} ${collection}`, name, () => writeCommand.call(this, message, options))
  }
  Redis.prototype.sendCommand = function (command, stream) {
    return count('redis', command.name, () => sendCommand.call(this, command, stream) as Promise<unknown>)
  }

  return {
    async during(work) {
      await quiet()
      counts = {}
      await work()
      await quiet()
      return counts
    },
    stop() {
      Connection.prototype.writeCommand = writeCommand
      Redis.prototype.sendCommand = sendCommand
    },
  }
}

function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
