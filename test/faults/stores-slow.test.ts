/** Stores that answer late or not at all (SECURITY R-07): nobody waits for long, nothing piles up, and all goes on when they are quick again. */
import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import {
  expectDiscreetLog,
  expectNotReady,
  type FaultCluster,
  faultCluster,
  faultTable,
  probe,
  recovery,
} from '../support/nodes/faulty.ts'
import { enrolled, expectInterruption, freshPerson, halfOpen } from '../support/nodes/people.ts'
import type { Person } from '../support/people/person.ts'
import { codeOf, PASSWORD, press } from '../support/people/second-factor.ts'
import { authorize, codesOf, halfSignedIn } from '../support/people/second-factor-attack.ts'
import { describeWith } from '../support/services/services.ts'

const STORES = ['mongo', 'redis'] as const
type StoreName = (typeof STORES)[number]
const NAMES = { mongo: 'MongoDB', redis: 'Redis' }
/** What a page may take, by the time-outs of the stores. */
const LONGEST = 8000
const AT_ONCE = 100
const MEGABYTE = 2 ** 20
const EMAIL = 'sanne@sigma.example'

interface Timed {
  status: number
  milliseconds: number
  browser: Person
}

async function timed(browser: Person, work: () => Promise<unknown>): Promise<Timed> {
  const from = performance.now()
  await work()
  return { status: browser.page.status, milliseconds: performance.now() - from, browser }
}

async function signsIn(cluster: FaultCluster, key: string): Promise<void> {
  cluster.nextCode()
  const browser = await halfSignedIn(cluster.app, EMAIL)
  await press(browser, 'verify', { code: codeOf(key, cluster.now()) })
  expect(codesOf(browser)).toHaveLength(1)
}

/** One request, from the password to the first answer. */
async function sendsPassword(typed: Person, password: string): Promise<{ status: number; milliseconds: number }> {
  const from = performance.now()
  const [form] = typed.forms()
  const fields = new URLSearchParams({ ...form?.fields, email: EMAIL, password })
  const answer = await typed.copy().request('POST', new URL(form?.action ?? '', typed.page.url).href, fields)
  await answer.body?.cancel()
  return { status: answer.status, milliseconds: performance.now() - from }
}

async function refusesWrong(cluster: FaultCluster): Promise<void> {
  const nobody = await halfOpen(cluster)
  await nobody.submit({ email: `nobody${Math.random()}@sigma.example`, password: PASSWORD })
  expect(nobody.page.status).toBe(400)
}

