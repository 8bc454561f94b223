/**
 * The record of an API changes while the product runs: it counts on every node once that has followed, and for tokens
 * that are out already at their next use.
 */
import * as oidc from 'openid-client'
import { beforeAll, expect, test } from 'vitest'
import {
  addResource,
  changeResource,
  deleteResource,
  disableResource,
  enableResource,
  listResources,
  listResourceVersions,
  restoreResource,
  showResource,
} from '../../../src/admin/resources.ts'
import { runVerb, type Verb } from '../../../src/admin/verb.ts'
import { openCore } from '../../../src/app/core.ts'
import { record } from '../../support/oidc/client-records.ts'
import { errorOf, type RelyingParty, relyingParty, type Tokens, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE, onPages } from '../../support/unit/administration.ts'

const CHRIS = onPages('chris')

const here = forAllTests(() => world())
const service = forAllTests(() => relyingParty(here, 'service'))
const sanne = new Person()

let nth = 0

async function run<R>(verb: Verb<R>, given: object): Promise<R> {
  const done = await runVerb(here.app.core.admin, verb, given, CHRIS)
  await here.app.followClients()
  return done
}

/** One more API that is asked about, and an application with a token for it. */
async function api() {
  nth += 1
  const [id, resource] = [`stock${nth}`, `https://stock.example.org/${nth}`]
  const scopes = ['read', 'write'].map((name) => `${id}:${name}`)
  await run(addResource, {
    indicator: resource,
    scopes: scopes.slice(0, 2),
    format: 'opaque',
    introspected_by: ['service'],
  })
  const fields = record(id, { scope: `openid offline_access ${scopes.join(' ')}` }, here.apps.origin)
  expect(await here.app.core.admin.clients.add(fields, { actor: 'chris', via: 'pages' })).toMatchObject({ ok: true })
  await here.app.followClients()
  const party = await relyingParty(here, id)
  const tokens = await tokensFor(party, resource, `openid ${id}:read ${id}:write`)
  return { id, resource, party, tokens }
}

async function tokensFor(party: RelyingParty, resource: string, scope: string): Promise<Tokens> {
  const request = await party.open(sanne, { scope, resource })
  return party.redeem(sanne.page.url, request)
}

const seen = ({ access_token }: Tokens) => oidc.tokenIntrospection(service.config, access_token)
const GONE = { active: false }

beforeAll(async () => {
  // Signed in once, so that what follows is about the API and not about the password.
  await (await relyingParty(here, 'house')).signIn(sanne)
})

test('one that is added is served without a restart; looked at, it says who may ask for it', async () => {
  const { id, resource, tokens } = await api()
  expect(await seen(tokens)).toMatchObject({ active: true, aud: resource, scope: `${id}:read ${id}:write` })
  const names = [{ client: id, name: `Application ${id}`, status: 'active' }]
  expect(await run(showResource, { resource })).toMatchObject({ resource, version: 1, applications: names })
  expect((await run(listResources, {})).find((one) => one.resource === resource)).toMatchObject({ status: 'active' })
})

test('a scope that is taken away is in no token that is out, nor in the next one', async () => {
  const { id, resource, party, tokens } = await api()
  await run(changeResource, { resource, scopes: [`${id}:read`] })
  expect(await seen(tokens)).toMatchObject({ active: true, scope: `${id}:read` })
  expect((await party.refresh(tokens.refresh_token, { resource })).scope).toBe(`${id}:read`)
  const only = await tokensFor(party, resource, `openid ${id}:read`)
  await run(changeResource, { resource, scopes: [`${id}:write`] })
  expect(await seen(only)).toEqual(GONE)
})

test('a scope that goes over to another means nothing in tokens for the first', async () => {
  const { id, resource, tokens } = await api()
  await run(changeResource, { resource, scopes: [`${id}:read`] })
  await run(addResource, { indicator: `${resource}/other`, scopes: [`${id}:write`], format: 'opaque' })
  expect(await seen(tokens)).toMatchObject({ active: true, scope: `${id}:read` })
})

