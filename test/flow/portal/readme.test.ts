/** What README says of connecting an application runs as printed, but for the ports. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { PORTAL_ONLY, startApp } from '../../support/app/app.ts'
import { freePort } from '../../support/app/ports.ts'
import { invite } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'

test('the record and the program of README’s application sign somebody in', async () => {
  const readme = readFileSync('README.md', 'utf8')
  const [, secret = ''] = /ROSTER_CLIENT_SECRET=(\S+)/.exec(readme) ?? []
  const [, record = ''] = /```yaml\n([\s\S]*?client_id: roster[\s\S]*?)```/.exec(readme) ?? []
  const origin = `http://localhost:${await freePort()}`
  const clients = PORTAL_ONLY + record.replaceAll('http://localhost:4000', origin)
  const app = await startApp({ clients, env: { ROSTER_CLIENT_SECRET: secret } })
  onTestFinished(() => app.stop())
  const [, program = ''] = /^node (docs\/\S+)/m.exec(readme) ?? []
  const env = { ISSUER: app.origin, BASE_URL: origin, ROSTER_CLIENT_SECRET: secret }
  const roster = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void roster.kill())
  await once(roster.stdout, 'data')

  await invite(app, { email: EMAIL, name: 'Sanne de Vries', locale: 'en', organization: 'Bakkerij de Vries' })
  const sanne = new Person()
  await sanne.visit(await app.linkFor(EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  await sanne.visit(origin)
  if (sanne.page.url.startsWith(app.origin)) await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(JSON.parse(sanne.page.html)).toMatchObject({ name: 'Sanne de Vries', email: EMAIL, amr: ['pwd'] })
})

test('a secret that the environment lacks is told at the start, unless the demonstration makes it', async () => {
  const other =
    '  - { client_id: roster, client_name: Roster, redirect_uris: [http://localhost:9/callback], client_secret: { env: ROSTER_CLIENT_SECRET } }\n'
  const app = await startApp({ clients: PORTAL_ONLY + other })
  onTestFinished(() => app.stop())
  app.start()
  const told = app.logged.map((line) => JSON.parse(line)).filter(({ missing }) => missing)
  expect(told).toMatchObject([{ client: 'roster', missing: ['ROSTER_CLIENT_SECRET'] }])
})
