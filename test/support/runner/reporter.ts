/** Prints how many tests of each project passed and failed, what could not run, and closes with one plain line. */
import { relative } from 'node:path'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** The note of a test that stands in for a suite which cannot run here begins with this, and names what is missing. */
export const NEEDS = 'needs '

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
    process.stdout.write(notRun(modules))
    process.stdout.write(secondTries(modules))
    process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  }
}

/** Whatever failed once is told, though it passed when it was tried again: somebody should look at it. */
function secondTries(modules: ReadonlyArray<TestModule>): string {
  return modules
    .flatMap((module) => [...module.children.allTests()].filter((test) => test.diagnostic()?.flaky))
    .map(
      (test) =>
        `Passed at the second try: ${test.project.name} ${relative(process.cwd(), test.module.moduleId)} ${test.fullName}\n`,
    )
    .join('')
}

/** One line about the suites whose services are not on this machine; nothing if all could run. */
function notRun(modules: ReadonlyArray<TestModule>): string {
  const files = new Set<string>()
  const missing = new Set<string>()
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const result = test.result()
      if (result.state !== 'skipped' || !result.note?.startsWith(NEEDS)) continue
      files.add(relative(process.cwd(), module.moduleId))
      for (const service of result.note.slice(NEEDS.length).split(', ')) missing.add(service)
    }
  }
  if (files.size === 0) return ''
  return `Not run for want of ${[...missing].join(', ')}: ${[...files].join(', ')}; .ci/run installs that and runs all.\n`
}
