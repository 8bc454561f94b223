/** A store that hangs: what operators are told meanwhile, in time, and that nobody is told of a mistake of ours. */
import { expect, test } from 'vitest'
import { type Exposition, scraped, valuesOf } from '../support/monitoring/exposition.ts'
import {
  expectDiscreetLog,
  type FaultCluster,
  faultCluster,
  faultTable,
  probe,
  recovery,
} from '../support/nodes/faulty.ts'
import { halfOpen } from '../support/nodes/people.ts'
import { PASSWORD } from '../support/people/second-factor.ts'
import { describeWith } from '../support/services/services.ts'

const STORES = [
  ['mongo', 'MongoDB', 'mongodb'],
  ['redis', 'Redis', 'redis'],
] as const
/** A second, and what a busy machine adds to it. */
const IN_TIME = 1500
const AT_ONCE = 10

async function asked(cluster: FaultCluster) {
  const from = performance.now()
  const [ready, health, told] = await Promise.all([
    probe(cluster, '/readyz'),
    probe(cluster, '/healthz'),
    scraped(cluster.app),
  ])
  return { ready, health, told, milliseconds: performance.now() - from }
}

const notReady = (told: Exposition) =>
  Object.entries(valuesOf(told, 'sigma_not_ready')).flatMap(([reason, value]) => (value === 1 ? [reason] : []))

describeWith(['mongo', 'redis'], 'a store that hangs', () => {
  const report = faultTable()

  test.each(STORES)(
    '%s: /readyz names it and /metrics is there, in time; who is under way gets 503 or an answer',
    async (store, name, reason) => {
      const cluster = await faultCluster()
      // Another each time: of one the third try would have to wait.
      const nobody = () => ({ email: `nobody${Math.random()}@sigma.example`, password: PASSWORD })
      const typed = await Promise.all(Array.from({ length: AT_ONCE }, () => halfOpen(cluster)))
      const under = typed.map((browser) => browser.submit(nobody()))
      await Promise.any(under)
      cluster[store].pause()
      const [first, ...others] = [await asked(cluster), await asked(cluster), await asked(cluster)]
      for (const { ready, health, told, milliseconds } of [first, ...others]) {
        expect(ready).toMatchObject({ status: 503, text: expect.stringContaining(`not ready\n${name} `) })
        expect(health).toMatchObject({ status: 200 })
        expect(told.metrics.size).toBeGreaterThan(20)
        expect(milliseconds).toBeLessThan(IN_TIME)
      }
      expect(notReady((await asked(cluster)).told)).toEqual([reason])
      const later = await Promise.all(Array.from({ length: AT_ONCE }, () => halfOpen(cluster).catch(() => undefined)))
      for (const answer of await Promise.all(under)) expect([400, 503]).toContain(answer.status)
      for (const browser of later) if (browser) expect([200, 303, 503]).toContain(browser.page.status)

      cluster[store].resume()
      const back = await recovery(cluster, async () => {
        const browser = await halfOpen(cluster)
        expect((await browser.submit(nobody())).status).toBe(400)
      })
      expect(notReady((await asked(cluster)).told)).toEqual([])
      expectDiscreetLog(cluster)
      const longest = Math.max(...[first, ...others].map(({ milliseconds }) => milliseconds))
      report({
        fault: `${name} hangs under requests`,
        saw: `503 or the answer; /readyz, /healthz and /metrics together after ${Math.round(longest)} ms at most`,
        lost: 'nothing',
        recovery: back,
      })
    },
  )
})
