/**
 * What work costs everybody else: how long nobody had a turn, what it asked the store, what it held in memory. A turn is
 * measured in time of the processor, so that what else the machine does counts for nothing.
 */
import { setInterval } from 'node:timers'

export interface Cost {
  seconds: number
  calls: number
  /** Milliseconds. */
  longest: number
  /** Megabytes above what was held before. */
  memory: number
}

export function counted<P extends object>(port: P, calls: { count: number }): P {
  return new Proxy(port, {
    get(target, name) {
      const found = Reflect.get(target, name)
      if (typeof found === 'function')
        return (...given: unknown[]) => {
          calls.count += 1
          return found.apply(target, given)
        }
      return found && typeof found === 'object' ? counted(found, calls) : found
    },
  })
}

export async function costOf(calls: { count: number }, work: () => Promise<unknown>): Promise<Cost> {
  globalThis.gc?.()
  const held = () => process.memoryUsage().heapUsed + process.memoryUsage().external
  const before = { memory: held(), calls: calls.count, at: performance.now() }
  const used = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let [longest, most, last] = [0, before.memory, used()]
  const look = () => {
    const at = used()
    longest = Math.max(longest, at - last)
    last = at
  }
  const turns = setInterval(look, 1)
  const memory = setInterval(() => {
    most = Math.max(most, held())
  }, 50)
  await work()
  look()
  clearInterval(turns)
  clearInterval(memory)
  return {
    seconds: Math.round(performance.now() - before.at) / 1000,
    calls: calls.count - before.calls,
    longest: Math.round(longest * 10) / 10,
    memory: Math.round((most - before.memory) / 1e5) / 10,
  }
}
