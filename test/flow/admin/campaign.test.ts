/** The campaign through its pages: how far it is, whom other dates would stop, dates given to several, and its mails. */
import { beforeAll, expect, test } from 'vitest'
import { campaignChores } from '../../../src/app/chores.ts'
import { remindersOf } from '../../../src/app/reminders.ts'
import { DAY } from '../../../src/lib/time.ts'
import { keyOf } from '../../../src/person/kind.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, setClock } from '../../support/app/clock.ts'
import { countedStore } from '../../support/app/counted-store.ts'
import { at, told } from '../../support/app/settings.ts'
import { tokensFor } from '../../support/people/desk.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { bringIn, fileOf, line } from '../../support/people/imports.ts'
import { organizationId } from '../../support/people/organizations.ts'
import { text } from '../../support/people/second-factor.ts'
import type { Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { authenticator, passkey } from '../../support/samples/factors.ts'
import { account } from '../../support/samples/records.ts'

/** A Wednesday, noon in Amsterdam. */
const NOON = Date.parse('2026-12-02T11:00:00Z')
const CAMPAIGN = '/admin/campaign'
const SOON = '2026-12-07'

clockOfAllTests(NOON)
const counted = countedStore()
const app = forAllTests(() => startApp({ instrument: counted.instrument }))
const ids: string[] = []
let chris: Someone

/** Somebody who is there, without the long way in. */
async function settle(name: string, organization: string | undefined, factors = 0, imported = 0): Promise<void> {
  const id = `person-${name}`
  const email = `${name}@sigma.example`
  const one = account({ id, email, emailKey: email, name, locale: name === 'jan' ? 'nl' : 'en', roles: [] })
  await app.core.store.durable.people.change(id, (person) => {
    person.account = { ...one, status: 'active', organizationId: organization }
    if (factors) person.account.enrolledAt = NOON
    person.authenticators = Array.from({ length: factors }, (_, index) =>
      authenticator({ id: `${id}-${index}`, accountId: id, ...(index < imported && { imported: true }) }),
    )
  })
}

const page = (who: Someone) => text(who.browser.page)
const choice = (...chosen: string[]) => `${CAMPAIGN}/dates?${chosen.map((id) => `organization=${id}`).join('&')}`

/** How people were counted for a page. */
async function reads(who: Someone, path: string): Promise<Array<[string, number]>> {
  const asked = await counted.during(() => visit(app, who, path))
  return Object.entries(asked).filter(([name]) => name.startsWith('people.count'))
}

beforeAll(async () => {
  const campaign = { start: NOON - 30 * DAY, deadline: NOON + 90 * DAY }
  for (const name of ['Bakkerij', 'Bloemist', 'Winkel'])
    ids.push(await organizationId(app, name, name === 'Bakkerij' ? { campaign } : {}))
  const [bakery = '', florist = ''] = ids
  await settle('anne', bakery)
  await settle('jan', bakery)
  await settle('old', bakery, 1, 1)
  await settle('done', bakery, 1)
  await app.core.store.durable.people.change('person-done', ({ authenticators }) => {
    authenticators.push(passkey({ accountId: 'person-done' }, { rpId: 'localhost' }))
  })
  await settle('flora', florist)
  await settle('loner', undefined)
  chris = await colleague(app, 'client-admin')
})

test('whom it would stop, and who has a passkey, is a count each, whoever there are', async () => {
  expect(await reads(chris, `${CAMPAIGN}?on=2027-12-01`)).toEqual([['people.counts', 2]])
  expect(page(chris)).toMatch(/If every deadline were today 3 Now, by the dates as they are 0 On 1 December 2027 3/)
  expect(page(chris)).toMatch(
    /People in the campaign 4 Ready 1 Nothing set up yet 2 With the old two-step verification 1 .* cannot be phished 1/,
  )
  await visit(app, chris, `${CAMPAIGN}?on=soon`)
  expect([chris.browser.page.status, page(chris)]).toEqual([400, expect.stringContaining('Enter a day such as')])
})

test('dates are tried, found wanting, mended and given to several at once; nothing that was typed is lost', async () => {
  const [bakery = '', florist = ''] = ids
  await visit(app, chris, `${CAMPAIGN}/organizations?todo=yes`)
  expect(page(chris)).toContain('Bakkerij')
  // Nobody is asked at the florist, so there is nothing to do.
  expect(page(chris)).not.toContain('Bloemist')
  await visit(app, chris, choice(bakery, florist))
  await send(chris, { start: '2026-12-01', deadline: '2026-11-01', does: 'review' })
  expect(page(chris)).toContain('Enter a day such as 2026-12-01, not before the first.')
  expect(chris.browser.page.html).toMatch(/value="2026-11-01"[^>]* aria-invalid="true"/)
  await send(chris, { start: '2026-11-01', deadline: '2026-12-01', does: 'review' })
  expect(page(chris)).toMatch(/Now, by the dates as they are 0 4/)
  expect(page(chris)).toContain('Some would be stopped at once')
  await send(chris, { does: 'edit' })
  await send(chris, { deadline: SOON, does: 'review' })
  expect(page(chris)).not.toContain('Some would be stopped at once')
  await send(chris, { does: 'save' })
  expect([at(chris.browser), told(chris.browser)]).toEqual([
    `${CAMPAIGN}/organizations`,
    'The dates count from the next sign-in on.',
  ])
  for (const id of [bakery, florist])
    expect(app.core.organizations.find(id)?.record.campaign).toEqual({
      start: Date.parse('2026-11-01'),
      deadline: Date.parse(SOON),
    })
  await visit(app, chris, `/admin/organizations/${bakery}`)
  expect(chris.browser.page.html).toContain(`href="/admin/organizations/${bakery}/campaign"`)
  await visit(app, chris, `/admin/organizations/${bakery}/campaign`)
  expect(page(chris)).toMatch(/If every deadline were today 3 Now, by the dates as they are 0 From 7 December 2026 3/)
})

test('of two who give dates at once the second is told, sees what stands there now, and saves again', async () => {
  const [mill, shop] = [await organizationId(app, 'Molen', {}), await organizationId(app, 'Zagerij', {})]
  const olga = await colleague(app, 'owner')
  for (const who of [chris, olga]) {
    await visit(app, who, choice(shop, mill))
    await send(who, { start: '2026-12-01', deadline: who === chris ? '2027-06-01' : '2027-07-01', does: 'review' })
  }
  await visit(app, chris, choice(shop))
  await send(chris, { start: '2026-12-01', deadline: '2027-06-01', does: 'review' })
  await send(chris, { does: 'save' })
  await send(olga, { does: 'save' })
  const deadlineOf = (id: string) => app.core.organizations.find(id)?.record.campaign?.deadline
  // What nobody else touched has its new dates; of the other nothing was lost.
  expect([deadlineOf(shop), deadlineOf(mill)]).toEqual([Date.parse('2027-06-01'), Date.parse('2027-07-01')])
  expect(olga.browser.page.status).toBe(409)
  expect(page(olga)).toMatch(
    /Somebody else changed these organizations meanwhile.*Zagerij 1 December 2026 – 1 June 2027/,
  )
  expect(page(olga)).not.toContain('Molen')
  await send(olga, { does: 'save' })
  expect(deadlineOf(shop)).toBe(Date.parse('2027-07-01'))
})

test('dates that no page changes are told, with where they are', async () => {
  await visit(app, chris, CAMPAIGN)
  expect(page(chris)).toMatch(
    /These are in the settings \(twoStep\.campaign\), and no page changes them.*Everyone Not asked/,
  )
})

test('who has still something to do is listed a step further, for whoever may look at people', async () => {
  const [bakery = ''] = ids
  const hanna = await colleague(app, 'help-desk')
  await visit(app, hanna, `/admin/organizations/${bakery}/campaign`)
  const [, href = ''] = /href="(\/admin\/people\?[^"]*twoStep=off[^"]*)"/.exec(hanna.browser.page.html) ?? []
  await visit(app, hanna, href.replaceAll('&amp;', '&'))
  expect(page(hanna)).toMatch(/anne@sigma\.example.*jan@sigma\.example/)
  expect(page(hanna)).not.toMatch(/(old|done|flora)@sigma\.example/)
  await visit(app, chris, CAMPAIGN)
  expect(chris.browser.page.html).not.toContain('/admin/people')
})

test('whoever may only look gives no dates', async () => {
  const hanna = await colleague(app, 'help-desk')
  const [bakery = ''] = ids
  await visit(app, hanna, `${CAMPAIGN}/organizations`)
  expect(page(hanna)).toContain('Bakkerij')
  expect(hanna.browser.page.html).not.toMatch(/checkbox|campaign\/dates/)
  await hanna.browser.post(`${app.origin}${CAMPAIGN}/dates`, {
    ...(await tokensFor(app, hanna)),
    organizations: bakery,
    start: '2026-01-01',
    deadline: '2026-01-01',
    does: 'save',
  })
  expect(hanna.browser.page.status).toBe(403)
  expect(app.core.organizations.find(bakery)?.record.campaign?.deadline).toBe(Date.parse(SOON))
})

test('each is mailed once, by whichever node, as the page shows it; whoever is done is not, and nobody at night', async () => {
  const mailed = async () => (await app.inbox()).filter(({ subject }) => /two-step|twee stappen/.test(subject ?? ''))
  const rounds = () => app.nodes.flatMap((node) => campaignChores(node, async () => true))
  const before = (await mailed()).length
  setClock(Date.parse('2026-12-02T19:00:00Z'))
  for (const { run } of rounds()) await run()
  expect(await mailed()).toHaveLength(before)
  const thursday = Date.parse('2026-12-03T11:00:00Z')
  setClock(thursday)
  // All at once, without the lease that would spare them that.
  await Promise.all([...app.nodes, ...app.nodes].map((node) => remindersOf(node)()))
  for (const { run } of rounds()) await run()
  const sent = (await mailed()).slice(0, -before || undefined)
  expect(sent.map(({ to, subject }) => `${to}: ${subject}`).toSorted()).toEqual([
    'anne@sigma.example: Set up two-step verification for Sigma ID',
    'flora@sigma.example: Set up two-step verification for Sigma ID',
    'jan@sigma.example: Stel verificatie in twee stappen in voor Sigma ID',
    'old@sigma.example: Switch to the new two-step verification of Sigma ID',
  ])
  expect(sent.find(({ to }) => to.startsWith('jan'))?.text).toContain('Je kunt het uitstellen tot 7 december 2026.')
  const [[, own = '']] = [
    /You can put it off[^\n]*\n\n([^\n]+)/.exec(sent.find(({ to }) => to.startsWith('anne'))?.text ?? '') ?? [],
  ]
  await visit(app, chris, `${CAMPAIGN}/texts`)
  for (const { subject } of sent) expect(page(chris)).toContain(subject)
  expect(own).not.toBe('')
  expect(page(chris)).toContain(own)
  const kept = await app.core.store.durable.people.find('person-anne')
  expect(kept?.account?.remindedAt).toBe(thursday)
})

test('whoever was brought from elsewhere is counted where they are now, by source and organization', async () => {
  const bea = await colleague(app, 'auditor')
  await visit(app, bea, `${CAMPAIGN}/migration`)
  expect(page(bea)).toContain('Nobody was brought over yet.')
  const lines = [1, 2, 3, 4].map((number) => line(number, number < 4 ? { organization: 'Bakkerij' } : {}))
  const file = fileOf(app.folder, 'people.jsonl', lines)
  expect(await bringIn(app.core, { file, source: 'nmbrs' })).toMatchObject({ written: 4 })
  const { people } = app.core.store.durable
  for (const [number, happened] of Object.entries({ 1: { codeProvenAt: NOON }, 2: { switchedAt: NOON } })) {
    const found = await people.findBy(keyOf.external('nmbrs', `m${number}`))
    await people.change(found?.id ?? '', (person) => void Object.assign(person.account?.imported ?? {}, happened))
  }
  const counted = await reads(bea, `${CAMPAIGN}/migration`)
  expect(counted).toEqual([['people.counts', 1]])
  expect(page(bea)).toMatch(/All – 4 2 0 1 0 1 No organization nmbrs 1 1 0 0 0 0 Bakkerij nmbrs 3 1 0 1 0 1/)
})
