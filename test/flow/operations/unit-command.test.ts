/** What systemd would start, by the unit that is shipped, and how it ends while people come. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installation, isReady, launchNode, ready } from '../../support/app/process.ts'
import { CLIENTS, SETTINGS, secrets, signInAt } from '../../support/app/production.ts'
import { unitCommand } from '../../support/app/systemd-unit.ts'
import { load } from '../../support/nodes/load.ts'

const PER_SECOND = 20

test('under twenty sign-ins a second that begin, SIGTERM drains: all are answered until a balancer has noticed, and it exits 0', async () => {
  // What makes it production is in the unit.
  const where = await installation({ settings: { ...SETTINGS, log: { level: 'info' } }, clients: CLIENTS })
  const credentials = join(where.folder, 'credentials')
  mkdirSync(credentials)
  const { SIGMA_KEYS, SIGMA_SMTP_URL, PORTAL_CLIENT_SECRET } = secrets()
  writeFileSync(join(credentials, 'sigma-keys'), `${SIGMA_KEYS}\n`, { mode: 0o400 })
  writeFileSync(join(credentials, 'sigma-smtp-url'), `${SIGMA_SMTP_URL}\n`, { mode: 0o400 })
  const { args, env } = unitCommand(credentials)
  const server = await ready(where, launchNode({ ...env, ...where.env, PORTAL_CLIENT_SECRET }, args))

  const address = signInAt(where.origin)
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' }
  const people = load(PER_SECOND, async () => {
    const answer = await fetch(address, { headers, redirect: 'manual' })
    await answer.text()
    if (answer.status !== 303 && answer.status !== 302) throw new Error(`status ${answer.status}`)
  })
  onTestFinished(async () => void (await people.end()))
  await expect.poll(() => people.outcomes.length, { timeout: 20_000 }).toBeGreaterThan(PER_SECOND)
  server.signal('SIGTERM')
  await expect.poll(() => isReady(where), { interval: 5, timeout: 20_000 }).toBe(false)
  // A balancer takes a moment to notice, in which whoever comes is served.
  const before = people.outcomes.length
  await expect.poll(() => people.outcomes.length, { timeout: 20_000 }).toBeGreaterThan(before + PER_SECOND)
  const outcomes = await people.end()
  expect(outcomes.flatMap(({ fault }) => fault ?? [])).toEqual([])
  const { code, err } = await server.ended
  expect(code).toBe(0)
  expect(err).toMatch(/"signal":"SIGTERM".*"stopping"/)
  expect(err).toMatch(/"left":0.*"stopped"/)
})