/** Until the promise is settled: how long liveness took at most. */
async function slowestHealth(cluster: FaultCluster, until: Promise<unknown>): Promise<number> {
  let [over, slowest] = [false, 0]
  const end = () => {
    over = true
  }
  until.then(end, end)
  while (!over) {
    const { status, milliseconds } = await probe(cluster, '/healthz')
    expect(status).toBe(200)
    slowest = Math.max(slowest, milliseconds)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return slowest
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1)

describeWith(['mongo', 'redis'], 'a slow store', () => {
  const report = faultTable()

  test.each(STORES)('%s, 200 ms for each answer: slow, and right', async (store) => {
    const cluster = await faultCluster()
    const { key } = await enrolled(cluster, EMAIL)
    cluster.lines[store].delay(200)
    const from = performance.now()
    await signsIn(cluster, key)
    const took = performance.now() - from
    expect(await probe(cluster, '/readyz')).toMatchObject({ status: 200 })
    expectDiscreetLog(cluster)
    report({ fault: `${NAMES[store]} 200 ms slower`, saw: `signed in, in ${seconds(took)} s in all`, lost: 'nothing' })
  })

  test.each(STORES)('%s, 2 s for each answer: right or 503, and not ready', async (store) => {
    const cluster = await faultCluster()
    await enrolled(cluster, EMAIL)
    const typed = await halfOpen(cluster)
    cluster.lines[store].delay(2000)
    const answers = Promise.all([sendsPassword(typed, PASSWORD), sendsPassword(typed, 'not the one')])
    await expectNotReady(cluster, /too long for one small write/)
    const [right, wrong] = await answers
    expect([303, 503]).toContain(right.status)
    expect([400, 503]).toContain(wrong.status)
    cluster.lines[store].recover()
    const back = await recovery(cluster, () => refusesWrong(cluster))
    expectDiscreetLog(cluster)
    const longest = Math.max(right.milliseconds, wrong.milliseconds)
    report({
      fault: `${NAMES[store]} 2 s slower`,
      saw: `right password: ${right.status}; wrong one: ${wrong.status}; after ${seconds(longest)} s at most`,
      lost: 'nothing',
      recovery: back,
    })
  })

  const TROUBLES: Array<[StoreName, string, (cluster: FaultCluster) => void]> = STORES.flatMap((store) => [
    [store, '20 s for each answer', ({ lines }) => lines[store].delay(20_000)],
    [store, 'silent', ({ lines }) => lines[store].swallow()],
  ])

  test.each(TROUBLES)('%s, %s: 503 in time for a hundred at once, alive meanwhile', async (store, how, trouble) => {
    const cluster = await faultCluster()
    const { key, settings } = await enrolled(cluster, EMAIL)
    const typed = await Promise.all(Array.from({ length: AT_ONCE / 2 }, () => halfOpen(cluster, 'nl')))
    const before = { memory: process.memoryUsage().rss, sockets: sockets() }
    trouble(cluster)
    const all = Promise.all(Array.from({ length: AT_ONCE }, (_, n) => inTrouble(cluster, n, typed, settings)))
    const health = slowestHealth(cluster, all)
    await expectNotReady(cluster, new RegExp(NAMES[store]))
    const answers = await all
    const grown = process.memoryUsage().rss - before.memory
    const longest = Math.max(...answers.map(({ milliseconds }) => milliseconds))
    const refused = answers.filter(({ status }) => status !== 200)
    for (const { browser } of refused) {
      const { status, headers, html } = browser.page
      const language = html.includes('<html lang="nl">') ? 'nl' : 'en'
      expectInterruption(cluster, how, { status, headers, body: html, language })
    }
    expect(refused.length).toBeGreaterThanOrEqual(AT_ONCE / 2)
    expect(longest).toBeLessThan(LONGEST)
    expect(await health).toBeLessThan(1000)
    expect(grown).toBeLessThan(200 * MEGABYTE)

    cluster.lines[store].recover()
    const back = await recovery(cluster, () => refusesWrong(cluster))
    await signsIn(cluster, key)
    // What was given up is not held on to.
    await expect.poll(sockets, { timeout: 10_000 }).toBeLessThan(before.sockets + AT_ONCE / 2)
    expectDiscreetLog(cluster)
    report({
      fault: `${NAMES[store]}: ${how}, ${AT_ONCE} requests at once`,
      saw: `503 page for ${refused.length}, the longest after ${seconds(longest)} s; /healthz ${seconds(await health)} s at most; ${Math.round(grown / MEGABYTE)} MB more`,
      lost: 'nothing',
      recovery: back,
    })
  })
})

/** A new browser at the sign-in page, a password on a page of its own, or the settings. Those of one session wait for each other. */
function inTrouble({ app }: FaultCluster, n: number, typed: Person[], settings: Person): Promise<Timed> {
  const browser = n % 2 === 0 ? typed[n / 2] : undefined
  if (browser) {
    return timed(browser, () => browser.submit({ email: EMAIL, password: PASSWORD }))
  }
  if (n % 10 === 1) {
    const signedIn = settings.copy()
    return timed(signedIn, () => signedIn.visit(`${app.origin}/account`))
  }
  const stranger = freshPerson('nl')
  return timed(stranger, () => stranger.visit(authorize(app)))
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCPSocket')).length
}
