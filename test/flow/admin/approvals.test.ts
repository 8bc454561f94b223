/** A protected application at its front doors: what one administrator proposes counts once another approved it. */
import * as oidc from 'openid-client'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { approveChange, listApprovals } from '../../../src/admin/approvals.ts'
import { addClientSecret } from '../../../src/admin/client-secrets.ts'
import { addClient, changeClient, disableClient, enableClient } from '../../../src/admin/clients.ts'
import { disablePerson } from '../../../src/admin/life.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb, type Verb } from '../../../src/admin/verb.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { record } from '../../support/oidc/client-records.ts'
import { errorOf, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import { obligeAll, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { MACHINE } from '../../support/unit/administration.ts'

type Staff = Someone & { id: string }
type Answer = { version: number; approval?: string; secret?: { value: string } }

clockOfAllTests()

const here = forAllTests(() => world())
let olga: Staff
let chris: Staff
let otto: Staff
let nth = 0
let id = ''

beforeAll(async () => {
  olga = await colleague(here.app, 'owner')
  chris = await colleague(here.app, 'client-admin')
  otto = await colleague(here.app, 'client-admin')
})

beforeEach(async () => {
  nth += 1
  id = `guarded${nth}`
  const { client_secret: _env, ...fields } = record(id, { protected: true }, here.apps.origin)
  await run(addClient, fields)
})

const as = ({ id: account }: Staff, role = 'client-admin'): Actor => ({
  id: account,
  roles: [role],
  via: 'pages',
  source: undefined,
})

async function run<R>(verb: Verb<R>, given: object, actor: Actor = MACHINE): Promise<R> {
  const done = await runVerb(here.app.core.admin, verb, given, actor)
  await here.app.followClients()
  return done
}

const elsewhere = () => `${here.apps.origin}/${id}/elsewhere`

/** Through the pages: the form, what it changes, and **Propose**. */
async function proposedOnPages(who: Staff): Promise<string> {
  await visit(here.app, who, `/admin/applications/${id}/change`)
  await send(who, { redirect_uris: elsewhere(), step: 'look' })
  expect(page(who)).toContain('A second administrator has to approve this change')
  await send(who, { step: 'save' })
  expect(page(who)).toContain('a colleague has to approve the change before it counts')
  return new URL(who.browser.page.url).pathname.split('/').at(-1) ?? ''
}

async function proposed(actor: Actor = as(chris), fields: object = { redirect_uris: [elsewhere()] }): Promise<string> {
  const answer = (await run(changeClient, { client: id, ...fields }, actor)) as Answer
  expect(answer).toMatchObject({ version: 1, changes: [] })
  return answer.approval ?? ''
}

const page = (who: Someone) => text(who.browser.page)
const address = (approval: string) => `/admin/approvals/${approval}`
const definition = async () => (await here.app.core.store.durable.clients.find(id))?.definition

/** Whether the provider takes people to the new address of the application. */
async function leads(): Promise<boolean> {
  const party = await relyingParty(here, id)
  const sanne = new Person()
  await sanne.visit((await party.request({ redirect_uri: elsewhere() })).url.href)
  return sanne.page.html.includes('name="password"')
}

test('a colleague sees in the navigation that something waits, reads what it changes, and approves: then it counts', async () => {
  const approval = await proposedOnPages(chris)
  await here.app.followClients()
  expect(await leads()).toBe(false)
  await visit(here.app, chris, `/admin/applications/${id}`)
  expect(page(chris)).toContain('A change of this application is waiting for approval.')
  await visit(here.app, olga, '/admin')
  expect(page(olga)).toMatch(/Approvals \(\d+\)/)
  await visit(here.app, olga, '/admin/approvals')
  expect(olga.browser.page.html).toContain(`href="${address(approval)}"`)
  await visit(here.app, olga, address(approval))
  expect(olga.browser.page.html).toMatch(/<del>.*callback<\/code><\/del>/)
  expect(olga.browser.page.html).toContain(`<code>${elsewhere()}</code></ins>`)
  expect(page(olga)).toContain(chris.email)
  await send(olga, { decision: 'approve' })
  await obligeAll(olga)
  await visit(here.app, olga, address(approval))
  if (page(olga).includes('Waiting')) await send(olga, { decision: 'approve' })
  expect(page(olga)).toContain('Approved')
  await here.app.followClients()
  expect(await leads()).toBe(true)
  const versions = (await here.app.core.store.durable.clients.find(id))?.versions
  expect(versions?.at(-1)).toMatchObject({ actor: chris.id, via: 'pages', approvedBy: olga.id })
})

test('whoever proposed it does not approve it: not by the page, not by what is posted all the same', async () => {
  const approval = await proposed()
  await visit(here.app, chris, address(approval))
  expect(page(chris)).toContain('A colleague has to approve it.')
  expect(chris.browser.page.html).not.toContain('value="approve"')
  await send(chris, { decision: 'approve' })
  expect([chris.browser.page.status, page(chris)]).toEqual([
    403,
    expect.stringContaining('Somebody else has to approve what you proposed.'),
  ])
  expect((await definition())?.redirect_uris).not.toContain(elsewhere())
  await visit(here.app, chris, address(approval))
  await send(chris, { decision: 'decline' })
  expect(page(chris)).toContain('Withdrawn')
})

test('an auditor looks, and cannot decide; the help desk sees nothing of it', async () => {
  const approval = await proposed()
  const anna = await colleague(here.app, 'auditor')
  await visit(here.app, anna, address(approval))
  expect(anna.browser.page.status).toBe(200)
  expect(anna.browser.forms().filter(({ fields }) => fields.csrf !== undefined)).toEqual([])
  const hanna = await colleague(here.app, 'help-desk')
  expect(page(hanna)).not.toContain('Approvals')
  await visit(here.app, hanna, address(approval))
  expect(hanna.browser.page.status).toBe(403)
})

test('an account that was stolen, and disabled after it proposed something, has nothing approved', async () => {
  const thief = await colleague(here.app, 'client-admin')
  const approval = await proposed(as(thief))
  await run(disablePerson, { person: thief.id })
  await visit(here.app, olga, address(approval))
  await send(olga, { decision: 'approve' })
  expect([olga.browser.page.status, page(olga)]).toEqual([409, expect.stringContaining('may not change applications')])
  expect((await definition())?.redirect_uris).not.toContain(elsewhere())
})

test('a service that was disabled, or lost its role, after it proposed something has nothing approved', async () => {
  const service = `service${id}`
  const asService: Actor = { ...as(chris), id: `client:${service}`, via: 'api' }
  await run(addClient, {
    client_id: service,
    client_name: 'Service',
    grant_types: ['client_credentials'],
    scope: 'admin:clients',
    admin_role: 'client-admin',
  })
  const approval = await proposed(asService)
  await run(disableClient, { client: service })
  await expect(run(approveChange, { approval }, as(olga))).rejects.toMatchObject({ code: 'proposer-gone' })
  await run(enableClient, { client: service })
  await run(changeClient, { client: service, admin_role: 'auditor' })
  await expect(run(approveChange, { approval }, as(olga))).rejects.toMatchObject({ code: 'proposer-gone' })
  await run(changeClient, { client: service, admin_role: 'client-admin' })
  expect(await run(approveChange, { approval }, as(olga))).toMatchObject({ state: 'approved' })
})

test('an application approves nothing, whatever role it was given', async () => {
  const approval = await proposed()
  const service: Actor = { ...as(chris), id: 'client:service', roles: ['owner', 'client-admin'] }
  await expect(run(approveChange, { approval }, service)).rejects.toMatchObject({ reason: 'no-person' })
})

test('at the machine one approves what somebody else proposed, and not what the same name did', async () => {
  const approval = await proposed(MACHINE)
  await expect(run(approveChange, { approval }, MACHINE)).rejects.toMatchObject({ reason: 'own-proposal' })
  const other = { ...MACHINE, operator: 'otto' }
  expect(await run(approveChange, { approval }, other)).toMatchObject({ state: 'approved', version: 2 })
})

test('many approve and decline at once, in several browsers: one outcome, and one line in the trail', async () => {
  const approval = await proposed()
  const staff = [olga, otto]
  for (const one of staff) await visit(here.app, one, address(approval))
  const posts = staff.flatMap((one, index) =>
    Array.from({ length: 10 }, (_, turn) => {
      const browser = one.browser.copy()
      const which = browser.forms().findIndex(({ fields }) => fields.csrf !== undefined)
      return browser.submit({ decision: (turn + index) % 2 === 0 ? 'approve' : 'decline' }, which)
    }),
  )
  const pages = await Promise.all(posts)
  expect(pages.every(({ status }) => status < 500)).toBe(true)
  const trail = await here.app.core.admin.trail.listAudit({ limit: 200 })
  const about = trail.filter(({ details }) => details?.approval === approval)
  const decided = about.map(({ type }) => type).filter((type) => type !== 'approval.requested')
  expect(decided).toEqual([expect.stringMatching(/^approval\.(given|declined)$/)])
  const record = await here.app.core.store.durable.clients.find(id)
  const state = record?.proposals?.[0]?.decided?.state
  expect(record?.version).toBe(state === 'approved' ? 2 : 1)
})

test('a new secret is shown to whoever approves it, once; the one who asked never sees it', async () => {
  const asked = (await run(addClientSecret, { client: id }, as(chris))) as Answer
  expect(asked).toEqual({ client: id, version: 1, approval: expect.stringContaining(`${id}.`) })
  await visit(here.app, otto, address(asked.approval ?? ''))
  await send(otto, { decision: 'approve' })
  const secret = /\b[0-9A-Za-z]{43}\b/.exec(page(otto))?.[0] ?? ''
  await here.app.followClients()
  const party = await relyingParty(here, id, { auth: oidc.ClientSecretBasic(secret) })
  expect(await errorOf(party.signIn(new Person()))).toBe('no error')
  await visit(here.app, otto, address(asked.approval ?? ''))
  expect(otto.browser.page.html).not.toContain(secret)
  const trail = JSON.stringify(await here.app.core.admin.trail.listAudit({ limit: 100 }))
  expect(trail).not.toContain(secret)
})

test('in an emergency one is enough to disable it, and what waited has ended', async () => {
  const approval = await proposed()
  expect(await run(disableClient, { client: id }, as(chris))).toMatchObject({ version: 2 })
  expect(await leads()).toBe(false)
  await visit(here.app, olga, address(approval))
  expect(page(olga)).toContain('Overtaken by another change')
  expect((await run(listApprovals, {})).map(({ client }) => client)).not.toContain(id)
})
