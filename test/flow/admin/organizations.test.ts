/** Organizations through the front door: who may come in, what ends, and what applications hear of it. */
import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { beforeEach, describe, expect, test } from 'vitest'
import { movePerson } from '../../../src/admin/move.ts'
import {
  changeOrganization,
  disableOrganization,
  enableOrganization,
  mergeOrganizations,
} from '../../../src/admin/organizations.ts'
import { runVerb, type Verb } from '../../../src/admin/verb.ts'
import { openCore } from '../../../src/app/core.ts'
import { clockOfEachTest } from '../../support/app/clock.ts'
import { REPORTS, record } from '../../support/oidc/client-records.ts'
import {
  activate,
  answer,
  asksPassword,
  PASSWORD,
  relyingParty,
  type Tokens,
  world,
} from '../../support/oidc/relying-party.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

const SCOPE = 'openid organization organization_id groups'
const ALL = `${SCOPE} reports:read`
const PAST = { start: '2020-01-01', deadline: '2020-02-01' }
const DUE = 'Add an extra layer of security'

const here = forAllTests(() =>
  world({
    more: [record('teller', { scope: ALL, id_token_claims: true, backchannel_logout_uri: '{apps}/teller/logout' })],
    settings: { twoStep: { campaign: { organizations: { ' 4711': PAST, 'in the FILE': PAST } } } },
  }),
)
const teller = forAllTests(() => relyingParty(here, 'teller'))

let people = 0
let email = ''
let name = ''

clockOfEachTest()
beforeEach(async () => {
  people += 1
  email = `member${people}@sigma.example`
  name = `Employer ${people}`
  await activate(here.app, email, 'Sanne de Vries', { organization: name })
  await here.app.follow()
  here.apps.received.length = 0
})

async function run<R>(verb: Verb<R>, given: object): Promise<R> {
  const done = await runVerb(here.app.core.admin, verb, given, MACHINE)
  await here.app.follow()
  return done
}

async function signIn(person = new Person()): Promise<{ person: Person; tokens: Tokens }> {
  const request = await teller.open(person, { scope: SCOPE }, email)
  return { person, tokens: await teller.redeem(person.page.url, request) }
}

async function silently(person: Person): Promise<URLSearchParams> {
  await person.visit((await teller.request({ prompt: 'none', scope: SCOPE })).url.href)
  return answer(person)
}

const userinfo = ({ access_token, claims }: Tokens) =>
  oidc.fetchUserInfo(teller.config, access_token, claims()?.sub ?? '')

/** As a disabled account is told: that something is not right, and not what. */
async function refusedAtTheDoor(): Promise<boolean> {
  const person = new Person()
  await teller.open(person, { scope: SCOPE }, email)
  return text(person.page).includes('The e-mail address or the password is not right.')
}

