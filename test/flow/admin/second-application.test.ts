/**
 * From nothing to a second application that people sign in to, by pages alone: what the pages say, and nothing else, is
 * given to a relying party, and somebody signs in.
 */
import * as oidc from 'openid-client'
import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const CALLBACK = 'http://localhost:1/callback'

clockOfAllTests()

const app = forAllTests(startApp)

/** What the page says under this word. */
function said(who: Someone, word: string): string {
  const value = new RegExp(`<dt>${word}</dt><dd><code class="key"[^>]*>([^<]+)<`).exec(
    who.browser.page.html.replaceAll('\n', ''),
  )
  return value?.[1] ?? ''
}

test('an administrator connects an application, and somebody signs in to it', async () => {
  const chris = await colleague(app, 'client-admin')
  await visit(app, chris, '/admin')
  await chris.browser.visit('/admin/applications')
  await visit(app, chris, '/admin/applications/new')
  await send(chris, { kind: 'web', name: 'Rooster', address: CALLBACK, step: 'look' })
  await send(chris, { step: 'make' })
  const [issuer, id, secret] = ['Issuer \\(provider address\\)', 'Client id', 'Secret'].map((word) => said(chris, word))
  expect([issuer, id]).toEqual([app.origin, 'rooster'])
  await app.followClients()

  const config = await oidc.discovery(new URL(issuer ?? ''), id ?? '', undefined, oidc.ClientSecretBasic(secret), {
    execute: [oidc.allowInsecureRequests],
  })
  const [verifier, state] = [oidc.randomPKCECodeVerifier(), oidc.randomState()]
  const request = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  })

  const email = 'sanne@sigma.example'
  await app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'en' })
  const sanne = new Person()
  await sanne.visit(await app.linkFor(email))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  const browser = new Person()
  await browser.visit(request.href)
  await browser.submit({ email, password: PASSWORD })
  // Not one of the house: people are asked, by the name that was typed on the first page.
  expect(text(browser.page)).toContain('Rooster')
  const answer = await lastAddress(browser, { action: 'allow' })
  const tokens = await oidc.authorizationCodeGrant(config, new URL(answer), {
    pkceCodeVerifier: verifier,
    expectedState: state,
  })
  expect(tokens.claims()).toMatchObject({ aud: 'rooster', iss: app.origin })
  const { name } = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')
  expect(name).toBe('Sanne de Vries')
})

/** Where the form leads in the end: nobody is at home there. */
async function lastAddress(browser: Person, fields: Record<string, string>): Promise<string> {
  await browser.submit(fields).catch(() => undefined)
  const { next = '' } = browser.trail.findLast(({ next }) => next?.startsWith(CALLBACK)) ?? {}
  return next
}
