/** Prints how many tests of each project passed and failed, and closes with one plain line. */
import type { Reporter, TestModule } from 'vitest/node'

interface Tally {
  passed: number
  failed: number
  skipped: number
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const tallies = new Map<string, Tally>()
    const total: Tally = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      const tally = tallies.get(module.project.name) ?? { passed: 0, failed: 0, skipped: 0 }
      tallies.set(module.project.name, tally)
      // A file that could not be loaded has no tests of its own to fail.
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) add('failed')
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state !== 'pending') add(state)
      }
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
