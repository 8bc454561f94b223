/** Redis goes away, comes back with and without what it kept, is full (SECURITY ): what people see of it. */
import { watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { onlooker } from '../store/redis-opened.ts'
import {
  expectDiscreetLog,
  expectNotReady,
  type FaultCluster,
  faultCluster,
  faultTable,
  recovery,
} from '../support/nodes/faulty.ts'
import {
  codeFor,
  enrolled,
  expectInterrupted,
  expectToGoOn,
  halfOpen,
  redeem,
  sanneEverywhere,
} from '../support/nodes/people.ts'
import { Person } from '../support/people/person.ts'
import { codeOf, PASSWORD, press, text } from '../support/people/second-factor.ts'
import { codesOf, halfSignedIn } from '../support/people/second-factor-attack.ts'
import { describeWith } from '../support/services/services.ts'

const NO_STORE = /Redis does not answer, or cannot keep anything/
const CONTENDERS = 20

async function opens(cluster: FaultCluster): Promise<void> {
  expect((await halfOpen(cluster)).page.status).toBe(200)
}

/** Keeps something of no use until there is no room left; gives the room back when called. */
async function fill(client: Redis): Promise<() => Promise<unknown>> {
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
  await client.set('filler', Buffer.alloc(4_000_000))
  await client.config('SET', 'maxmemory', used + 2_000_000)
  await expect(client.set('more', '')).rejects.toThrow('OOM')
  return () => client.del('filler')
}

/** Resolves when Redis has written to its file for the n-th time from now, or after a second. */
function writes({ redis }: FaultCluster, times: number): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = times
  const watcher = watch(join(redis.folder, 'appendonlydir'), () => {
    left -= 1
    if (left === 0) resolve()
  })
  return Promise.race([promise, pause(1000)]).finally(() => watcher.close())
}

describeWith(['mongo', 'redis'], 'Redis', () => {
  const report = faultTable()

  test.each(['stop', 'kill'] as const)('%s: everyone is told so, and goes on where they were', async (how) => {
    const cluster = await faultCluster()
    const { moments } = await sanneEverywhere(cluster)
    await cluster.redis[how]()
    await expectInterrupted(cluster, moments)
    await expectNotReady(cluster, NO_STORE)
    await cluster.redis.start()
    const seconds = await recovery(cluster, () => opens(cluster))
    await expectToGoOn(moments)
    expectDiscreetLog(cluster)
    report({
      fault: `Redis ended (${how}), back with its file`,
      saw: '503 page with Retry-After, JSON at the token endpoint; then goes on where they were',
      lost: 'nothing',
      recovery: seconds,
    })
  })

  test('restarted empty: everyone signs in again; used codes, waits and remembered devices are as they were', async () => {
    const cluster = await faultCluster()
    const { app, redis, now } = cluster
    const { email, key, moments, known } = await sanneEverywhere(cluster)
    cluster.nextCode()
    const used = codeOf(key, now())
    await press(await halfSignedIn(app, email), 'verify', { code: used })
    const guesser = await halfOpen(cluster)
    for (let guess = 0; guess < 5; guess += 1) await guesser.submit({ email: 'bram@sigma.example', password: 'wrong' })
    await redis.kill()
    redis.wipe()
    await redis.start()
    const seconds = await recovery(cluster, () => opens(cluster))

    const after = await halfSignedIn(app, email)
    await press(after, 'verify', { code: used })
    expect(text(after.page)).toContain('has been used already')
    expect(codesOf(after)).toEqual([])
    await halfSignedIn(app, email, 'payroll', known)
    // Once before and once now.
    expect(codesOf(known)).toHaveLength(2)
    const again = await halfOpen(cluster)
    await again.submit({ email: 'bram@sigma.example', password: PASSWORD })
    expect(again.page.status).toBe(429)

    for (const { name, act } of moments) {
      const { status, body } = await act()
      expect(status, `${name}: ${body}`).toBeLessThan(500)
      expect(body, name).not.toMatch(/"access_token"|^(in|overview)$/)
    }
    const [, , , , settings] = moments
    expect((await settings?.act())?.body).toContain('name="password"')
    cluster.nextCode()
    const back = new Person()
    await back.visit(`${app.origin}/account`)
    await back.submit({ email, password: PASSWORD })
    await press(back, 'verify', { code: codeOf(key, now()) })
    expect(back.page).toMatchObject({ status: 200, url: `${app.origin}/account` })
    expectDiscreetLog(cluster)
    report({
      fault: 'Redis restarted empty',
      saw: 'signs in again; what was half done is told to have expired',
      lost: 'sessions and what was half done; no counter, used code or remembered device',
      recovery: seconds,
    })
  })

  test('full: nobody gets in, nothing counts as unused, and all goes on when there is room', async () => {
    const cluster = await faultCluster()
    const { moments, known } = await sanneEverywhere(cluster)
    const [used = ''] = codesOf(known)
    expect((await redeem(cluster, used)).status).toBe(200)
    const free = await fill(onlooker(cluster.redisUri))
    const [before, password, code, token, ...inSettings] = moments
    await expectInterrupted(cluster, moments)
    expect((await redeem(cluster, used)).status).not.toBe(200)
    await expectNotReady(cluster, NO_STORE)

    await free()
    const seconds = await recovery(cluster, () => opens(cluster))
    expect((await redeem(cluster, used)).status).toBe(400)
    const [first, ...others] = await Promise.all(Array.from({ length: CONTENDERS }, () => token?.act()))
    expect([first, ...others].filter((answer) => answer?.status === 200)).toHaveLength(1)
    // The code of the app may have been used up by the answer that could not be kept: the next one is good.
    cluster.nextCode()
    await expectToGoOn([before, password, code, ...inSettings])
    expectDiscreetLog(cluster)
    report({
      fault: 'Redis full (out of memory)',
      saw: '503 page with Retry-After',
      lost: 'nothing (at most a code that was entered meanwhile: the next one is good)',
      recovery: seconds,
    })
  })

  test('an authorization code that comes 20 times while Redis is killed is good once at most', async () => {
    const cluster = await faultCluster()
    const { settings } = await enrolled(cluster, 'sanne@sigma.example')
    const successes: number[] = []
    let longest = 0
    for (const round of [1, 2, 5, 10, 100]) {
      const code = await codeFor(cluster, settings)
      const all = () => Promise.all(Array.from({ length: CONTENDERS }, () => redeem(cluster, code)))
      const written = writes(cluster, round)
      const first = all()
      await written
      await cluster.redis.kill()
      const told = await first
      await cluster.redis.start()
      longest = Math.max(longest, await recovery(cluster, () => opens(cluster)))
      const answers = [...told, ...(await all())]
      for (const answer of answers.filter(({ status }) => status >= 500)) expect(answer.status).toBe(503)
      successes.push(answers.filter(({ status }) => status === 200).length)
    }
    expect(successes.filter((count) => count > 1)).toEqual([])
    expect(successes).toContain(1)
    expectDiscreetLog(cluster)
    report({
      fault: `Redis killed while a code comes ${CONTENDERS} times (${successes.length} rounds)`,
      saw: `successes a round: ${successes.join(', ')}; else 503 or invalid_grant`,
      lost: 'nothing used twice',
      recovery: longest,
    })
  })
})
