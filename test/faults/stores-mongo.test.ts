/** MongoDB goes away and comes back (SECURITY ): what people see of it, and whether what they were told is true. */
import { expect, test } from 'vitest'
import { auditWrite, form, pendingWrites, sent, type Write } from '../support/nodes/acknowledged-writes.ts'
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
import type { Person } from '../support/people/person.ts'
import { codeOf, PASSWORD } from '../support/people/second-factor.ts'
import { halfSignedIn } from '../support/people/second-factor-attack.ts'
import { describeWith } from '../support/services/services.ts'

const NO_STORE = /MongoDB does not answer, or cannot keep anything/
const PEOPLE = 6
const CONTENDERS = 20

/** Where the answer to a right code leads. */
const ACCEPTED = /\/auth\//

function tally(writes: Write[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of writes) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

/** Whoever has no account is told so by a store that answers. */
async function answers(cluster: FaultCluster): Promise<void> {
  const nobody = await halfOpen(cluster)
  await nobody.submit({ email: `nobody${Math.random()}@sigma.example`, password: PASSWORD })
  expect(nobody.page.status).toBe(400)
}

/** Of the trail there is always one under way when the store ends. */
async function recordUntilRefused(cluster: FaultCluster, told: Write[]): Promise<true | number> {
  for (let n = PEOPLE; ; n += 1) {
    const write = auditWrite(cluster, n)
    const outcome = await write.act()
    if (outcome !== true) return outcome
    told.push(write)
  }
}

describeWith(['mongo', 'redis'], 'MongoDB', () => {
  const report = faultTable()

  test.each(['stop', 'kill'] as const)('%s: everyone is told so, and goes on where they were', async (how) => {
    const cluster = await faultCluster()
    const { moments, settings } = await sanneEverywhere(cluster)
    const [page, ...others] = moments
    await cluster.mongo[how]()
    // The page in front of the password needs nothing that must survive.
    await expectToGoOn([page])
    await expectInterrupted(cluster, others)
    await expectNotReady(cluster, NO_STORE)
    await cluster.mongo.start()
    const seconds = await recovery(cluster, () => answers(cluster))
    // The code was used up by an answer that never came: the application asks for another one, which nobody notices.
    const token = others.find(({ name }) => name.includes('token'))
    expect((await token?.act())?.body).toContain('invalid_grant')
    expect((await redeem(cluster, await codeFor(cluster, settings))).status).toBe(200)
    await expectToGoOn(moments.filter((moment) => moment !== token))
    expectDiscreetLog(cluster)
    report({
      fault: `MongoDB ended (${how}) and back`,
      saw: 'the sign-in page; 503 page with Retry-After from the password on; then goes on where they were',
      lost: 'nothing',
      recovery: seconds,
    })
  })

  test.each([
    ['stop', 1 / 2],
    ['kill', 3 / 4],
  ] as const)('%s under load: what was told of as kept is there afterwards', async (how, share) => {
    const cluster = await faultCluster()
    const writes = await pendingWrites(cluster, PEOPLE)
    const told: Write[] = []
    const enough = Promise.withResolvers<void>()
    let done = 0
    const running = writes.map(async (write) => {
      const outcome = await write.act()
      if (outcome === true) told.push(write)
      done += 1
      if (done === Math.floor(share * writes.length)) enough.resolve()
      return outcome
    })
    running.push(recordUntilRefused(cluster, told))
    await enough.promise
    await cluster.mongo[how]()
    const refused = (await Promise.all(running)).filter((outcome) => outcome !== true)
    expect(refused.filter((status) => status !== 503)).toEqual([])

    await cluster.mongo.start()
    const seconds = await recovery(cluster, () => answers(cluster))
    const lost: string[] = []
    for (const write of told) if (!(await write.kept())) lost.push(write.kind)
    expect(lost).toEqual([])
    expect(await cluster.app.core.store.durable.verifyAudit()).toBeUndefined()
    expectDiscreetLog(cluster)
    report({
      fault: `MongoDB ended (${how}) under security writes`,
      saw: `told of as kept: ${tally(told)}; 503: ${refused.length}`,
      lost: `${lost.length} of ${told.length}`,
      recovery: seconds,
    })
  })

  test('a code of the app that comes 20 times while MongoDB is killed is good once', async () => {
    const cluster = await faultCluster()
    const email = 'sanne@sigma.example'
    const { key } = await enrolled(cluster, email)
    const browsers: Person[] = []
    while (browsers.length < CONTENDERS) browsers.push(await halfSignedIn(cluster.app, email))
    cluster.nextCode()
    const code = codeOf(key, cluster.now())
    const entered = browsers.map((browser) => sent(form(browser, { step: 'verify', code }), ACCEPTED))
    // As soon as one of them is told that it is in.
    await Promise.any(entered.map(async (outcome) => (await outcome) === true || Promise.reject(new Error('refused'))))
    await cluster.mongo.kill()
    const told = await Promise.all(entered)
    await cluster.mongo.start()
    const seconds = await recovery(cluster, () => answers(cluster))
    const again = await halfSignedIn(cluster.app, email)
    const afterwards = await sent(form(again, { step: 'verify', code }), ACCEPTED)
    const successes = [...told, afterwards].filter((outcome) => outcome === true).length
    expect(successes).toBe(1)
    expect(told.filter((outcome) => ![true, 400, 429, 503].includes(outcome))).toEqual([])
    expectDiscreetLog(cluster)
    report({
      fault: `MongoDB killed while a code of the app comes ${CONTENDERS} times`,
      saw: `successes: ${successes}; else 503 or «used already»`,
      lost: 'nothing used twice',
      recovery: seconds,
    })
  })
})
