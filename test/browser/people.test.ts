/** The list of people in a browser: narrowed, page by page, into a person and back to the same list, and as a file. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../support/app/clock.ts'
import { DESKTOP, launchChromium, PHONE, type Visitor } from '../support/browser/chromium.ts'
import { enterAs } from '../support/browser/desk-visitor.ts'
import { open, startCampaign } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { colleague } from '../support/people/help-desk.ts'
import { invite } from '../support/people/organizations.ts'
import { forAllTests } from '../support/runner/made.ts'

const BAKERY = 'Bakkerij Zonnig'
/** More than a page. */
const BAKERS = 53

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

beforeAll(async () => {
  for (let nth = 1; nth <= BAKERS; nth += 1) {
    const name = `Baker ${String(nth).padStart(2, '0')}`
    const given = { email: `baker${nth}@sigma.example`, name, locale: 'en', organization: BAKERY } as const
    expect((await invite(app, given)).ok).toBe(true)
  }
  expect((await invite(app, { email: 'zed@sigma.example', name: 'Zed', locale: 'en' })).ok).toBe(true)
})

/** With a script and without one, in both languages; what a wider screen shows differently is looked at on the way. */
describe.each(VARIANTS.filter(([slug]) => slug.includes('phone')))('%s', (slug, locale, options) => {
  const t = (key: string) => app.core.templates.translate(locale)(`admin.${key}`)
  let admin: Visitor

  beforeEach(async () => {
    admin = await open(browser, locale, options)
  })
  afterEach(() => admin.close())

  const link = (key: string) => admin.page.getByRole('link', { name: t(key), exact: true })
  const button = (key: string) => admin.page.getByRole('button', { name: t(key), exact: true })
  const field = (key: string) => admin.page.getByLabel(t(key), { exact: true })
  const names = () => admin.page.getByRole('rowheader').getByRole('link').allTextContents()

  test('narrowed by what stands in the address, and as a file', async () => {
    const { page } = admin
    await enterAs(admin, locale, await colleague(app, 'owner'), `${app.origin}/admin/people`)
    const fold = page.getByText(t('filters.more'))
    await field('people.find').waitFor()
    const isFolded = async () => [await fold.isVisible(), await field('person.status').isVisible()]
    await page.setViewportSize(DESKTOP)
    // The page learns of another width when it is drawn next.
    await expect.poll(isFolded).toEqual([false, true])
    await admin.picture(`${slug}-people-desk`)
    await page.setViewportSize(PHONE)
    await expect.poll(isFolded).toEqual([true, false])
    // Somebody with a phone sees that there is a list.
    expect((await page.getByRole('table').boundingBox())?.y).toBeLessThan(PHONE.height)
    await admin.picture(`${slug}-people`)

    await fold.click()
    await field('person.status').selectOption('invited')
    await field('person.organization').fill(BAKERY)
    await admin.picture(`${slug}-people-filters`)
    await button('search').click()
    await page.waitForURL(/status=invited/)
    expect(new URL(page.url()).searchParams.get('organization')).toBe(BAKERY)
    expect(await names()).toEqual(Array.from({ length: 50 }, (_, nth) => `Baker ${String(nth + 1).padStart(2, '0')}`))
    await page.getByText(`${t('person.organization')}: ${BAKERY}`).waitFor()

    await link('applications.more').click()
    await page.waitForURL(/after=/)
    const rest = ['Baker 51', 'Baker 52', 'Baker 53']
    expect(await names()).toEqual(rest)
    await admin.sound(`${slug}-people-narrowed`)
    const list = page.url()
    await page.getByRole('link', { name: 'Baker 52' }).click()
    await page.getByRole('heading', { level: 1, name: 'Baker 52' }).waitFor()
    await page.goBack()
    await page.getByRole('link', { name: 'Baker 53' }).waitFor()
    expect([page.url(), await names(), await field('person.status').inputValue()]).toEqual([list, rest, 'invited'])

    await link('people-export.title').click()
    const saved = page.waitForEvent('download')
    await button('people-export.submit').click()
    const lines = readFileSync(await (await saved).path(), 'utf8')
      .trim()
      .split('\r\n')
    expect([lines.length, lines.filter((line) => line.includes(BAKERY)).length]).toEqual([BAKERS + 1, BAKERS])

    await link('back').click()
    await field('people.find').fill('b')
    await button('search').click()
    await page.getByRole('alert').getByText(t('people.short')).waitFor()
    await field('people.find').fill('aker 4')
    await field('people.find').press('Enter')
    await page.waitForURL(/q=aker/)
    expect(await names()).toHaveLength(10)
    await fold.click()
    await field('person.organization').fill('Nergens')
    await button('search').click()
    await page.getByRole('alert').waitFor()
    // What is to be mended is not folded away.
    expect(await field('person.organization').isVisible()).toBe(true)
    await admin.sound(`${slug}-people-wrong`)
  })
})
