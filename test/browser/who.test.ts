/** Every page after the address says who is signing in, and leads whoever that is not to another account. */
import { expect, test } from 'vitest'
import { clockOfEachTest } from '../support/app/clock.ts'
import { launchChromium, PHONE } from '../support/browser/chromium.ts'
import { equipped, open, signIn, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { Person } from '../support/people/person.ts'
import { activated, PASSWORD } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

const NOT_YOU = { en: 'Not you?', nl: 'Ben jij dit niet?' }

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)
clockOfEachTest()

test.each([
  ['en', { viewport: PHONE }],
  ['nl', { viewport: PHONE, javaScriptEnabled: false }],
] as const)(
  'Not you? at the second step and in the wizard goes on with another account (%s)',
  async (locale, options) => {
    const words = WORDS[locale]
    const mine = `mine-${locale}@sigma.example`
    const other = `other-${locale}@sigma.example`
    await equipped(app, mine, locale === 'en' ? '06 10000001' : '06 10000002')
    await activated(app, other, new Person())
    const someone = await open(browser, locale, options)
    const { page } = someone
    const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
    const who = () => page.locator('.who span').innerText()

    async function leave(): Promise<void> {
      await press(NOT_YOU[locale])
      await heading(words.signIn)
      // Not the address of whoever it is not.
      expect(await page.getByLabel(words.email).inputValue()).toBe('')
    }

    async function enter(email: string): Promise<void> {
      await page.getByLabel(words.email).fill(email)
      await page.getByLabel(words.password, { exact: true }).fill(PASSWORD)
      await press(words.signIn)
      if (!('javaScriptEnabled' in options)) return
      const on = page.getByRole('button', { name: words.proceed, exact: true })
      if (await on.count()) await on.click()
    }

    await signIn(page, app, locale, mine)
    await heading(words.challenge)
    expect(await who()).toBe(mine)
    await someone.sound(`who-${locale}-challenge`)
    await leave()
    await enter(other)
    await heading(words.offer)
    expect(await who()).toBe(other)
    await press(words.enable)
    await heading(words.choose)
    await someone.sound(`who-${locale}-choose`)
    // More often than a prompt may come up by itself.
    await leave()
    await enter(mine)
    await heading(words.challenge)
    await leave()
    await enter(other)
    await heading(words.choose)
    await leave()
    await enter(mine)
    await heading(words.challenge)
    expect(await who()).toBe(mine)
    await someone.close()
  },
  60_000,
)
