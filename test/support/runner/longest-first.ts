/** The order of test files: those that take long begin first, so that no run ends with one core waiting for the other. */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By their time on two cores. What is not here comes after them, in the runner's own order. */
export const LONG = [
  'test/store/cluster.test.ts',
  'test/store/sqlite.test.ts',
  'test/store/mongo.test.ts',
  'test/flow/stores/crash.test.ts',
  'test/flow/stores/commands.test.ts',
  'test/flow/second-factor/races.test.ts',
  'test/flow/attacks/link-races.test.ts',
  'test/flow/oidc/race.test.ts',
  'test/flow/operations/command-line.test.ts',
  'test/flow/admin/command-line.test.ts',
  'test/store/redis-admission.test.ts',
  'test/flow/delivery/mail-faults.test.ts',
  'test/flow/operations/production.test.ts',
  'test/store/redis-faults.test.ts',
  'test/flow/account/endings.test.ts',
  'test/flow/operations/operations.test.ts',
  'test/flow/oidc/key-ring.test.ts',
  'test/flow/attacks/throttle.test.ts',
  'test/browser/settings-elsewhere.test.ts',
  'test/browser/settings-codes.test.ts',
]

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONG.indexOf(relative(this.ctx.config.root, moduleId))
      return found < 0 ? LONG.length : found
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}
