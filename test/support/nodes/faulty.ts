/**
 * Two nodes on a MongoDB and a Redis of their own, that a test can stop, kill, fill and slow down; what operators see
 * meanwhile; and the table of what people saw, what was lost and how long it took.
 */
import { afterAll, expect, onTestFinished, vi } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import type { RunningApp } from '../app/app.ts'
import { startTwoStep } from '../people/second-factor-attack.ts'
import type { Service } from '../services/service-process.ts'
import { mongoServer, redisServer } from '../services/services.ts'
import { type SlowLine, slowLine } from './slow-line.ts'

export interface FaultCluster {
  app: RunningApp
  mongo: Service
  redis: Service
  /** Where the nodes' connections go through. */
  lines: { mongo: SlowLine; redis: SlowLine }
  /** The address of Redis, for an onlooker. */
  redisUri: string
  /** By the clock of the nodes. */
  now(): number
  /** Moves the nodes' clock on to when an app shows its next code, which is good for a minute from then. */
  nextCode(): void
  /** In the addresses of the stores, where a password can be. */
  canary: string
  /** What people may not see: passwords and addresses of the stores. Operators need to know which one does not answer. */
  secrets: string[]
}

/** Seconds, from the moment the store answers; the machine that runs the tests has other things to do. */
export const RECOVERY = 20
/** Of an authenticator app, RFC 6238. */
const STEP = 30 * SECOND
const CANARY = 'canary-of-the-store'

export async function faultCluster(): Promise<FaultCluster> {
  const [mongo, redis] = await Promise.all([mongoServer(), redisServer('--requirepass', CANARY)])
  const lines = { mongo: await slowLine(mongo.port), redis: await slowLine(redis.port) }
  let shift = 0
  const now = () => Date.now() + shift
  // Tells `startApp` to make two nodes; no other file runs beside this one.
  process.env.SIGMA_TEST_MONGODB = `mongodb://127.0.0.1:${lines.mongo.port}`
  process.env.SIGMA_TEST_REDIS = `redis://:${CANARY}@127.0.0.1:${lines.redis.port}`
  const app = await startTwoStep({
    now,
    env: { SIGMA_MONGODB_URL: `mongodb://127.0.0.1:${lines.mongo.port}/faults?appName=${CANARY}` },
  })
  onTestFinished(async () => {
    for (const line of Object.values(lines)) line.recover()
    await app.stop()
    for (const line of Object.values(lines)) await line.close()
    for (const service of [mongo, redis]) await service.remove()
  })
  return {
    app,
    mongo,
    redis,
    lines,
    redisUri: `redis://:${CANARY}@127.0.0.1:${redis.port}`,
    now,
    nextCode() {
      shift += STEP - (now() % STEP)
    },
    canary: CANARY,
    secrets: [CANARY, ...[mongo, redis, lines.mongo, lines.redis].map(({ port }) => `127.0.0.1:${port}`)],
  }
}

export interface Probe {
  status: number
  text: string
  milliseconds: number
}

export async function probe({ app }: FaultCluster, path: '/healthz' | '/readyz'): Promise<Probe> {
  const from = performance.now()
  const response = await fetch(app.operationsOrigin + path)
  const text = await response.text()
  return { status: response.status, text, milliseconds: performance.now() - from }
}

/** Alive, not to be sent requests, and why. */
export async function expectNotReady(cluster: FaultCluster, reason: RegExp): Promise<void> {
  const [alive, ready] = await Promise.all([probe(cluster, '/healthz'), probe(cluster, '/readyz')])
  expect(alive).toMatchObject({ status: 200, text: 'ok\n' })
  expect(ready).toMatchObject({ status: 503, text: expect.stringMatching(reason) })
  for (const secret of cluster.secrets) expect(ready.text).not.toContain(secret)
}

/** Seconds until the node is ready and `works` did not fail on either node. */
export async function recovery(cluster: FaultCluster, works: () => Promise<void>): Promise<number> {
  const from = performance.now()
  const whole = async () => {
    expect(await probe(cluster, '/readyz')).toMatchObject({ status: 200 })
    // The nodes take turns.
    for (const _ of [1, 2, 3, 4]) await works()
  }
  await vi.waitFor(whole, { timeout: 2000 * RECOVERY, interval: 50 })
  const seconds = (performance.now() - from) / 1000
  expect(seconds).toBeLessThan(RECOVERY)
  return seconds
}

/** Nothing that was logged tells how to get into the stores; and whatever happened, no answer was a fault of ours. */
export function expectDiscreetLog({ app, canary }: FaultCluster): void {
  expect(app.logged.filter((line) => line.includes(canary))).toEqual([])
  expect(app.logged.filter((line) => JSON.parse(line).status === 500)).toEqual([])
}

export interface Row {
  fault: string
  /** What the person saw. */
  saw: string
  /** What was told of as kept, and was not there afterwards. */
  lost: string
  /** Seconds. */
  recovery?: number
}

/** Prints the rows of a file when it is over. */
export function faultTable(): (row: Row) => void {
  const rows: Row[] = []
  afterAll(() => {
    const lines = rows.map(
      ({ fault, saw, lost, recovery: back }) =>
        `| ${fault} | ${saw} | ${lost} | ${back === undefined ? '–' : `${back.toFixed(1)} s`} |`,
    )
    console.log(['| Fault | What the person saw | Lost | Back after |', '|---|---|---|---|', ...lines].join('\n'))
  })
  return (row) => void rows.push(row)
}
