/** The campaign of an organization, whose name is typed once in the configuration and once where it was added. */
import { expect, test } from 'vitest'
import { installation, linkFrom, startServer } from '../../support/app/process.ts'
import { PASSWORD } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PAST = { start: '2020-01-01', deadline: '2020-02-01' }

test('an organization in another spelling is held to its dates, and a name that there is no organization of is told of at the start', async () => {
  const organizations = { 'Bakkerij De Vries ': PAST, 'Slagerij de Vries': PAST }
  const people = [{ email: EMAIL, name: 'Sanne de Vries', locale: 'en', organization: 'bakkerij  de Vries' }]
  const where = await installation({ settings: { people, twoStep: { campaign: { organizations } } } })
  const server = await startServer(where)
  await expect.poll(() => server.printed().err, { timeout: 20_000 }).toContain('organizations that there are none of')
  expect(server.printed().err).toContain('"organizations":["Slagerij de Vries"]')

  const sanne = new Person()
  await sanne.visit(await linkFrom(where, EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(sanne.page.html).toContain('Add an extra layer of security')
  expect(sanne.page.html).not.toContain('value="later"')
})
