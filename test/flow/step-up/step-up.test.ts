/** **Approve payroll run** in the demonstration portal before the real provider, without JavaScript. */
import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/time.ts'
import { type PortalOptions, portal } from '../../../src/portal/portal.ts'
import { type RunningApp, startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { secretOf } from '../../support/oidc/secret-of.ts'
import { invite } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
const APPROVED = 'The payroll run is approved.'

let app: RunningApp
let sanne: Person
let own: Server | undefined
clockOfEachTest()
afterEach(async () => {
  own?.closeAllConnections()
  own?.close()
  own = undefined
  await app.stop()
})

/** A person who signed in to the portal with a password. */
async function signedIn(): Promise<void> {
  await invite(app, { email: EMAIL, name: 'Sanne de Vries', locale: 'en', organization: 'Bakkerij' })
  sanne = new Person()
  await sanne.visit(await app.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  await signIn()
  expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
  sanne.trail.length = 0
}

async function signIn(): Promise<void> {
  await sanne.submit({ email: EMAIL, password: PASSWORD })
}

/** In place of the composed portal, one with other settings. */
async function startWithPortal(settings: Partial<PortalOptions>): Promise<void> {
  app = await startApp({ settings: { portal: undefined } })
  const { client_id = '' } = app.core.clients.find('portal')?.metadata ?? {}
  const { handler } = portal({
    issuer: app.origin,
    origin: app.portalOrigin,
    name: 'Sigma Portal',
    house: true,
    approvesPayroll: true,
    clientId: client_id,
    clientSecret: secretOf(app, 'portal'),
    views: app.core.templates,
    now: Date.now,
    log: app.core.log,
    ...settings,
  })
  const server = createServer(handler)
  own = server
  await new Promise<void>((resolve) => server.listen(Number(new URL(app.portalOrigin).port), '127.0.0.1', resolve))
}

async function approve(): Promise<void> {
  const which = sanne.forms().findIndex(({ action }) => action === '/approve')
  await sanne.submit({}, which)
}

/** The authorization requests since the portal was entered. */
function authorizations(): Array<Record<string, string>> {
  return sanne.trail
    .map(({ url }) => new URL(url))
    .filter(({ origin, pathname }) => origin === app.origin && pathname === '/auth')
    .map(({ searchParams }) => Object.fromEntries(searchParams))
}

function approvals(): number {
  return app.logged.filter((line) => line.includes('payroll run approved')).length
}

/** True for both answers to a wish for more: a page of the provider that asks for it, or the portal's that it is unmet. */
function stoppedShort(): boolean {
  const { url, status, html } = sanne.page
  const asksForMore = url.startsWith(`${app.origin}/interaction/`) && status === 200
  const unmet = url.startsWith(`${app.portalOrigin}/callback`) && status === 403 && html.includes('stronger way')
  return asksForMore || unmet
}

test('a password alone approves nothing: the provider is asked for more once, and never in a loop', async () => {
  app = await startApp()
  await signedIn()
  await approve()
  expect(authorizations()).toEqual([
    expect.objectContaining({ acr_values: 'urn:sigma:acr:mfa', login_hint: EMAIL, client_id: 'portal' }),
  ])
  expect(stoppedShort()).toBe(true)
  await sanne.visit(`${app.portalOrigin}/`)
  expect(sanne.page.html).toContain('Approve payroll run')
  expect([sanne.page.html.includes(APPROVED), approvals()]).toEqual([false, 0])
})

test('an access token that has ended is renewed before more is asked for', async () => {
  app = await startApp()
  await signedIn()
  pass(11 * MINUTE)
  await approve()
  expect(authorizations()).toEqual([expect.objectContaining({ acr_values: 'urn:sigma:acr:mfa' })])
  expect([stoppedShort(), approvals()]).toEqual([true, 0])
})

describe('a portal that is content with a password', () => {
  const assurance = { mfa: 'urn:sigma:acr:password' }

  test('approves with a token of the real provider, and again with a refreshed one', async () => {
    await startWithPortal({ assurance })
    await signedIn()
    await approve()
    expect([sanne.page.html.includes(APPROVED), approvals()]).toEqual([true, 1])
    pass(11 * MINUTE)
    await sanne.visit(`${app.portalOrigin}/`)
    await approve()
    expect([sanne.page.html.includes(APPROVED), approvals()]).toEqual([true, 2])
    expect(authorizations()).toEqual([])
  })

  test('but wants it fresh, has it asked for again, and approves when the person is back', async () => {
    await startWithPortal({ assurance, approveMaxAge: 300 })
    await signedIn()
    pass(6 * MINUTE)
    await approve()
    expect(authorizations()).toEqual([expect.objectContaining({ max_age: '300', acr_values: assurance.mfa })])
    expect(sanne.page.url).toContain(`${app.origin}/interaction/`)
    expect(approvals()).toBe(0)
    await signIn()
    expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
    expect([sanne.page.html.includes(APPROVED), approvals()]).toEqual([true, 1])
  })

  test('says calmly that nothing changed when the person cancels', async () => {
    await startWithPortal({ assurance, approveMaxAge: 300 })
    await signedIn()
    pass(6 * MINUTE)
    await approve()
    const [{ state = '' } = {}] = authorizations()
    const cancelled = new URLSearchParams({ error: 'access_denied', state, iss: app.origin })
    await sanne.visit(`${app.portalOrigin}/callback?${cancelled}`)
    expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
    expect(sanne.page.html).toMatch(/role="status"><p>You canceled.*Nothing was approved/)
    expect([sanne.page.html.includes('Hello, Sanne de Vries'), approvals()]).toEqual([true, 0])
  })

  test('approves nothing after the person signed out at the provider', async () => {
    await startWithPortal({ assurance })
    await signedIn()
    const other = sanne.copy()
    await other.visit(`${app.origin}/session/end`)
    await other.submit({ logout: 'yes' })
    await app.drain()
    await approve()
    expect([sanne.page.url, approvals()]).toEqual([`${app.portalOrigin}/`, 0])
    expect(sanne.page.html).toContain('Welcome to Sigma Portal')
  })
})
