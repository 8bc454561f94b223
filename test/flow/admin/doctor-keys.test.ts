/** Applications that have not fetched the next signing key are named before the keys are rotated. */
import { beforeAll, expect, test } from 'vitest'
import { listKeys, type NotFetched, rotateKeys } from '../../../src/admin/keys.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { type FaultyApplication, faulty } from '../../support/oidc/faulty-application.ts'
import { relyingParty, world } from '../../support/oidc/relying-party.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import { forAllTests } from '../../support/runner/made.ts'

const OLGA: Actor = { id: 'olga', roles: ['owner'], via: 'pages', source: undefined }

clockOfAllTests()
const here = forAllTests(() => world())
let roster: FaultyApplication
let page: FaultyApplication

const rotate = (input: Record<string, unknown> = {}) => runVerb(here.app.core.admin, rotateKeys, input, OLGA)

async function used(app: FaultyApplication): Promise<void> {
  const person = new Person()
  await (await relyingParty(here, 'house')).signIn(person)
  expect((await app.redeem(await app.ask(person))).status).toBe(200)
}

beforeAll(async () => {
  roster = await faulty(here, 'roster')
  page = await faulty(here, 'page', { token_endpoint_auth_method: 'none' })
  await roster.get('/jwks')
  pass(HOUR)
  await here.app.core.keys.rotate({ forced: true })
  await here.app.oidc.refresh()
})

test('each key says since when it is published', async () => {
  const keys = await runVerb(here.app.core.admin, listKeys, {}, OLGA)
  expect(keys.map(({ state, publishedAt }) => [state, Date.now() - publishedAt])).toEqual(
    expect.arrayContaining([
      ['next', 0],
      ['current', HOUR],
      ['previous', HOUR],
    ]),
  )
})

test('within a day that is what it is refused for', async () => {
  await used(roster)
  await expect(rotate()).rejects.toMatchObject({ code: 'too-early' })
})

test('after that it names those in use that have not fetched it, and those whose keys come with each page are none', async () => {
  pass(2 * DAY)
  await used(roster)
  await used(page)
  const fault = (await rotate().catch((reason: unknown) => reason)) as NotFetched
  expect([fault.code, fault.status]).toEqual(['not-fetched', 409])
  const applications = fault.applications.filter(({ client }) => client !== 'house')
  expect(applications).toEqual([
    { client: 'roster', name: 'Application roster', fetchedAt: Date.now() - 2 * DAY - HOUR },
  ])
  expect(fault.message).toMatch(/Application roster \(roster\): last on 2\d{3}-\d\d-\d\d\n[\s\S]*--anyway/)
})

test('on the page they are listed, and a box goes on all the same', async () => {
  const olga = await colleague(here.app, 'owner')
  await visit(here.app, olga, '/admin/keys/rotate')
  await send(olga)
  expect([olga.browser.page.status, text(olga.browser.page)]).toEqual([
    409,
    expect.stringContaining('Application roster roster'),
  ])
  const before = (await here.app.core.keys.list()).find(({ state }) => state === 'current')?.kid
  await send(olga, { anyway: 'yes' })
  expect((await here.app.core.keys.list()).find(({ state }) => state === 'current')?.kid).not.toBe(before)
})

test('where all have fetched it nothing is asked', async () => {
  await here.app.oidc.refresh()
  pass(2 * DAY)
  await used(roster)
  await roster.get('/jwks')
  await (await relyingParty(here, 'house')).signIn(new Person())
  expect(await rotate()).toEqual({ rotation: 'rotated' })
})

test('a stolen key waits for nobody', async () => {
  expect(await rotate({ force: true })).toEqual({ rotation: 'rotated' })
})