test('whoever may not ask about its tokens any more is told nothing', async () => {
  const { resource, tokens } = await api()
  await run(changeResource, { resource, introspected_by: [] })
  expect(await seen(tokens)).toEqual(GONE)
})

test.each([disableResource, deleteResource])('$name: its tokens end at once, and nobody gets one', async (verb) => {
  const { id, resource, party, tokens } = await api()
  await run(verb, { resource })
  expect(await seen(tokens)).toEqual(GONE)
  expect(await errorOf(party.refresh(tokens.refresh_token, { resource }))).toMatch(/^invalid_(target|scope|grant)$/)
  const request = await party.request({ scope: `openid ${id}:read`, resource })
  await sanne.visit(request.url.href)
  expect(new URL(sanne.page.url).searchParams.get('error')).toMatch(/^invalid_(target|scope)$/)

  const again = run(enableResource, { resource })
  if (verb === deleteResource) {
    await expect(again).rejects.toMatchObject({ code: 'deleted' })
    await expect(run(addResource, { indicator: resource, scopes: [] })).rejects.toMatchObject({ code: 'deleted' })
    return
  }
  await again
  // What was ended stays ended.
  expect(await seen(tokens)).toEqual(GONE)
  await expect
    .poll(async () => seen(await tokensFor(party, resource, `openid ${id}:read`)))
    .toMatchObject({ active: true })
})

test('what it was in an earlier version is put back', async () => {
  const { id, resource, tokens } = await api()
  await run(changeResource, { resource, scopes: [`${id}:read`], version: 1 })
  await expect(run(changeResource, { resource, format: 'jwt', version: 1 })).rejects.toMatchObject({
    code: 'changed-meanwhile',
    message: expect.stringContaining('version 2 by chris (scopes)'),
  })
  await run(restoreResource, { resource, to: 1 })
  expect(await seen(tokens)).toMatchObject({ active: true, scope: `${id}:read ${id}:write` })
  const versions = await run(listResourceVersions, { resource })
  expect(versions.map(({ version, via, changes }) => [version, via, changes.map(({ field }) => field)])).toEqual([
    [3, 'pages', ['scopes']],
    [2, 'pages', ['scopes']],
    [1, 'pages', ['indicator', 'scopes', 'format', 'introspected_by']],
  ])
})

test('twenty on two nodes claim one scope at once: one has it', async () => {
  const { core } = here.app
  const other = await openCore(core.config, { log: core.log, now: core.now })
  try {
    nth += 1
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => {
        const given = { indicator: `https://race.example.org/${nth}/${index}`, scopes: [`race${nth}`] }
        return runVerb((index % 2 ? other : core).admin, addResource, given, MACHINE)
      }),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ faults: [{ code: 'duplicate', path: 'scopes[0]' }] })
    await here.app.followClients()
    expect(core.clients.resources.filter(({ scopes }) => scopes.includes(`race${nth}`))).toHaveLength(1)
  } finally {
    await other.close()
  }
})

test('what another process changed counts here once it is taken up, which is within a second', async () => {
  const { core } = here.app
  const { resource, tokens } = await api()
  const other = await openCore(core.config, { log: core.log, now: core.now })
  try {
    await runVerb(other.admin, disableResource, { resource }, MACHINE)
    expect(await seen(tokens)).toMatchObject({ active: true })
    await here.app.followClients()
    expect(await seen(tokens)).toEqual(GONE)
  } finally {
    await other.close()
  }
})

test('the trail says who changed which API, and which fields', async () => {
  const { resource } = await api()
  await run(changeResource, { resource, introspected_by: [] })
  const trail = await here.app.core.store.durable.listAudit({ limit: 9 })
  expect(trail.find(({ type }) => type === 'resource.changed')).toMatchObject({
    actor: 'chris',
    details: { resource, version: 2, fields: 'introspected_by' },
  })
})
