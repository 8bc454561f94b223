import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { missingServices } from './test/support/servers.ts'

/** Six projects. `npx vitest run --project unit` runs one. */
function project(name: string, testTimeout: number) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout,
      hookTimeout: 60_000,
      fileParallelism: name !== 'browser' && name !== 'peers',
      // On a loaded machine a browser now and then loses a page between two steps; a fault of ours fails twice.
      retry: name === 'browser' ? 1 : 0,
    },
  }
}

/**
 * What people and applications go through, once more: on MongoDB and Redis, with two nodes behind a proxy that gives
 * each request to the other one. Not what looks into the one file, or into one process.
 */
function cluster() {
  const missing = missingServices(['mongo', 'redis']).length > 0
  return {
    extends: true as const,
    test: {
      name: 'cluster',
      include: missing ? ['test/cluster/missing.test.ts'] : [...shared('browser'), ...shared('flow')],
      testTimeout: 120_000,
      hookTimeout: 60_000,
      fileParallelism: false,
      retry: 1,
      ...(!missing && {
        globalSetup: ['test/support/cluster-services.ts'],
        setupFiles: ['test/support/cluster-setup.ts'],
      }),
    },
  }
}

const ONE_PROCESS = /sql\(|installation\(|instrument|counted|DatabaseSync|sqlite|store\.hold|only one process/

function shared(folder: string): string[] {
  return readdirSync(`test/${folder}`)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${folder}/${name}`)
    .filter((file) => !ONE_PROCESS.test(readFileSync(file, 'utf8')))
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
      project('peers', 120_000),
      cluster(),
    ],
  },
})
