/** Administration on a host and a listener of its own (SECURITY ADM-01, P-01): there, and nowhere else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts, type RunningApp, startApp } from '../../support/app/app.ts'
import { due, obligeAll, type Someone, somebody } from '../../support/people/step-up.ts'

let own: RunningApp
let origin: string
let olga: Someone
beforeAll(async () => {
  const [port] = await freePorts()
  origin = `http://localhost:${port}`
  own = await startApp({ settings: { admin: { origin, listen: { host: '127.0.0.1', port } } } })
  olga = await somebody(own, 'Sigma', ['owner'])
})
afterAll(() => own.stop())

test('P-01 whoever has a role signs in at the issuer and is back at the host of administration', async () => {
  await olga.browser.visit(`${origin}/admin`)
  expect(olga.browser.page.url.startsWith(`${own.origin}/interaction/`)).toBe(true)
  await obligeAll(olga)
  expect([olga.browser.page.url, olga.browser.page.status]).toEqual([`${origin}/admin`, 200])
  await olga.browser.visit(`${origin}/admin/people/invite`)
  await olga.browser.submit({ email: 'new@sigma.example', name: 'Nieuw', locale: 'nl' })
  expect(olga.browser.page.url.startsWith(`${origin}/admin/people/`)).toBe(true)
})

test.each(['/admin', '/admin/', '/admin/people', '/admin/callback?code=x&state=y', '/admin/audit', '/admin/cases'])(
  'P-01 the public host has no %s',
  async (path) => {
    for (const address of [path, `/account/..${path}`, `/.${path}`, path.replace('admin', '%61dmin')]) {
      await olga.browser.visit(own.origin + address)
      expect([olga.browser.page.status, due(olga.browser)], address).toEqual([404, undefined])
      await olga.browser.post(own.origin + address, olga.browser.forms()[0]?.fields ?? {})
      expect(olga.browser.page.status, address).toBe(404)
    }
    for (const address of [`/${path}`, path.toUpperCase()]) {
      await olga.browser.visit(own.origin + address)
      expect(olga.browser.page.status, address).toBe(404)
    }
  },
)

test.each(['/account', '/', '/recover', '/auth', '/token', '/me', '/session/end', '/dev/outbox.json', '/metrics'])(
  'P-01 the host of administration has no %s',
  async (path) => {
    expect((await olga.browser.copy().request('GET', origin + path)).status).toBe(404)
  },
)

test('P-01 the API of administration is there and nowhere else, and its tokens are for that address', async () => {
  const there = await fetch(`${origin}/admin/api/openapi.json`)
  expect(await there.json()).toMatchObject({ servers: [{ url: `${origin}/admin/api/v1` }] })
  expect((await fetch(`${origin}/admin/api/v1/clients`)).status).toBe(401)
  for (const path of ['/admin/api/openapi.json', '/admin/api/v1/clients', '/admin/api', '/ADMIN/API/v1/clients'])
    expect((await fetch(own.origin + path)).status, path).toBe(404)
  expect(own.core.clients.resources.map(({ indicator }) => indicator)).toContain(`${origin}/admin/api/v1`)
})
