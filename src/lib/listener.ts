/** Listeners of events. What one of them throws would end the process, and everybody's requests with it. */
import type { Log } from './log.ts'

/** The same listener, whose throw is a fault in the log. */
export function listener<A extends unknown[]>(
  log: Pick<Log, 'error'>,
  event: string,
  hear: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      hear(...args)
    } catch (fault) {
      log.error({ fault, event }, 'listener')
    }
  }
}
