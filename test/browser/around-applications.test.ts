/** What is around applications, in a browser: organizations, APIs, how one is connected, and a person who is moved. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addOrganization, changeOrganization } from '../../src/admin/organizations.ts'
import { addResource } from '../../src/admin/resources.ts'
import { runVerb } from '../../src/admin/verb.ts'
import { apiAddress } from '../../src/web/admin/apis/api.ts'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { enterAs } from '../support/browser/desk-visitor.ts'
import { open, startCampaign } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { colleague } from '../support/people/help-desk.ts'
import { forAllTests } from '../support/runner/made.ts'
import { MACHINE } from '../support/unit/administration.ts'

let nth = 0

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const t = (key: string) => app.core.templates.translate(locale)(key)
  let admin: Visitor

  beforeEach(() => {
    nth += 1
  })
  afterEach(() => admin.close())

  async function signedIn(role: string): Promise<void> {
    const who = await colleague(app, role)
    admin = await open(browser, locale, options)
    const { page } = admin
    await enterAs(admin, locale, who, `${app.origin}/admin`)
    await page.waitForURL(`${app.origin}/admin`)
  }

  const link = (key: string) => admin.page.getByRole('link', { name: t(key) })
  const button = (key: string) => admin.page.getByRole('button', { name: t(key), exact: true })
  const field = (key: string) => admin.page.getByLabel(t(key), { exact: true })
  const told = (key: string) => admin.page.getByRole('status').getByText(t(key)).waitFor()
  const picture = (name: string) => admin.sound(`${slug}-around-${name}`)

  test('an organization: added, changed under somebody else’s hands, merged, disabled', async () => {
    await signedIn('client-admin')
    const { page } = admin
    const other = await runVerb(app.core.admin, addOrganization, { name: `Bakker ${slug} ${nth} BV` }, MACHINE)
    await link('admin.section.organizations').first().click()
    await picture('organizations')
    await link('admin.organization.add').click()
    await button('admin.organization.submit').waitFor()
    await field('admin.organization.name').fill(`Bakker ${slug} ${nth}`)
    await field('admin.organization.domains').fill('no domain')
    await button('admin.organization.submit').click()
    await page.locator('#domains-error').waitFor()
    await picture('organization-wrong')
    await field('admin.organization.domains').fill(`bakker${nth}.example`)
    await field('admin.organization.start').fill('2026-12-01')
    await button('admin.organization.submit').click()
    await told('admin.notice.organization-added')
    await picture('organization')

    const id = page.url().split('/').at(-1) ?? ''
    await link('admin.organization.change.name').click()
    await field('admin.organization.number').fill(`N-${nth}`)
    await button('admin.changes.review').click()
    await picture('organization-review')
    await runVerb(app.core.admin, changeOrganization, { organization: id, contact: ['hr@bakker.example'] }, MACHINE)
    await button('admin.changes.save').click()
    await page.getByRole('alert').waitFor()
    await picture('organization-conflict')
    await button('admin.changes.review').click()
    await button('admin.changes.save').click()
    await told('admin.notice.saved')

    await link('admin.organization.merge.name').click()
    await field('admin.organization.merge.find').fill(`${nth} BV`)
    await button('admin.search').click()
    await picture('organization-other')
    await page.getByRole('link', { name: `Bakker ${slug} ${nth} BV` }).click()
    await picture('organization-merge')
    await page.locator('button.danger').click()
    await told('admin.notice.organization-merged')
    expect(page.url()).toContain(other.id)
    await link('admin.organization.disable.name').click()
    await picture('organization-disable')
    await button('admin.organization.disable.name').click()
    await told('admin.notice.organization-disabled')
  })

  test('the campaign: whom it would stop, and dates for several organizations', async () => {
    await signedIn('client-admin')
    const { page } = admin
    const name = `Kiosk ${slug} ${nth}`
    for (const more of ['', ' BV']) await runVerb(app.core.admin, addOrganization, { name: name + more }, MACHINE)
    await link('admin.section.campaign').first().click()
    await picture('campaign')
    await link('admin.campaign.organizations').click()
    await field('admin.organizations.find').fill(name)
    await button('admin.organizations.narrow').click()
    for (const box of await page.getByRole('checkbox').all()) await box.check()
    await picture('campaign-organizations')
    await button('admin.campaign.dates.choose').click()
    await field('admin.organization.start').fill('2026-12-01')
    await field('admin.organization.deadline').fill('2026-11-01')
    await button('admin.campaign.dates.review').click()
    await page.locator('#deadline-error').waitFor()
    await picture('campaign-wrong')
    await field('admin.organization.deadline').fill('2027-03-01')
    await button('admin.campaign.dates.review').click()
    await picture('campaign-review')
    await button('admin.changes.save').click()
    await told('admin.notice.dates-given')
    await page.getByRole('link', { name: `${name} BV` }).click()
    await picture('campaign-organization')
    await page.goto(`${app.origin}/admin/campaign/texts`)
    await picture('campaign-texts')
  })

  test('an API: added, changed, and how it looks at a token', async () => {
    await signedIn('client-admin')
    const { page } = admin
    await link('admin.section.apis').first().click()
    await link('admin.api.add').click()
    await field('admin.application.field.indicator').fill(`https://stock.example.org/${nth}`)
    await field('admin.application.field.scopes').fill('openid')
    await button('admin.organization.submit').click()
    await page.locator('#scopes-error').waitFor()
    await picture('api-wrong')
    await field('admin.application.field.scopes').fill(`stock${nth}:read\nstock${nth}:count`)
    await button('admin.organization.submit').click()
    await told('admin.notice.api-added')
    await picture('api')
    await link('admin.api.do.change.name').first().click()
    await field('admin.application.field.scopes').fill(`stock${nth}:read`)
    await button('admin.changes.review').click()
    await picture('api-review')
    await button('admin.changes.save').click()
    await told('admin.notice.api-changed')
    await link('admin.application.section.versions').click()
    await picture('api-versions')
    await page.goto(`${app.origin}${apiAddress(`https://stock.example.org/${nth}`, '/delete')}`)
    await picture('api-delete')
    await page.goto(`${app.origin}/admin/apis`)
    await picture('apis')
  })

  test('how an application and a service are connected', async () => {
    await signedIn('client-admin')
    const { page } = admin
    const fields = { client_name: 'Rota', redirect_uris: ['https://rota.example.org/callback'] }
    const scope = `shelf${nth}:read`
    await runVerb(
      app.core.admin,
      addResource,
      { indicator: `https://shelf.example.org/${nth}`, scopes: [scope] },
      MACHINE,
    )
    const by = { actor: 'root', via: 'command-line' }
    await app.core.admin.clients.add({ client_id: `rota${nth}`, ...fields }, by)
    const service = { client_id: `robot${nth}`, client_name: 'Robot', grant_types: ['client_credentials'], scope }
    await app.core.admin.clients.add(service, by)
    await app.followClients()
    await page.goto(`${app.origin}/admin/applications/rota${nth}/connect`)
    await field('admin.connect.library').selectOption('openid-client-6')
    await button('admin.connect.show').click()
    await page.waitForURL(/library=openid-client-6/)
    expect(await page.locator('.snippet').first().textContent()).toContain(`CLIENT_ID=rota${nth}\n`)
    await picture('connect')
    await page.goto(`${app.origin}/admin/applications/robot${nth}/connect`)
    expect(await page.locator('.snippet').first().textContent()).toContain(`SCOPE=${scope}\n`)
    await picture('connect-service')
  })

  test('a person is moved, and an invitation proposes organizations', async () => {
    await signedIn('help-desk')
    const { page } = admin
    const name = `Slager ${slug} ${nth}`
    await runVerb(app.core.admin, addOrganization, { name }, MACHINE)
    const invited = await app.core.links.invite({ email: `mo${slug}${nth}@sigma.example`, name: 'Mo Vos', locale })
    await page.goto(`${app.origin}/admin/people/invite`)
    expect(
      await page.locator('#organizations option').evaluateAll((all) => all.map((one) => one.getAttribute('value'))),
    ).toContain(name)
    await page.goto(`${app.origin}/admin/people/${invited.ok ? invited.account.id : ''}`)
    await link('admin.do.move.name').click()
    await field('admin.move.to').fill(`Slagr ${slug} ${nth}`)
    await button('admin.do.move.submit').click()
    await page.locator('#organization-error').waitFor()
    await picture('move')
    await field('admin.move.to').fill(name)
    await button('admin.do.move.submit').click()
    await told('admin.notice.moved')
    await picture('person')
  })
})
