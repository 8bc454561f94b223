/** Powers of administration that somebody tries to get by the way round: by a narrower token, by the file, by the doctor. */
import { beforeAll, describe, expect, test } from 'vitest'
import { approveChange } from '../../../src/admin/approvals.ts'
import { adoptClient, applyClients, exportClients, planClients } from '../../../src/admin/client-file.ts'
import { showClient } from '../../../src/admin/client-looks.ts'
import { listClientSignIns } from '../../../src/admin/client-sign-ins.ts'
import { addClient } from '../../../src/admin/clients.ts'
import { examineClient } from '../../../src/admin/doctor.ts'
import { disablePerson } from '../../../src/admin/life.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb, type Verb } from '../../../src/admin/verb.ts'
import { MINUTE } from '../../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import {
  administratorBy,
  adminWorld,
  type Caller,
  callerWith,
  serviceCaller,
  tokenOf,
} from '../../support/oidc/admin-api.ts'
import { record } from '../../support/oidc/client-records.ts'
import { relyingParty } from '../../support/oidc/relying-party.ts'
import { colleague } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

clockOfAllTests()

const here = forAllTests(() => adminWorld())

async function run<R>(verb: Verb<R>, given: object, actor: Actor = MACHINE): Promise<R> {
  const done = await runVerb(here.app.core.admin, verb, given, actor)
  await here.app.followClients()
  return done
}

describe('a token of an owner that is for a part only', () => {
  let narrow: (scope: string) => Promise<Caller>

  beforeAll(async () => {
    const olga = await somebody(here.app, 'Bakkerij', ['owner'])
    const console = await relyingParty(here, 'console')
    narrow = async (scope) =>
      callerWith(here.app.origin, await tokenOf(here, olga, console, { scope: `openid ${scope}` }))
    const house = await relyingParty(here, 'house')
    await house.signIn(new Person())
    await here.app.drain()
  })

  test('makes no service that may do the rest', async () => {
    const robber = {
      client_id: 'robber',
      client_name: 'Robber',
      grant_types: ['client_credentials'],
      scope: 'admin:people',
      admin_role: 'help-desk',
    }
    const part = await narrow('admin:clients')
    expect(await part.make('/clients', robber)).toMatchObject({ status: 403, body: { reason: 'role-not-held' } })
    expect(await part.make('/clients/robot/secrets', {}, { 'if-match': '"1"' })).toMatchObject({
      status: 403,
      body: { reason: 'role-not-held' },
    })
    const yaml = JSON.stringify({ clients: [{ ...robber, client_secret: { env: 'ROBBER_SECRET' } }] })
    const { body } = await part.send('POST', '/client-file/plan', { yaml })
    expect(body.created).toMatchObject([{ id: 'robber' }])
    expect(await part.send('POST', '/client-file/apply', { yaml, digest: body.digest })).toMatchObject({ status: 403 })
  })

  test('invites nobody who has a role', async () => {
    const invitation = { email: 'boss@sigma.example', name: 'Boss', role: ['owner'] }
    const part = await narrow('admin:people')
    expect(await part.send('POST', '/people', invitation)).toMatchObject({
      status: 403,
      body: { reason: 'role-not-held' },
    })
    expect(await part.send('POST', '/people', { ...invitation, role: [] })).toMatchObject({ status: 201 })
  })

  test('tells no names and addresses of people, whatever the role', async () => {
    for (const part of [
      await narrow('admin:clients'),
      await serviceCaller(here, 'reader', { scope: 'admin:clients' }),
    ]) {
      const { status, body } = await part.get('/clients/house/sign-ins')
      expect([status, body.people, body.newest]).toEqual([200, 1, undefined])
    }
    const whole = await serviceCaller(here, 'reader')
    expect((await whole.get('/clients/house/sign-ins')).body.newest).toMatchObject([{ email: 'sanne@sigma.example' }])
  })
})

test('nobody keeps an owner out, moves one or lets one in by the organization that they belong to', async () => {
  const { caller } = await administratorBy(here, ['owner'])
  const robot = await serviceCaller(here, 'robot')
  await robot.make('/organizations', { name: 'Kantoor' })
  const tag = async () => ({ 'if-match': (await robot.get('/organizations/Bakkerij')).headers.get('etag') ?? '' })
  const refused = { status: 403, body: { code: 'not-allowed', reason: 'above' } }
  expect(await robot.send('POST', '/organizations/Bakkerij/disable', {}, await tag())).toMatchObject(refused)
  expect(await robot.send('POST', '/organizations/Bakkerij/enable')).toMatchObject(refused)
  expect(await robot.send('POST', '/organizations/Bakkerij/merge', { into: 'Kantoor' }, await tag())).toMatchObject(
    refused,
  )
  expect(await caller.get('/clients')).toMatchObject({ status: 200 })
  const kantoor = { 'if-match': (await robot.get('/organizations/Kantoor')).headers.get('etag') ?? '' }
  expect(await robot.send('POST', '/organizations/Kantoor/disable', {}, kantoor)).toMatchObject({ status: 200 })
})

test('an account that was stolen, and disabled after it asked by a file, has nothing approved', async () => {
  const thief = await colleague(here.app, 'client-admin')
  const { client_secret: _env, ...fields } = record('vault', { protected: true }, here.apps.origin)
  await run(addClient, fields)
  await run(adoptClient, { client: 'vault' })
  const { yaml } = await run(exportClients, {})
  const changed = yaml.replaceAll(`${here.apps.origin}/vault/callback`, `${here.apps.origin}/vault/thief`)
  expect(changed).not.toBe(yaml)
  const asThief: Actor = { id: thief.id, roles: ['client-admin'], via: 'api', source: undefined }
  const { digest } = await run(planClients, { yaml: changed }, asThief)
  const { waiting } = await run(applyClients, { yaml: changed, digest }, asThief)
  const approval = waiting[0]?.approval?.id ?? ''
  await run(disablePerson, { person: thief.id })
  const asOwner: Actor = { ...asThief, id: 'olga', roles: ['owner'], via: 'pages' }
  await expect(run(approveChange, { approval }, asOwner)).rejects.toMatchObject({ code: 'proposer-gone' })
})

describe('whom the doctor made', () => {
  test('is none of those who signed in', async () => {
    const before = await run(listClientSignIns, { client: 'second' })
    const { checks } = await run(examineClient, { client: 'second', live: true })
    expect(checks.find(({ check }) => check === 'sign-in')).toMatchObject({ state: 'passed' })
    await here.app.drain()
    expect(await run(listClientSignIns, { client: 'second' })).toMatchObject({ people: before.people })
  })

  test('is no use of a secret: whoever moves an application to a new one goes by that', async () => {
    const { core } = here.app
    await core.secretUses.write()
    pass(MINUTE)
    const used = async () => (await run(showClient, { client: 'second' })).secrets.map(({ lastUsedAt }) => lastUsedAt)
    const before = await used()
    const { checks } = await run(examineClient, { client: 'second', live: true })
    expect(checks.find(({ check }) => check === 'token')).toMatchObject({ state: 'passed' })
    await core.secretUses.write()
    expect(await used()).toEqual(before)
  })
})
