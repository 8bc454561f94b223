/**
 * Stands before every method of the store: turns the driver's faults into ours, lets nobody wait for longer than is
 * told, and closes the door at the end. What took too long goes on behind it: it is conditional, and harms nothing.
 */
import { unavailable } from '../unavailable.ts'
import { storeFault } from './faults.ts'

export interface Guard {
  /** The same port behind the guard. Those named in `unhurried` may take as long as they need. */
  guarded<T extends object>(port: T, unhurried?: Array<keyof T>): T
  /** Lets nothing new in, and waits for what is under way. */
  shut(): Promise<void>
}

type Method = (...input: unknown[]) => Promise<unknown>

export function guard(patience: number): Guard {
  const underWay = new Set<Promise<unknown>>()
  let isShut = false

  async function run(method: Method, input: unknown[]): Promise<unknown> {
    try {
      return await method(...input)
    } catch (fault) {
      throw storeFault(fault)
    }
  }

  function begin(method: Method, input: unknown[]): Promise<unknown> {
    if (isShut) return Promise.reject(unavailable('the store is closed'))
    const running = run(method, input)
    underWay.add(running)
    const forget = () => void underWay.delete(running)
    running.then(forget, forget)
    return running
  }

  return {
    guarded: (port, unhurried = []) => {
      const methods = Object.entries(port).map(([name, method]) => {
        const hurried = (...input: unknown[]) => withinPatience(begin(method, input), patience)
        const calm = (...input: unknown[]) => begin(method, input)
        return [name, unhurried.some((other) => other === name) ? calm : hurried]
      })
      return Object.fromEntries(methods)
    },
    async shut() {
      isShut = true
      await Promise.allSettled(underWay)
    },
  }
}

async function withinPatience<T>(running: Promise<T>, patience: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable('MongoDB takes too long')), patience)
  })
  try {
    return await Promise.race([running, late])
  } finally {
    clearTimeout(timer)
  }
}
