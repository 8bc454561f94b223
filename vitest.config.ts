import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import LongestFirst from './test/support/runner/longest-first.ts'
import { memoryFolder } from './test/support/runner/machine.ts'
import { missingServices } from './test/support/services/servers.ts'

const memory = memoryFolder()
if (memory) process.env.TMPDIR ??= memory

/** Nine projects. `npx vitest run --project unit` runs one. */
function project(name: string, testTimeout: number) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout,
      hookTimeout: 60_000,
      // Two files of faults at once take the time from each other that they measure.
      fileParallelism: name !== 'faults',
      isolate: name !== 'flow',
      // On a loaded machine a browser loses a page between two steps, or a server of somebody else's is late. A fault of
      // ours fails twice; what passes at the second try is listed at the end.
      retry: ['store', 'extend'].includes(name) ? 0 : 1,
    },
  }
}

/**
 * What people and applications go through, once more: on MongoDB and Redis, with two nodes behind a proxy that gives
 * each request to the other one. The journeys in a browser, and the flows in which one request leans on another.
 */
function cluster(folder: string, chosen: RegExp) {
  const missing = missingServices(['mongo', 'redis']).length > 0
  const shown = folder === 'browser'
  return {
    extends: true as const,
    test: {
      name: `cluster-${folder}`,
      include: missing
        ? ['test/cluster/missing.test.ts']
        : readdirSync(`test/${folder}`, { recursive: true, encoding: 'utf8' })
            .filter((name) => chosen.test(name))
            .map((name) => `test/${folder}/${name}`),
      testTimeout: 120_000,
      hookTimeout: 60_000,
      isolate: shown,
      retry: 1,
      ...(!missing && {
        globalSetup: ['test/support/app/cluster-services.ts'],
        setupFiles: ['test/support/app/cluster-setup.ts'],
      }),
    },
  }
}

const BROWSER =
  /^(sign-in|sibling|passkey|two-step|two-step-codes|challenge|settings|settings-(apps|more-apps|codes|addresses|elsewhere)|help-desk)\.test\.ts$/
const FLOWS = new RegExp(
  `^(${[
    'sign-in/(sign-in|two-step|put-off)|links/recovery|api/(tokens|changing|once)',
    'admin/(help-desk-pages|import-(interrupted|bad-lines|guards)|organizations|campaign|invitations|client-file-nodes|approvals|applications-pages|logo|second-application|doctor|doctor-live)',
    'portal/(portal|step-up|logout)|operations/(root-key-retired|correlation|clock-ahead)',
    'oidc/(applications-(changed|across-nodes)|resources-changed|race|parallel|logout|prompts|assurance|tokens|claims|consent|keys|attack-interaction|attack-tokens)',
    'account/(factors|passkeys|endings|endings-others|endings-single|door|callback|forms|freshness)',
    'takeover/(addresses|help-desk)|step-up/(step-up|accounts|freshness|silent|stale|passkey)',
    'second-factor/(device|sms|switch|wizard|races|passkey(-(wizard|needed|offer))?)|attacks/(throttle(-rush)?|crowd|left-open)',
  ].join('|')})\\.test\\.ts$`,
)

export default defineConfig({
  test: {
    // Its own default leaves one core to look on. Where `isolate` is false, the files that one worker runs share what they
    // import: loading the product takes longer than most files do. So a file puts back whatever it fakes.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/support/runner/reporter.ts'],
    globalSetup: ['./test/support/runner/packed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 30_000,
          isolate: false,
        },
      },
      project('store', 120_000),
      project('flow', 60_000),
      project('browser', 120_000),
      project('peers', 120_000),
      project('faults', 120_000),
      project('extend', 600_000),
      cluster('flow', FLOWS),
      cluster('browser', BROWSER),
    ],
  },
})
