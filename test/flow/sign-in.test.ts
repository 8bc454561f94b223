import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningApp, startApp } from '../support/app.ts'
import { Person } from '../support/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  await app.core.links.invite({ email: EMAIL, name: 'Sanne de Vries', locale: 'nl', organization: 'Bakkerij' })
})
afterAll(() => app.stop())

test('a person activates, signs in to the portal, and signs out', async () => {
  const sanne = new Person()
  await sanne.visit(await app.linkFor(EMAIL))
  expect(sanne.page.url).toBe(`${app.origin}/activate/set`)
  expect(sanne.page.html).toContain(EMAIL)

  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  expect(sanne.page.url).toMatch(/\/interaction\//)
  expect(sanne.page.status).toBe(200)

  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
  expect(sanne.page.html).toContain('Sanne de Vries')
  expect(sanne.page.html).toContain('urn:sigma:acr:password')
})
