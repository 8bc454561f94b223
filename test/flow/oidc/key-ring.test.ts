/** SIGMA_KEYS changes between two runs on the same data (SECURITY R-17). */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { type Installation, installation, launch, linkFrom, startServer } from '../../support/app/process.ts'
import { asked } from '../../support/people/asked-people.ts'
import { Person } from '../../support/people/person.ts'

const EMAIL = 'sanne@sigma.example'
const PASSWORD = 'vier losse woorden samen'
const OLD = `old:${randomBytes(32).toString('base64')}`
const NEW = `new:${randomBytes(32).toString('base64')}`
let where: Installation

beforeEach(async () => {
  const people = [{ email: EMAIL, name: 'Sanne de Vries', locale: 'nl' }]
  where = await installation({ settings: { people }, env: { SIGMA_KEYS: OLD } })
})

async function signIn(): Promise<Person> {
  const person = new Person()
  await person.visit(`${where.portalOrigin}/login`)
  await person.submit({ email: EMAIL, password: PASSWORD, remember: 'on' })
  expect(person.page.url).toBe(`${where.portalOrigin}/`)
  return person
}

/** One run with the old key, in which Sanne activates her account and signs in. */
async function firstRun(): Promise<{ sanne: Person; kids: string[] }> {
  const server = await startServer(where)
  const sanne = new Person()
  await sanne.visit(await linkFrom(where, EMAIL))
  await sanne.submit({ password: PASSWORD, repeat: PASSWORD })
  const signedIn = await signIn()
  const kids = await publishedKeys()
  server.signal('SIGTERM')
  await server.ended
  return { sanne: signedIn, kids }
}

async function publishedKeys(): Promise<string[]> {
  const { keys } = (await (await fetch(`${where.origin}/jwks`)).json()) as { keys: Array<{ kid: string }> }
  return keys.map(({ kid }) => kid)
}

async function pepperOfHash(): Promise<string | undefined> {
  const store = openSqliteStore(join(where.data, 'sigma-id.db'))
  const account = await asked(store.durable.people).findAccountByEmail(EMAIL)
  await store.close()
  return account?.passwordHash?.split(':')[0]
}

test('with a new key in front of the old one, nobody notices', async () => {
  const { sanne, kids } = await firstRun()
  await startServer(where, { SIGMA_KEYS: `${NEW},${OLD}` })

  expect(await publishedKeys()).toEqual(kids)
  // The session of before: no password is asked.
  await sanne.visit(`${where.portalOrigin}/login`)
  expect(sanne.page.url).toBe(`${where.portalOrigin}/`)
  expect(sanne.page.html).toContain('Sanne de Vries')

  // The password of before, which is kept with the new key from now on.
  expect(await pepperOfHash()).toBe('old')
  await signIn()
  expect(await pepperOfHash()).toBe('new')
  await signIn()
})

test('a form that was open when the key changed can still be sent', async () => {
  await firstRun()
  const server = await startServer(where)
  const slow = new Person()
  await slow.visit(`${where.portalOrigin}/login`)
  server.signal('SIGTERM')
  await server.ended
  await startServer(where, { SIGMA_KEYS: `${NEW},${OLD}` })
  await slow.submit({ email: EMAIL, password: PASSWORD })
  // The portal has forgotten whom it sent; what counts is that Sigma ID sent her back with a code.
  expect(slow.trail.some(({ url }) => url.startsWith(`${where.portalOrigin}/callback?code=`))).toBe(true)
})

test('without a key that is still needed the start is refused, and says which key', async () => {
  await firstRun()
  const { code, out, err } = await launch(where, { SIGMA_KEYS: NEW }).ended
  expect(code).toBe(1)
  expect(out).toBe('')
  // Before it touches the store, and in the form of all that a start finds wrong.
  expect(err.split('\n')).toEqual([
    expect.stringMatching(/^Sigma ID cannot start with /),
    expect.stringMatching(/^ {2}SIGMA_KEYS: lacks old, which kept (passwords|signing keys) need/),
    '',
  ])

  const server = await startServer(where, { SIGMA_KEYS: `${NEW},${OLD}` })
  expect(server.printed().err).toBe('')
})

test('another key under the old id is refused too', async () => {
  await firstRun()
  const { code, err } = await launch(where, { SIGMA_KEYS: `old:${randomBytes(32).toString('base64')}` }).ended
  expect(code).toBe(1)
  expect(err).toMatch(/signing-key.* cannot be opened/)
  expect(err.trimEnd()).not.toContain('\n')
})
