/** A refresh token that comes twice, while a root key is put in front: it has one successor all the same (refresh.ts). */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SECOND } from '../../../src/lib/time.ts'
import { freePorts } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { secretOf } from '../../support/oidc/secret-of.ts'
import { codeOf, press } from '../../support/people/second-factor.ts'
import { codesOf, halfSignedIn, startTwoStep, victim } from '../../support/people/second-factor-attack.ts'

const OLD = `old:${randomBytes(32).toString('base64')}`
const NEW = `new:${randomBytes(32).toString('base64')}`
/** RFC 7636 appendix B, of the challenge that requests here have. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

clockOfEachTest()

test('by two nodes of which one has the new root key in front', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-'))
  const options = { folder, ports: await freePorts(), now: () => Date.now() }
  let app = await startTwoStep({ ...options, env: { SIGMA_KEYS: `${OLD},${NEW}` } })
  onTestFinished(async () => {
    await app.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  async function token(body: Record<string, string>): Promise<Record<string, string>> {
    const basic = Buffer.from(`payroll:${encodeURIComponent(secretOf(app, 'payroll'))}`).toString('base64')
    const authorization = `Basic ${basic}`
    const answer = await fetch(`${app.origin}/token`, {
      ...{ method: 'POST', headers: { authorization }, body: new URLSearchParams(body) },
    })
    return (await answer.json()) as Record<string, string>
  }
  const refresh = (refresh_token = '') => token({ grant_type: 'refresh_token', refresh_token })

  const { email, key } = await victim(app, 'sanne@sigma.example')
  const browser = await halfSignedIn(app, email, 'payroll')
  pass(30 * SECOND)
  await press(browser, 'verify', { code: codeOf(key, Date.now()) })
  const redirect_uri = `${app.portalOrigin}/payroll`
  const code = codesOf(browser).at(-1) ?? ''
  const first = await token({ grant_type: 'authorization_code', code, redirect_uri, code_verifier: VERIFIER })
  const second = await refresh(first.refresh_token)
  await app.stop()

  app = await startTwoStep({ ...options, env: { SIGMA_KEYS: `${NEW},${OLD}` } })
  const again = await refresh(first.refresh_token)
  expect(again).toMatchObject({ refresh_token: second.refresh_token })
  // Once that was used, whoever has the one before it is somebody else.
  expect(await refresh(again.refresh_token)).toHaveProperty('refresh_token')
  expect(await refresh(first.refresh_token)).toMatchObject({ error: 'invalid_grant' })
})
