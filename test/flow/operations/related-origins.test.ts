/** What tells browsers which other origins may use our passkeys (WebAuthn Level 3 section 5.11). */
import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'

const PATH = '/.well-known/webauthn'

test('is there where there are such origins, as JSON that the standard names', async () => {
  const relatedOrigins = ['https://id.example.org']
  const app = await startApp({ settings: { passkeys: { relatedOrigins } } })
  const answer = await fetch(`${app.origin}${PATH}`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  expect(await answer.json()).toEqual({ origins: relatedOrigins })
  await app.stop()
})

test('is not there otherwise', async () => {
  const app = await startApp()
  expect((await fetch(`${app.origin}${PATH}`)).status).toBe(404)
  await app.stop()
})
