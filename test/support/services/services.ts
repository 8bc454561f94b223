/**
 * Suites that need servers (servers.ts). One whose servers are not on this machine is not run, and the reporter says so
 * in one line; where CI is set, that is a failure, but for what .ci/run does not bring.
 */
import { describe, test } from 'vitest'
import { NEEDS } from '../runner/reporter.ts'
import { isBrought, missingServices, type ServiceName } from './servers.ts'

export { mongoServer, redisServer } from './servers.ts'

/** `describe`, for a suite that needs services. Where one is missing, one test stands in for the suite. */
export function describeWith(needed: ServiceName[], name: string, suite: () => void): void {
  describeUnless(missingServices(needed), name, suite)
}

/** `describe`, unless something is missing. */
export function describeUnless(missing: string[], name: string, suite: () => void): void {
  if (missing.length === 0) return void describe(name, suite)
  const note = NEEDS + missing.join(', ')
  describe(name, () => {
    test('has its services', ({ skip }) => {
      if (process.env.CI && missing.some(isBrought)) throw new Error(note)
      skip(note)
    })
  })
}
