/** Sign-ins that another site starts (OpenID Connect Core section 4): what it may ask for, and what not. */
import { beforeEach, expect, test } from 'vitest'
import { location, type PortalBrowser, portalBrowser, portalUnderTest } from '../../support/oidc/portal-under-test.ts'
import { forAllTests } from '../../support/runner/made.ts'

let sanne: PortalBrowser
const app = forAllTests(portalUnderTest)
beforeEach(() => {
  sanne = portalBrowser(app)
})

test('is begun only at our own provider', async () => {
  expect((await sanne.send('/login?iss=https%3A%2F%2Fevil.example')).status).toBe(400)
  expect((await sanne.send(`/login?iss=${encodeURIComponent(app.provider.issuer)}`)).status).toBe(303)
})

test('a parameter that comes twice is refused', async () => {
  expect((await sanne.send('/login?prompt=none&prompt=login')).status).toBe(400)
})

test('unknown prompts are left out', async () => {
  expect(new URL(location(await sanne.send('/login?prompt=create'))).searchParams.has('prompt')).toBe(false)
})

test.each([
  ['/payroll?run=7', '/payroll?run=7'],
  ['https://evil.example/', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['javascript:alert(1)', '/'],
])('open redirect: target_link_uri %s leads to %s of ours', async (target, path) => {
  const started = await sanne.send(`/login?${new URLSearchParams({ target_link_uri: target })}`)
  const back = await sanne.send(app.provider.authorize(location(started)))
  expect(location(back)).toBe(app.origin + path)
})
