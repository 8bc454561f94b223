/** Many people invited by a file, in a browser: from the file that cannot be taken to those who have not come. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { enterAs } from '../support/browser/desk-visitor.ts'
import { open, startCampaign } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { colleague } from '../support/people/help-desk.ts'
import { Person } from '../support/people/person.ts'
import { PASSWORD } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

/** With a script and without one; how the pages look in both languages is in the pictures of both. */
describe.each(VARIANTS.filter(([slug]) => slug.includes('phone')))('%s', (slug, locale, options) => {
  const t = (key: string, values = {}) => app.core.templates.translate(locale)(`admin.invitations.${key}`, values)
  let admin: Visitor

  beforeEach(async () => {
    admin = await open(browser, locale, options)
  })
  afterEach(() => admin.close())

  async function send(text: string): Promise<void> {
    const { page } = admin
    await page
      .getByLabel(t('new.file'))
      .setInputFiles({ name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from(text, 'latin1') })
    await page.getByRole('button', { name: t('new.submit') }).click()
  }

  test('a file that is refused, one that asks a question, a plan, and who has not come', async () => {
    const { page } = admin
    await enterAs(admin, locale, await colleague(app, 'owner'), `${app.origin}/admin/invitations`)
    await page.getByRole('link', { name: t('new.title') }).click()
    await page.getByText(t('new.columns')).click()
    await admin.sound(`${slug}-invitations-new`)

    await send('E-mail;Naam;Nummer\na@x.nl;A;111222333\nb@x.nl;B;123456782\n')
    await page.getByText(t('file.citizen-numbers', { columns: 'Nummer' })).waitFor()
    await admin.sound(`${slug}-invitations-refused`)
    await page.getByLabel(t('new.label')).fill(`Bakers ${slug}`)
    await page.getByText(t('new.anyTime')).click()
    await send(
      `Naam;E-mail werk;E-mail thuis;Werkgever\nZoë;zoe@w.nl;zoe@${slug}.example;\nBob;;bob@${slug}.example;\n` +
        `Bea;bea@w.nl;b0b@${slug}.example;\nCas;cas@w.nl;cas;Nergens\n`,
    )
    await admin.sound(`${slug}-invitations-which`)
    await page.getByLabel(t('new.emailColumn')).selectOption('E-mail thuis')
    await page.getByRole('button', { name: t('new.submit') }).click()
    await page.getByRole('heading', { name: t('plan.title') }).waitFor()
    await admin.sound(`${slug}-invitations-plan`)

    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: t('plan.download') }).click()
    const lines = readFileSync(await (await file).path(), 'utf8').split('\r\n')
    expect([lines.length, lines[0]]).toEqual([4, `\ufeffNaam;E-mail werk;E-mail thuis;Werkgever;${t('why')}`])
    expect(lines[2]).toContain(`Cas;cas@w.nl;cas;Nergens;"${t('field.email')}: ${t('fault.format')}; `)
    await page.getByRole('button', { name: t('plan.alike', { count: 1 }) }).click()
    await page.getByRole('button', { name: t('plan.submit', { count: 3 }) }).click()
    await page.getByRole('heading', { name: `Bakers ${slug}` }).waitFor()
    await admin.sound(`${slug}-invitations-round`)

    await app.core.invitations.sendDue()
    pass(60 * SECOND)
    await app.core.invitations.sendDue()
    const zoe = new Person({ language: locale })
    await zoe.visit(await app.linkFor(`zoe@${slug}.example`))
    await zoe.submit({ password: PASSWORD, repeat: PASSWORD })
    await page.reload()
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(
      ['Bea', 'Bob'].map((name) => expect.stringContaining(name)),
    )
    await admin.sound(`${slug}-invitations-absent`)
    await page.getByRole('link', { name: t('resend.name') }).click()
    await admin.sound(`${slug}-invitations-resend`)
    await page.goBack()
    await page.getByRole('link', { name: t('withdraw.name') }).click()
    await admin.sound(`${slug}-invitations-withdraw`)
    await page.getByRole('button', { name: t('withdraw.name') }).click()
    await page.getByText(t('everybody')).waitFor()
    await page.goto(`${app.origin}/admin/invitations`)
    await page.getByRole('link', { name: `Bakers ${slug}` }).waitFor()
    await admin.sound(`${slug}-invitations-list`)
  })
})
