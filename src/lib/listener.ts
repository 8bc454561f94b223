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

/** What becomes of a connection that its other side broke off. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/**
 * What Koa tells of a request that it could not answer. Where nobody listens it prints the fault beside the log. Anybody can
 * break off a connection, so that is no error.
 */
export function unanswered(log: Pick<Log, 'error' | 'debug'>): (fault: unknown) => void {
  return (fault) => {
    const isBroken = fault instanceof Error && 'code' in fault && BROKEN.has(String(fault.code))
    log[isBroken ? 'debug' : 'error']({ fault }, 'koa')
  }
}
