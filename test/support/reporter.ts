/** Prints how many tests of each project passed and failed, and closes with one plain line. */
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

interface Tally {
  passed: number
  failed: number
  skipped: number
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<SerializedError> = []): void {
    const tallies = new Map<string, Tally>()
    // An error outside of every test fails the run, so it has to be in the sum.
    const total: Tally = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      const tally = tallies.get(module.project.name) ?? { passed: 0, failed: 0, skipped: 0 }
      tallies.set(module.project.name, tally)
      const states = [...module.children.allTests()].map((test) => test.result().state)
      // A file that could not be loaded, or whose preparation failed, has no tests of its own that failed.
      if (module.state() === 'failed' && !states.includes('failed')) add('failed')
      for (const state of states) if (state !== 'pending') add(state)
      function add(state: keyof Tally): void {
        tally[state] += 1
        total[state] += 1
      }
    }
    for (const [name, { passed, failed, skipped }] of tallies) {
      process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
    }
    process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  }
}
