/** What systemd would start, by the unit that is shipped, and how it ends while people come. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installation, isReady, launchNode, ready } from '../../support/app/process.ts'
import { unitCommand } from '../../support/app/systemd-unit.ts'
import { load } from '../../support/nodes/load.ts'

const PER_SECOND = 20

test('under twenty sign-ins a second that begin, SIGTERM drains: all are answered until a balancer has noticed, and it exits 0', async () => {
  const where = await installation({
    settings: {
      issuer: 'https://id.sigma.example',
      mail: { from: 'Sigma ID <no-reply@sigma.example>' },
      portal: undefined,
      egress: [],
      trustedProxies: 1,
      log: { level: 'info' },
    },
    clients: `
clients:
  - client_id: portal
    client_name: Sigma Portal
    initiate_login_uri: https://portal.sigma.example/login
    redirect_uris: [https://portal.sigma.example/callback]
    client_secret: { env: PORTAL_CLIENT_SECRET }
    first_party: true
`,
  })
  const credentials = join(where.folder, 'credentials')
  mkdirSync(credentials)
  writeFileSync(join(credentials, 'sigma-keys'), `2026a:${randomBytes(32).toString('base64')}\n`, { mode: 0o400 })
  writeFileSync(join(credentials, 'sigma-smtp-url'), 'smtp://127.0.0.1:9\n', { mode: 0o400 })
  const { args, env } = unitCommand(credentials)
  const server = await ready(where, launchNode({ ...env, ...where.env, PORTAL_CLIENT_SECRET: 'x'.repeat(43) }, args))

  const address = new URL(
    `${where.origin}/auth?client_id=portal&response_type=code&scope=openid&code_challenge_method=S256`,
  )
  address.searchParams.set('redirect_uri', 'https://portal.sigma.example/callback')
  address.searchParams.set('code_challenge', randomBytes(32).toString('base64url'))
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
