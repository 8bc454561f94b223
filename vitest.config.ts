import { defineConfig } from 'vitest/config'

/** Four projects, from the quickest to the slowest. `npx vitest run --project unit` runs one. */
function project(name: string, testTimeout: number) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout,
      hookTimeout: 60_000,
      fileParallelism: name !== 'browser',
      // On a loaded machine a browser now and then loses a page between two steps; a fault of ours fails twice.
      retry: name === 'browser' ? 1 : 0,
    },
  }
}

export default defineConfig({
  test: {
    reporters: ['default', './test/support/reporter.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'], testTimeout: 30_000 },
      },
      project('store', 30_000),
      project('flow', 60_000),
      project('browser', 120_000),
    ],
  },
})
