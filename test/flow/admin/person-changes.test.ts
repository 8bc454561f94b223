/** What administrators change of a person, through the pages and the front door: what it means, what ends, and who is told. */
import { beforeEach, describe, expect, test } from 'vitest'
import { changeEmailOfPerson } from '../../../src/admin/person-changes.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import type { AdminScope } from '../../../src/client/scopes.ts'
import { DAY, HOUR } from '../../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { activate, PASSWORD, relyingParty, world } from '../../support/oidc/relying-party.ts'
import { asked } from '../../support/people/asked-people.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { text } from '../../support/people/second-factor.ts'
import { due, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const PAST = { start: '2020-01-01', deadline: '2020-02-01' }

const here = forAllTests(() => world({ settings: { twoStep: { campaign: { organizations: { late: PAST } } } } }))
const house = forAllTests(() => relyingParty(here, 'house'))

let people = 0
let email = ''
let id = ''
let olga: Someone & { id: string }

clockOfEachTest()
beforeEach(async () => {
  people += 1
  email = `changed${people}@sigma.example`
  await activate(here.app, email, 'Sane de Vries', { organization: 'Late' })
  id = (await asked(here.app.core.store.durable.people).findAccountByEmail(email))?.id ?? ''
  olga = await colleague(here.app, 'owner')
})

const account = () => asked(here.app.core.store.durable.people).findAccount(id)
async function sanne() {
  const found = await account()
  if (!found) throw new Error('no account')
  return found
}

const page = () => text(olga.browser.page)
const self = (path = '') => `/admin/people/${id}${path}`

async function change(path: string, fields: Record<string, string>): Promise<void> {
  await visit(here.app, olga, self(path))
  await send(olga, fields)
}

async function mailsTo(address: string) {
  await here.app.drain()
  return (await here.app.inbox()).filter(({ to }) => to === address)
}

async function signIn(address = email): Promise<Person> {
  const person = new Person()
  await house.open(person, {}, address)
  return person
}

describe('name and language', () => {
  test('a typo is mended, the person hears of it in their language, and what was not touched stays', async () => {
    await change('/change', { name: 'Sanne de Vries', givenName: ' Sanne ', locale: 'en' })
    expect(page()).toContain('Your changes were saved.')
    expect(await account()).toMatchObject({ name: 'Sanne de Vries', givenName: 'Sanne', locale: 'en' })
    await change('/change', { locale: 'nl' })
    const subjects = (await mailsTo(email)).map(({ subject }) => subject)
    expect(subjects).toContain('Your name was changed')
    expect(subjects).toContain('Je taal is gewijzigd')
    const { details } =
      (await here.app.core.admin.trail.listAudit({ subject: id, limit: 20 })).find(
        ({ type }) => type === 'account.changed',
      ) ?? {}
    expect(details).toEqual({ what: 'language', locale: 'nl' })
  })

  test('a number that may not be kept is refused, and what was typed is still there', async () => {
    await change('/change', { name: 'Sanne 111222333', locale: 'en' })
    expect([olga.browser.page.status, page()]).toEqual([
      400,
      expect.stringContaining('without a citizen service number'),
    ])
    expect(olga.browser.page.html).toContain('value="Sanne 111222333"')
    expect((await account())?.name).toBe('Sane de Vries')
  })
})

describe('the address', () => {
  test('is another at once: what was signed in has ended, both are told, and the one of before can take it back', async () => {
    const sanne = await signIn()
    await change('/email', { email: 'sanne@home.example' })
    expect(page()).toContain('sanne@home.example (not proven yet)')
    await sanne.visit((await house.request({ prompt: 'none' })).url.href)
    expect(sanne.page.url).toContain('error=login_required')
    const [told] = (await mailsTo(email)).filter(({ subject }) => subject?.startsWith('An administrator changed'))
    const link = /https?:\S+\/undo\/\S+/.exec(told?.text ?? '')?.[0] ?? ''
    const [toNew] = await mailsTo('sanne@home.example')
    expect(toNew?.subject).toBe('An administrator changed the e-mail address of your account')
    expect(toNew?.text).not.toContain('/undo/')
    expect((await account())?.emailVerified).toBe(false)

    const reader = new Person()
    await reader.visit(link)
    await reader.submit({ sure: 'yes' })
    expect(await account()).toMatchObject({ email, passwordHash: undefined })
    expect((await account())?.emailVerified).toBeUndefined()
  })

  test('that was misspelled and is mended gives nobody a way in: only the one that was proven can be taken back', async () => {
    await change('/email', { email: `typo${people}@home.example` })
    await change('/email', { email: `right${people}@home.example` })
    const texts = async (address: string) => (await mailsTo(address)).map(({ text: told }) => told).join()
    expect(await texts(`typo${people}@home.example`)).not.toContain('/undo/')
    // Whoever had the account before hears of every step.
    expect(await texts(email)).toContain(`right${people}@home.example`)
    expect((await account())?.previousEmail).toBe(email)
  })

  test('of a colleague with a role is changed by a token for everything only: who reads the new mail has the role', async () => {
    const chris = await colleague(here.app, 'client-admin')
    const by = (scopes?: Set<string>): Actor => ({
      ...{ id: olga.id, roles: ['owner'], via: 'api', source: undefined },
      ...(scopes && { scopes: scopes as ReadonlySet<AdminScope> }),
    })
    const given = { person: chris.id, email: `thief${people}@sigma.example` }
    const run = (actor: Actor) => runVerb(here.app.core.admin, changeEmailOfPerson, given, actor)
    await expect(run(by(new Set(['admin:people'])))).rejects.toMatchObject({ reason: 'role-not-held' })
    expect(await run(by())).toMatchObject({ email: given.email })
  })

  test('of somebody who has not come is mended without a word to a stranger: the link goes to the new one', async () => {
    const wrong = `wrong${people}@sigma.example`
    const invited = await here.app.core.links.invite({ email: wrong, name: 'Piet', locale: 'en' })
    if (!invited.ok) throw new Error(invited.reason)
    id = invited.account.id
    const before = await here.app.linkFor(wrong)
    await change('/email', { email: `right${people}@sigma.example` })
    expect((await mailsTo(wrong)).map(({ subject }) => subject)).toEqual(['Confirm your Sigma account'])
    expect((await new Person().visit(before)).html).toContain('Send a new link')
    const piet = new Person()
    await piet.visit(await here.app.linkFor(`right${people}@sigma.example`))
    await piet.submit({ password: PASSWORD, repeat: PASSWORD })
    expect(await account()).toMatchObject({ status: 'active', email: `right${people}@sigma.example` })
    expect((await account())?.emailVerified).toBeUndefined()
  })

  test('that looks like another’s is a question first; one that another has is refused', async () => {
    await activate(here.app, `bob${people}@sigma.example`, 'Bob')
    await change('/email', { email: `b0b${people}@sigma.example` })
    expect([olga.browser.page.status, page()]).toEqual([
      409,
      expect.stringContaining(`It looks like bob${people}@sigma.example of Bob.`),
    ])
    expect((await account())?.email).toBe(email)
    await send(olga, { lookAlike: 'yes' })
    expect((await account())?.email).toBe(`b0b${people}@sigma.example`)
    await change('/email', { email: `BOB${people}@sigma.example` })
    expect([olga.browser.page.status, page()]).toEqual([
      409,
      expect.stringContaining('Another account has this address.'),
    ])
  })

  test('at an invitation it is a question too', async () => {
    await visit(here.app, olga, '/admin/people/invite')
    await send(olga, { email: `changed${people}@s1gma.example`, name: 'Sanne' })
    expect([olga.browser.page.status, page()]).toEqual([409, expect.stringContaining(`of Sane de Vries.`)])
    await send(olga, { lookAlike: 'yes' })
    expect(page()).toContain('The invitation is on its way.')
  })
})

test('roles are those that are ticked: given they open, taken they open nothing from the next request on', async () => {
  const { epoch } = await sanne()
  await change('/roles', { 'role-auditor': 'yes' })
  expect((await sanne()).epoch).toBeGreaterThan(epoch)
  expect((await account())?.roles).toEqual(['auditor'])
  expect((await mailsTo(email)).some(({ text: told }) => told.includes('Roles: Auditor'))).toBe(true)
  const anna: Someone = { email, browser: new Person(), enrolled: undefined }
  await visit(here.app, anna, '/admin/audit')
  expect(anna.browser.page.status).toBe(200)
  await visit(here.app, olga, self('/roles'))
  const form = olga.browser.forms().find(({ fields }) => fields.csrf !== undefined)
  const { 'role-auditor': _ticked, ...rest } = form?.fields ?? {}
  await olga.browser.post(olga.browser.page.url, rest)
  expect((await account())?.roles).toEqual([])
  await anna.browser.visit(`${here.app.origin}/admin/audit`)
  expect(text(anna.browser.page)).not.toContain('Audit trail')
})

test('a form of roles that was open while a colleague took one away gives nothing back', async () => {
  const otto = await colleague(here.app, 'owner')
  const roles = async () => (await account())?.roles
  await change('/roles', { 'role-auditor': 'yes' })
  await visit(here.app, olga, self('/roles'))
  await visit(here.app, otto, self('/roles'))
  const form = otto.browser.forms().find(({ fields }) => fields.csrf !== undefined)
  const { 'role-auditor': _ticked, ...rest } = form?.fields ?? {}
  await otto.browser.post(otto.browser.page.url, rest)
  await send(olga, { 'role-help-desk': 'yes' })
  expect([olga.browser.page.status, page()]).toEqual([409, expect.stringContaining('Somebody else changed the roles')])
  expect(await roles()).toEqual([])
  // What is there now is what it shows, and what is sent next is over that.
  await send(olga, { 'role-help-desk': 'yes' })
  expect(await roles()).toEqual(['help-desk'])
})

test('more time lets one person go on past the deadline, until it ends; its reason is told to nobody', async () => {
  expect(due(await signIn())).toBe('enroll')
  const until = new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10)
  await change('/more-time', { until, reason: '' })
  expect([olga.browser.page.status, page()]).toEqual([400, expect.stringContaining('Say why')])
  await send(olga, { until, reason: 'Waits for a phone' })
  expect(page()).toContain('Waits for a phone')
  expect(due(await signIn())).toBe('offer')
  expect((await mailsTo(email)).some(({ text: told }) => told.includes('Waits for a phone'))).toBe(false)
  const trail = await here.app.core.admin.trail.listAudit({ subject: id, limit: 50 })
  expect(JSON.stringify(trail)).not.toContain('Waits for a phone')
  pass(10 * DAY)
  expect(due(await signIn())).toBe('enroll')
})

