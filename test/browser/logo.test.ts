/** The logo of an application, in a browser: a file is chosen, refused, taken, seen by whoever signs in, and removed. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { enterAs, signInAs } from '../support/browser/desk-visitor.ts'
import { open, startCampaign } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { colleague } from '../support/people/help-desk.ts'
import { forAllTests } from '../support/runner/made.ts'
import { gif, seal } from '../support/samples/pictures.ts'

let nth = 0

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const t = (key: string) => app.core.templates.translate(locale)(key)
  let admin: Visitor
  let guest: Visitor

  beforeEach(async () => {
    nth += 1
    admin = await open(browser, locale, options)
    guest = await open(browser, locale, options)
  })
  afterEach(async () => {
    await admin.close()
    await guest.close()
  })

  /** That it is there, and was loaded. */
  async function sees({ page }: Visitor): Promise<void> {
    const wide = await page
      .locator('img.emblem')
      .first()
      .evaluate((image) => (image as HTMLImageElement).naturalWidth)
    expect(wide).toBe(256)
  }

  test('given, seen by whoever signs in, agrees and looks at their settings, and removed', async () => {
    const id = `roster-${slug}-${nth}`
    const name = `Roster of ${slug}`
    const given = { client_id: id, client_name: name, first_party: false, redirect_uris: [`${app.portalOrigin}/none`] }
    await app.core.admin.clients.add(given, { actor: 'root', via: 'command-line' })
    const who = await colleague(app, 'client-admin')
    const { page } = admin
    await enterAs(admin, locale, who, `${app.origin}/admin/applications/${id}/logo`)
    await page.getByText(t('admin.application.logo.none')).waitFor()
    await admin.sound(`${slug}-logo-none`)

    const field = page.getByLabel(t('admin.application.logo.picture'), { exact: true })
    const use = page.getByRole('button', { name: t('admin.application.logo.submit') })
    await field.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: await gif() })
    await use.click()
    await page.getByText(t('admin.application.logo.problem.unknown-format')).waitFor()
    await admin.sound(`${slug}-logo-wrong`)
    await field.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: await seal() })
    await use.click()
    await page.getByRole('status').getByText(t('admin.notice.logo-changed')).waitFor()
    await sees(admin)
    await admin.sound(`${slug}-logo-page`)
    await page.goto(`${app.origin}/admin/applications`)
    await sees(admin)
    await admin.sound(`${slug}-logo-list`)

    const query = new URLSearchParams({
      ...{ client_id: id, redirect_uri: `${app.portalOrigin}/none`, response_type: 'code', scope: 'openid email' },
      ...{ code_challenge: 'A'.repeat(43), code_challenge_method: 'S256', prompt: 'login consent' },
    })
    await guest.page.goto(`${app.origin}/auth?${query}`)
    await sees(guest)
    await guest.sound(`${slug}-logo-sign-in`)
    await signInAs(guest, locale, who)
    await guest.page.locator('button[value="allow"]').waitFor()
    await sees(guest)
    await guest.sound(`${slug}-logo-consent`)
    await guest.page.locator('button[value="allow"]').click()
    await guest.page.waitForURL(`${app.portalOrigin}/**`)
    await guest.page.goto(`${app.origin}/account`)
    await guest.page.locator('#applications').waitFor()
    await sees(guest)
    await guest.picture(`${slug}-logo-account`)

    await page.goto(`${app.origin}/admin/applications/${id}/logo`)
    await page.getByRole('link', { name: t('admin.application.logo.remove') }).click()
    await page.getByRole('button', { name: t('admin.application.logo.remove') }).waitFor()
    await admin.sound(`${slug}-logo-remove`)
    await page.getByRole('button', { name: t('admin.application.logo.remove') }).click()
    await page.getByRole('status').getByText(t('admin.notice.logo-removed')).waitFor()
    expect(await page.locator('img.emblem').count()).toBe(0)
  })
})
