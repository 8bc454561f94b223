/** How an application is connected, on its page and at its verb: filled in, for its kind, and without a secret. */
import { expect, test } from 'vitest'
import { connectClient, connectResource } from '../../../src/admin/connect.ts'
import { addResource } from '../../../src/admin/resources.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest } from '../../support/app/clock.ts'
import { colleague, visit } from '../../support/people/help-desk.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

const app = forAllTests(startApp)
clockOfEachTest()

const page = (who: Someone) => text(who.browser.page)
let nth = 0

async function application(fields: Record<string, unknown>) {
  nth += 1
  const client = `connected${nth}`
  const added = await app.core.admin.clients.add(
    { client_id: client, client_name: `Rota ${nth}`, ...fields },
    { actor: 'chris', via: 'pages' },
  )
  await app.followClients()
  if (!added.ok) throw new Error(JSON.stringify(added))
  return { client, secret: added.secret?.value ?? '?', path: `/admin/applications/${client}/connect` }
}

test('a web application: the first library, or the one that is chosen, with what its record still has to say', async () => {
  const { client, secret, path } = await application({ redirect_uris: ['https://rota.example.org/in'] })
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, path)
  expect(page(chris)).toMatch(/Library .*Auth\.js/)
  expect(page(chris)).not.toMatch(/oidc-client-ts|A service|loopback/)
  await visit(app, chris, `${path}?library=openid-client-6`)
  const { html } = chris.browser.page
  for (const line of [`ISSUER=${app.origin}`, `CLIENT_ID=${client}`, 'BASE_URL=https://rota.example.org'])
    expect(html).toContain(`${line}\n`)
  expect(page(chris)).toMatch(
    /token_endpoint_auth_method client_secret_post.*redirect_uris https:\/\/rota.example.org\/callback/,
  )
  expect(page(chris)).toContain('CLIENT_SECRET= # was shown once, when it was made')
  expect(html).toContain('client.discovery(issuer, CLIENT_ID, CLIENT_SECRET, undefined, { execute })')
  expect(html).not.toContain(secret)
  await visit(app, chris, `${path}?library=${encodeURIComponent('../../etc/passwd')}`)
  expect([chris.browser.page.status, page(chris).includes('With Auth.js')]).toEqual([200, true])
})

test('a page in a browser and a program have no secret; a service is told what to ask for', async () => {
  const chris = await colleague(app, 'client-admin')
  const none = { token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'] }
  const spa = await application({ ...none, redirect_uris: ['https://rota.example.org/callback'] })
  await visit(app, chris, spa.path)
  expect(page(chris)).toContain('With oidc-client-ts')
  expect(page(chris)).not.toMatch(/CLIENT_SECRET|BASE_URL=/)
  const native = await application({
    ...none,
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'],
  })
  await visit(app, chris, `${native.path}?library=native-loopback`)
  expect(page(chris)).not.toMatch(/CLIENT_SECRET=|BASE_URL=|First, on its record/)

  const indicator = 'https://stock.example.org/api'
  await runVerb(app.core.admin, addResource, { indicator, scopes: ['stock:read', 'stock:count'] }, MACHINE)
  const service = await application({ grant_types: ['client_credentials'], scope: 'stock:read' })
  await visit(app, chris, service.path)
  for (const line of [`RESOURCE=${indicator}`, 'SCOPE=stock:read'])
    expect(chris.browser.page.html).toContain(`${line}\n`)
  const { connection } = await runVerb(app.core.admin, connectResource, { resource: indicator }, MACHINE)
  expect(connection).toMatchObject({
    needs: [],
    environment: [{ name: 'ISSUER' }, { name: 'RESOURCE', value: indicator }],
  })
})

test('a secret in the environment goes by its name; a library of another kind is none', async () => {
  const { client } = await application({
    redirect_uris: ['https://rota.example.org/in'],
    client_secret: { env: 'PORTAL_CLIENT_SECRET' },
  })
  const shown = await runVerb(app.core.admin, connectClient, { client, library: 'authlib' }, MACHINE)
  expect(shown.connection?.environment).toContainEqual({ name: 'CLIENT_SECRET', env: 'PORTAL_CLIENT_SECRET' })
  const wrong = runVerb(app.core.admin, connectClient, { client, library: 'oidc-client-ts' }, MACHINE)
  await expect(wrong).rejects.toMatchObject({ faults: [{ path: 'library' }] })
})

test('the help desk is not shown how', async () => {
  const { path } = await application({ redirect_uris: ['https://rota.example.org/in'] })
  const hanna = await colleague(app, 'help-desk')
  await visit(app, hanna, path)
  expect(hanna.browser.page.status).toBe(403)
})
