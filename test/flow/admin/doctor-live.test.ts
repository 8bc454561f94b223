/** The doctor acts as an application: everything is in order with the portal, and nothing is left of the person it made. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { examineClient } from '../../../src/admin/doctor.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { trialParts } from '../../../src/app/doctor.ts'
import { withTrialPerson } from '../../../src/doctor/live/trial.ts'
import { type ClientMemory, memoryKind } from '../../../src/doctor/memory.ts'
import { cookieSigner } from '../../../src/lib/cookie-signer.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { trialSessions } from '../../../src/oidc/trial-session.ts'
import { startApp } from '../../support/app/app.ts'
import { pass, stopClock } from '../../support/app/clock.ts'
import { faulty } from '../../support/oidc/faulty-application.ts'
import { activate, asksPassword, EMAIL, PASSWORD, world } from '../../support/oidc/relying-party.ts'
import { Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const CHRIS: Actor = { id: 'chris', roles: ['client-admin'], via: 'pages', source: undefined }
const HANNA: Actor = { id: 'hanna', roles: ['help-desk'], via: 'pages', source: undefined }
const ANNA: Actor = { id: 'anna', roles: ['auditor'], via: 'pages', source: undefined }

const demonstration = forAllTests(() => startApp())
const here = forAllTests(() => world())

type Running = Pick<typeof here.app, 'core'>

async function trials({ core }: Running): Promise<string[]> {
  const { people } = core.store.durable
  return (await people.list({ by: 'trialUntil', limit: 10 })).map(({ id }) => id)
}

const examine = ({ core }: Running, client: string, live = true, actor = CHRIS) =>
  runVerb(core.admin, examineClient, { client, live }, actor)

test('everything is in order with the demonstration portal, once somebody has signed in to it', async () => {
  await activate(demonstration, EMAIL, 'Sanne de Vries')
  const sanne = new Person()
  await sanne.visit(`${demonstration.portalOrigin}/login`)
  await sanne.submit({ email: EMAIL, password: PASSWORD })
  expect(new URL(sanne.page.url).origin).toBe(demonstration.portalOrigin)
  await demonstration.writeNotes()
  await demonstration.writeNotes()
  const { checks } = await examine(demonstration, 'portal')
  expect(checks.filter(({ state }) => state === 'failed')).toEqual([])
  const tried = [
    'discovery',
    'addresses',
    'sign-in',
    'token',
    'userinfo',
    'refresh',
    'step-up',
    'sign-out',
    'back-channel',
  ]
  for (const check of tried) expect(checks.map((one) => [one.check, one.state])).toContainEqual([check, 'passed'])
  expect(checks.filter(({ state }) => state !== 'passed')).toEqual([])
})

describe('nothing is left', () => {
  test('of the person, of what they were given, and of it all in the memory of the application', async () => {
    const { core } = here.app
    await core.notes.write({ all: true })
    const before = await core.store.durable.clientMemories.find('house')
    const { checks } = await examine(here.app, 'house')
    expect(checks.filter(({ state }) => state === 'failed')).toEqual([])
    expect(await trials(here.app)).toEqual([])
    expect(await core.store.durable.people.search('doctor', 10)).toEqual([])
    const after = await core.store.durable.clientMemories.find('house')
    const known = (memory: ClientMemory = memoryKind.empty()) => [
      memory.seen,
      memory.refusals,
      memory.callers,
      memory.scopes,
    ]
    expect(known(after)).toEqual(known(before))
    expect(after?.live?.results.length).toBeGreaterThan(5)
    const { accountId } = await trace(here.app)
    expect(await core.store.expiring.listArtifactsByAccount('Session', accountId, Date.now())).toEqual([])
    expect(await core.store.expiring.listArtifactsByAccount('Grant', accountId, Date.now())).toEqual([])
  })

  test('when two look at once: the second gets what the first finds', async () => {
    const both = await Promise.all([examine(here.app, 'second'), examine(here.app, 'second')])
    expect(both[0]).toEqual(both[1])
    expect(await trials(here.app)).toEqual([])
  })
})

/** The account of the last trial, as the trail has it. */
async function trace({ core }: Running): Promise<{ accountId: string }> {
  const events = await core.admin.trail.listAudit({ limit: 100 })
  const accountId = events.map(({ subject }) => subject ?? '').find((subject) => subject.startsWith('doctor-'))
  if (!accountId) throw new Error('no trial in the trail')
  return { accountId }
}