describe('disabled', () => {
  test('a customer that left: nobody signs in, what was signed in opens nothing, and the application hears of it', async () => {
    const { person, tokens } = await signIn()
    await person.visit(`${here.app.origin}/account`)
    expect(person.page.status).toBe(200)
    await run(disableOrganization, { organization: name })

    expect((await silently(person)).get('error')).toBe('login_required')
    await person.visit(`${here.app.origin}/account`)
    expect(asksPassword(person)).toBe(true)
    await expect(userinfo(tokens)).rejects.toThrow()
    await expect(teller.refresh(tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(await refusedAtTheDoor()).toBe(true)

    await here.app.tidy()
    await here.app.drain()
    const told = here.apps.received.filter(({ path }) => path === '/teller/logout')
    expect(told.map(({ body }) => decodeJwt(body.get('logout_token') ?? '').sub)).toEqual([tokens.claims()?.sub])
  })

  test('an API that asks about a token of one of its people is told that it is none, before what they had has ended', async () => {
    const person = new Person()
    const own = await teller.open(person, { scope: 'openid reports:read', resource: REPORTS }, email)
    const tokens = await teller.redeem(person.page.url, own)
    const service = await relyingParty(here, 'service')
    const seen = () => oidc.tokenIntrospection(service.config, tokens.access_token)
    expect(await seen()).toMatchObject({ active: true })
    await run(disableOrganization, { organization: name })
    expect(await seen()).toEqual({ active: false })
  })

  test('enabled again at once, it lets people sign in anew, and no session of before comes back to life', async () => {
    const { person, tokens } = await signIn()
    await run(disableOrganization, { organization: name })
    await run(enableOrganization, { organization: name })
    expect((await silently(person)).get('error')).toBe('login_required')
    await expect(teller.refresh(tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    await here.app.drain()
    expect(here.apps.received.filter(({ path }) => path === '/teller/logout')).toHaveLength(1)
    expect((await signIn()).tokens.claims()).toMatchObject({ organization: name })
  })

  test('people of others notice nothing', async () => {
    const { person } = await signIn()
    const other = await organizationId(here.app, `Other of ${name}`)
    await run(disableOrganization, { organization: other })
    await here.app.tidy()
    expect((await silently(person)).has('code')).toBe(true)
  })

  test('nobody sets a password for an account of it, and nobody is invited into it', async () => {
    const waiting = `waiting-${email}`
    await here.app.core.links.invite({ email: waiting, name: 'Wim', locale: 'en', organization: name })
    const link = await here.app.linkFor(waiting)
    await run(disableOrganization, { organization: name })
    await here.app.tidy()
    const wim = new Person()
    await wim.visit(link)
    expect(wim.page.html).not.toContain('name="repeat"')
    await here.app.core.links.request(email, { ip: '192.0.2.1', correlation: 'c' })
    const mails = (await here.app.inbox()).filter(
      ({ to, text: body }) => to === email && /\/recover\//.test(body ?? ''),
    )
    expect(mails).toEqual([])
    const invited = here.app.core.links.invite({ email: `x-${email}`, name: 'X', locale: 'en', organization: name })
    expect(await invited).toEqual({ ok: false, reason: 'disabled-organization' })

    await run(enableOrganization, { organization: name })
    await wim.visit(link)
    await wim.submit({ password: PASSWORD, repeat: PASSWORD })
    email = waiting
    expect((await signIn()).tokens.claims()).toMatchObject({ organization: name })
  })
})

test('merged, its people belong to the other and stay signed in; its id, name and number lead there', async () => {
  const { person } = await signIn()
  const first = await organizationId(here.app, name)
  const second = await organizationId(here.app, `${name} BV`)
  await run(changeOrganization, { organization: first, number: `number ${people}` })
  await run(mergeOrganizations, { organization: first, into: second })
  for (const settled of [false, true]) {
    if (settled) await here.app.tidy()
    const request = await teller.request({ scope: SCOPE, prompt: 'none' })
    await person.visit(request.url.href)
    const claims = (await teller.redeem(person.page.url, request)).claims()
    const expected = { organization: `${name} BV`, organization_id: second, groups: [`${name} BV`] }
    expect(claims).toMatchObject(expected)
  }
  const { organizations, store } = here.app.core
  for (const called of [name, `number ${people}`, `${name} bv`]) expect(organizations.called(called)?.id).toBe(second)
  expect(organizations.find(first)?.id).toBe(second)
  expect((await store.durable.people.findBy(`email:${email}`))?.record.account?.organizationId).toBe(second)

  await run(disableOrganization, { organization: second })
  expect((await silently(person)).get('error')).toBe('login_required')
  await run(enableOrganization, { organization: second })
})

describe('one person is moved', () => {
  const personId = async () => (await here.app.core.store.durable.people.findBy(`email:${email}`))?.id ?? ''
  const belongs = async () => (await here.app.core.store.durable.people.findBy(`email:${email}`))?.record.account

  test('they are told, everything signed in ends, and applications hear of the new one at the next sign-in', async () => {
    const { person, tokens } = await signIn()
    const to = await organizationId(here.app, `Next of ${name}`)
    expect(await run(movePerson, { person: email, organization: `next OF ${name}` })).toEqual({
      id: await personId(),
      organization: `Next of ${name}`,
    })
    expect((await silently(person)).get('error')).toBe('login_required')
    await expect(userinfo(tokens)).rejects.toThrow()
    await expect(teller.refresh(tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    await here.app.drain()
    expect(here.apps.received.filter(({ path }) => path === '/teller/logout')).toHaveLength(1)
    const mail = (await here.app.inbox()).find(
      ({ to: whom, subject }) => whom === email && /another organization/.test(subject ?? ''),
    )
    // Not which: a mail may come to an employer that it is no business of.
    expect(mail?.text).not.toContain(name)
    const claims = (await signIn()).tokens.claims()
    expect(claims).toMatchObject({ organization: `Next of ${name}`, organization_id: to })
    const [told] = await here.app.core.store.durable
      .listAudit({ subject: await personId(), limit: 50 })
      .then((all) => all.filter(({ type }) => type === 'account.changed'))
    expect(told).toMatchObject({ actor: 'operator:root', details: { what: 'organization', to } })
  })

  test('the dates of the new one count for them', async () => {
    const next = `Due of ${name}`
    await organizationId(here.app, next, { campaign: { start: 0, deadline: 1 } })
    await run(movePerson, { person: email, organization: next })
    const person = new Person()
    await teller.open(person, { scope: SCOPE }, email)
    expect(person.page.html).toContain(DUE)
    await run(movePerson, { person: email, organization: '' })
    expect((await belongs())?.organizationId).toBeUndefined()
    expect((await signIn()).tokens.claims()).not.toHaveProperty('organization')
  })

  test('not into one that is not there, is disabled, or is theirs; into one that was merged is into the other', async () => {
    const other = await organizationId(here.app, `Other of ${name}`)
    const move = (organization: string) => run(movePerson, { person: email, organization })
    await expect(move(`Othr of ${name}`)).rejects.toMatchObject({ nearest: `Other of ${name}` })
    await expect(move(name)).rejects.toMatchObject({ code: 'same-organization', status: 409 })
    await run(disableOrganization, { organization: other })
    await expect(move(other)).rejects.toMatchObject({ disabled: true })
    await run(enableOrganization, { organization: other })
    await organizationId(here.app, `Former of ${name}`)
    await run(mergeOrganizations, { organization: `Former of ${name}`, into: other })
    await move(`Former of ${name}`)
    expect((await belongs())?.organizationId).toBe(other)
  })

  test('out of one that is disabled they come in again, and nothing of before comes back to life', async () => {
    const { person, tokens } = await signIn()
    await organizationId(here.app, `Open of ${name}`)
    await runVerb(here.app.core.admin, disableOrganization, { organization: name }, MACHINE)
    await run(movePerson, { person: email, organization: `Open of ${name}` })
    await here.app.tidy()
    expect((await silently(person)).get('error')).toBe('login_required')
    await expect(teller.refresh(tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect((await signIn()).tokens.claims()).toMatchObject({ organization: `Open of ${name}` })
  })

  test('at the moment at which the other is disabled: they are kept out, or were not moved', async () => {
    const next = await organizationId(here.app, `Race of ${name}`)
    const { person } = await signIn()
    const [moved] = await Promise.allSettled([
      runVerb(here.app.core.admin, movePerson, { person: email, organization: next }, MACHINE),
      runVerb(here.app.core.admin, disableOrganization, { organization: next }, MACHINE),
    ])
    await here.app.follow()
    await here.app.tidy()
    if (moved.status === 'rejected') expect((await silently(person)).has('code')).toBe(true)
    else expect(await refusedAtTheDoor()).toBe(true)
  })

  test('by twenty at once to two: they belong to one of these, and each move was done once', async () => {
    const both = await Promise.all(['A', 'B'].map((letter) => organizationId(here.app, `${letter} of ${name}`)))
    const moves = Array.from({ length: 20 }, (_, index) =>
      runVerb(here.app.core.admin, movePerson, { person: email, organization: both[index % 2] }, MACHINE),
    )
    const done = (await Promise.allSettled(moves)).filter(({ status }) => status === 'fulfilled')
    const trail = await here.app.core.store.durable.listAudit({ subject: await personId(), limit: 200 })
    expect(trail.filter(({ type }) => type === 'account.changed')).toHaveLength(done.length)
    expect(both).toContain((await belongs())?.organizationId)
  })
})

test('a change of the name is what applications are told from then on, and the id stays', async () => {
  const { person, tokens } = await signIn()
  await run(changeOrganization, { organization: name, name: `Renamed ${people}` })
  const { organization_id } = { organization_id: undefined, ...tokens.claims() }
  const said = await oidc.fetchUserInfo(teller.config, tokens.access_token, tokens.claims()?.sub ?? '')
  expect(said).toMatchObject({ organization: `Renamed ${people}`, organization_id, groups: [`Renamed ${people}`] })
  expect((await silently(person)).has('code')).toBe(true)
})

describe('the campaign', () => {
  const asks = async () => {
    const person = new Person()
    await teller.open(person, { scope: SCOPE }, email)
    return person.page.html.includes(DUE)
  }

  test.each<[by: string, given: object]>([
    ['the number that the file names', { number: '4711' }],
    ['the exact name, in another spelling', { name: 'In the  File' }],
    ['dates on its own record', PAST],
  ])('its people are held to its dates by %s', async (_by, given) => {
    expect(await asks()).toBe(false)
    await run(changeOrganization, { organization: name, ...given })
    expect(await asks()).toBe(true)
    await run(changeOrganization, { organization: await organizationOf(), name, number: '', start: '' })
    expect(await asks()).toBe(false)
  })

  test('dates on the record go before those in the file, also later ones', async () => {
    await run(changeOrganization, { organization: name, number: '4711', start: '2099-01-01' })
    expect(await asks()).toBe(false)
    await run(changeOrganization, { organization: name, start: '' })
    expect(await asks()).toBe(true)
    await run(changeOrganization, { organization: name, number: '' })
  })

  async function organizationOf(): Promise<string> {
    const found = await here.app.core.store.durable.people.findBy(`email:${email}`)
    return found?.record.account?.organizationId ?? ''
  }
})

test('what another process changed counts here once it is taken up, which is within a second', async () => {
  const { core } = here.app
  const other = await openCore(core.config, { log: core.log, now: core.now })
  try {
    const { person } = await signIn()
    await runVerb(other.admin, disableOrganization, { organization: name }, MACHINE)
    expect((await silently(person)).has('code')).toBe(true)
    await here.app.follow()
    expect((await silently(person)).get('error')).toBe('login_required')
    expect(await refusedAtTheDoor()).toBe(true)

    // Whoever the other has taken out is kept out also by a node that has heard of nothing.
    await runVerb(other.admin, enableOrganization, { organization: name }, MACHINE)
    await here.app.follow()
    const { person: again } = await signIn()
    await runVerb(other.admin, disableOrganization, { organization: name }, MACHINE)
    while (await other.memberships.settle());
    expect((await silently(again)).get('error')).toBe('login_required')
    expect(await refusedAtTheDoor()).toBe(true)

    const added = await organizationId({ core: other }, `Added elsewhere ${people}`)
    const invited = await core.links.invite({
      email: `elsewhere-${email}`,
      name: 'Eva',
      locale: 'en',
      organization: `added ELSEWHERE ${people}`,
    })
    expect(invited).toMatchObject({ ok: true, account: { organizationId: added } })
  } finally {
    await other.close()
  }
})

test.each(['name', 'number', 'domains'])('twenty at once add one with the same %s: there is one', async (field) => {
  const { registry } = here.app.core.admin
  const all = Array.from({ length: 20 }, (_, index) => {
    const own = { name: `Racer ${field} ${index}`, number: undefined, domains: [], contacts: [] }
    const same = field === 'domains' ? ['race.example'] : `The same ${field}`
    return registry.add({ ...own, [field]: same }, { actor: undefined, source: undefined })
  })
  const outcomes = await Promise.all(all)
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  for (const outcome of outcomes) if (!outcome.ok) expect(outcome).toMatchObject({ reason: 'taken', field })
})

test('disabled, changed and merged at one moment, each change is there or was refused', async () => {
  const { registry } = here.app.core.admin
  const by = { actor: undefined, source: undefined }
  const id = await organizationId(here.app, name)
  const into = await organizationId(here.app, `Into ${people}`)
  const changes = Array.from({ length: 10 }, (_, index) =>
    registry.change(id, { number: `race ${people} ${index}` }, by),
  )
  const [disabled, merged] = await Promise.all([
    registry.disable(id, by),
    registry.merge(id, into, by),
    Promise.all(changes),
  ])
  // Both would let people in, or keep a pointer that lets nobody in.
  expect([disabled.ok, merged.ok].filter(Boolean)).toHaveLength(1)
  await here.app.follow()
  const kept = await here.app.core.store.durable.organizations.find(id)
  expect(kept).toEqual(here.app.core.organizations.own(id)?.record)
  expect(kept?.status === 'disabled').toBe(disabled.ok)
  expect(kept?.mergedInto === into).toBe(merged.ok)
})