test('a person’s page tells when they last signed in, and where; the list finds them by it', async () => {
  // Where no campaign stops anybody.
  await here.app.core.admin.move(await sanne(), undefined, { actor: olga.id, source: undefined })
  const seen = async () => (await account())?.lastSignInAt
  // Setting a password signs nobody in.
  expect(await seen()).toBeUndefined()
  await signIn()
  const at = Date.now()
  expect(await seen()).toBe(at)
  await visit(here.app, olga, self())
  expect(page()).toMatch(/Applications Signed in to lately, the latest first\. \S+/)
  pass(100 * DAY)
  olga = await colleague(here.app, 'owner')
  await visit(here.app, olga, '/admin/people?lastSignIn=over-90-days&status=active')
  expect(olga.browser.page.html).toContain(self())
  await visit(here.app, olga, '/admin/people?lastSignIn=last-30-days')
  expect(olga.browser.page.html).not.toContain(self())
})

test('a stolen password that stops at the second step is no sign-in', async () => {
  const { browser } = olga
  expect(browser.page.status).toBe(200)
  const before = (await asked(here.app.core.store.durable.people).findAccount(olga.id))?.lastSignInAt
  expect(before).toBeDefined()
  pass(HOUR)
  const thief = await signIn(olga.email)
  expect(due(thief)).toBe('code')
  expect((await asked(here.app.core.store.durable.people).findAccount(olga.id))?.lastSignInAt).toBe(before)
})

test('a file has those whom the list shows, with nothing that a spreadsheet would compute', async () => {
  await change('/change', { name: '=HYPERLINK(1)', locale: 'en' })
  await visit(here.app, olga, `/admin/people/export?q=${encodeURIComponent(email)}`)
  await send(olga)
  const [head = '', ...lines] = olga.browser.page.html.trim().split('\r\n')
  expect(head).toMatch(/^id;name;given_name/)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`${id};"'=HYPERLINK(1)";`)
})