describe('nobody else gets in by it', () => {
  test('the person has no password, no role, no organization, and no address that anybody has', async () => {
    const { core } = here.app
    await withTrialPerson(trialParts(core), async (id) => {
      const { account } = (await core.store.durable.people.find(id)) ?? {}
      expect([account?.passwordHash, account?.roles, account?.organizationId]).toEqual([undefined, [], undefined])
      expect(account?.email).toMatch(/^doctor-[\w-]{22}@doctor\.invalid$/)
      const somebody = new Person()
      await somebody.visit(`${here.app.origin}/auth?${await authorization()}`)
      expect(asksPassword(somebody)).toBe(true)
      await somebody.submit({ email: account?.email ?? '', password: PASSWORD })
      expect(asksPassword(somebody)).toBe(true)
    })
  })

  test('a help desk is refused, and an auditor looks but tries nothing', async () => {
    await expect(examine(here.app, 'house', false, HANNA)).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(examine(here.app, 'house', true, ANNA)).rejects.toMatchObject({ code: 'not-allowed' })
    expect((await examine(here.app, 'house', false, ANNA)).client).toBe('house')
  })
})

async function authorization(): Promise<string> {
  const { id } = await faulty(here, `open${Math.floor(Math.random() * 1e9)}`, { token_endpoint_auth_method: 'none' })
  return new URLSearchParams({
    client_id: id,
    redirect_uri: `${here.apps.origin}/${id}/callback`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  }).toString()
}

describe('what only the application has is not tried, and said', () => {
  test('a secret that we keep as a digest', async () => {
    const app = await faulty(here, 'digested', { client_secret: undefined })
    const { checks } = await app.doctor(true)
    expect(checks.find(({ check }) => check === 'token')).toMatchObject({
      state: 'unknown',
      said: { variant: 'secret' },
    })
    expect(checks.find(({ check }) => check === 'sign-in')).toMatchObject({ state: 'passed' })
    expect(checks.filter(({ state }) => state === 'failed')).toEqual([])
  })

  test('an application only for staff', async () => {
    const app = await faulty(here, 'staff', { staff_only: true })
    expect((await app.doctor(true)).checks).toContainEqual(
      expect.objectContaining({
        check: 'sign-in',
        state: 'unknown',
        said: expect.objectContaining({ variant: 'staff' }),
      }),
    )
  })

  test('one of others, whose people are asked for consent, is signed in to as well', async () => {
    const app = await faulty(here, 'others', { first_party: false, scope: 'openid profile email' })
    expect((await app.doctor(true)).checks).toContainEqual(expect.objectContaining({ check: 'token', state: 'passed' }))
  })
})

describe('L-01 addresses of the record lead nowhere that a logout token would not go', () => {
  const HIDDEN = [
    'https://127.0.0.1:8443',
    'https://[::1]:8443',
    'https://169.254.169.254',
    'https://10.0.0.1',
    'https://0.0.0.0',
  ]

  test.each(HIDDEN)('%s', async (origin) => {
    const id = `hidden${HIDDEN.indexOf(origin)}`
    const app = await faulty(here, id, {
      backchannel_logout_uri: `${origin}/logout`,
      client_uri: `${origin}/`,
      redirect_uris: [`${origin}/cb`],
      post_logout_redirect_uris: [],
    })
    const { checks } = await app.doctor(true)
    const [first] = checks
    expect([first?.finding, first?.state]).toEqual(['back-channel', 'failed'])
    // Neither what is there nor whether anything is.
    expect(JSON.stringify(checks)).not.toMatch(/ECONN|root:|html/)
    const found = checks.find(({ check }) => check === 'addresses')
    expect(found?.state).toBe('unknown')
  })
})

describe('as time goes by', () => {
  // Not before: the clock of an application is compared with ours.
  beforeAll(() => stopClock())
  afterAll(() => void vi.useRealTimers())

  test('when a process dies in the middle: the next round of cleaning removes them', async () => {
    const { core } = here.app
    let never: (fault: Error) => void = () => undefined
    const dying = withTrialPerson(
      { ...trialParts(core), artifacts: { removeArtifactsByAccount: () => Promise.reject(new Error('died')) } },
      () => new Promise<void>((_, reject) => (never = reject)),
    )
    await expect.poll(() => trials(here.app)).toHaveLength(1)
    const [left = ''] = await trials(here.app)
    never(new Error('died'))
    await expect(dying).rejects.toThrow('died')
    await here.app.tidy()
    expect(await trials(here.app)).toEqual([left])
    pass(3 * MINUTE)
    await here.app.tidy()
    expect(await trials(here.app)).toEqual([])
    expect(await core.store.durable.people.find(left)).toBeUndefined()
  })

  test('a session like that opens for nobody but whom the doctor made, and for them not for long', async () => {
    const { core, oidc } = here.app
    const { people } = core.store.durable
    const sessions = trialSessions({
      oidc,
      people,
      clients: core.clients,
      cookieSigner: cookieSigner(core.ring.deriveAll('cookies')),
      secure: false,
      now: core.now,
    })
    const sanne = await people.findBy(`email:${EMAIL}`)
    await expect(sessions.open(sanne?.id ?? '', 'house', {})).rejects.toMatchObject({ code: 'no-trial' })
    await withTrialPerson(trialParts(core), async (id) => {
      await sessions.open(id, 'house', { password: 1 })
      pass(DAY)
      await expect(sessions.open(id, 'house', { password: 1 })).rejects.toMatchObject({ code: 'no-trial' })
    })
  })
})
