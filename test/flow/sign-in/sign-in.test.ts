import { beforeAll, expect, test } from 'vitest'
import { invitePerson } from '../../../src/admin/people.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { startApp } from '../../support/app/app.ts'
import { invite } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'

const app = forAllTests(startApp)
beforeAll(async () => {
  await invite(app, { email: EMAIL, name: 'Sanne de Vries', locale: 'nl', organization: 'Bakkerij' })
})

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

test.each([
  ['r&d@sigma.example', 'R&D@sigma.example'],
  ['sales/nl@sigma.example', 'sales/nl@sigma.example'],
  ['a=b@sigma.example', ' a=b@sigma.example'],
  ['anna@post.xn--p1ai', 'anna@post.рф'],
  ['jan@пост.рф', 'JAN@пост.рф'],
])('%s is invited, activates, signs in as %s and gets a new password', async (email, typed) => {
  const actor = { id: undefined, roles: [], via: 'command-line', source: undefined } as const
  const invited = await runVerb(app.core.admin, invitePerson, { email, name: 'Sanne' }, { ...actor, roles: [] })
  const sanne = new Person()
  await sanne.visit(await app.linkFor(invited.email))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  await sanne.submit({ email: typed, password: PASSWORD })
  expect(sanne.page.url).toBe(`${app.portalOrigin}/`)
  const elsewhere = new Person()
  await elsewhere.visit(`${app.origin}/recover`)
  await elsewhere.submit({ email: typed })
  expect(await app.linkFor(invited.email)).toContain('/recover/')
})

test('what is no address asks for no link', async () => {
  const stranger = new Person()
  for (const email of ['sanne', 'sanne@sigma.example, x@evil.example', '"a"@sigma.example', 'sanne@sigma']) {
    await stranger.visit(`${app.origin}/recover`)
    expect((await stranger.submit({ email })).status, email).toBe(400)
  }
})
