/** More than one authenticator app in the security settings (J6): one more, another name, one less, and the last one. */
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { FRESH, type Owner, STRICT, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { keyOnPage } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

describe.each(VARIANTS)('%s', (...variant) => {
  const [, , options] = variant
  /** From the page with the key to where one ends with its first code. */
  async function setUp(): Promise<string> {
    const key = await keyOnPage(sanne.page)
    await sanne.press('action.next')
    await sanne.fill('code.digits', sanne.digits(key))
    await sanne.press('action.next')
    return key
  }

  test('Add another app, Rename, Remove, and the last one', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say, email } = sanne
    const row = (title: string) => sanne.row(title).count()
    pass(FRESH + MINUTE)
    await sanne.follow('account.action.addApp')
    await sanne.prove()
    await sanne.stands('account.app.new.title', 'settings-17-another')
    await sanne.press('action.next')
    await sanne.stands(options.hasTouch ? 'enroll.scan.set' : 'enroll.scan.title', 'settings-17-another-scan')
    const key = await setUp()
    await sanne.notice('app-added')
    await sanne.told('app-added')
    expect([await row(email), await row(`${email} (2)`)]).toEqual([1, 1])

    await sanne.follow('account.action.rename', `${email} (2)`)
    await sanne.fill('account.app.rename.label', email)
    await sanne.press('account.app.rename.submit')
    await page.getByText(say('account.app.rename.error.taken')).waitFor()
    await sanne.stands('account.app.rename.title', 'settings-18-rename')
    await sanne.fill('account.app.rename.label', 'Tablet')
    await sanne.press('account.app.rename.submit')
    await sanne.notice('app-renamed')
    await sanne.told('app-renamed')

    await sanne.follow('account.action.remove', email)
    await sanne.stands('account.app.remove.title', 'settings-19-remove')
    await sanne.press('account.app.remove.submit')
    await sanne.notice('app-removed')
    await sanne.told('app-removed')
    expect([await row(email), await row('Tablet')]).toEqual([0, 1])
    sanne.key = key
    pass(FRESH + MINUTE)
    await sanne.follow('account.action.remove', 'Tablet')
    await sanne.prove()
    await sanne.stands('account.app.off.title', 'settings-20-turn-off')
    await sanne.press('account.app.off.submit')
    await sanne.notice('two-step-off')
    await sanne.told('two-step-off')
    expect([await row('Tablet'), await row(say('account.twoStep.off'))]).toEqual([0, 1])
  })

  test('the last app stays where two-step verification is demanded', async () => {
    sanne = await settle(app, browser, variant, { has: 'app', organization: STRICT })
    const { page, say, email } = sanne
    expect(await sanne.row(email).getByRole('link').allTextContents()).toEqual([
      say('account.action.rename'),
      say('account.action.move'),
    ])
    await page.getByText(say('account.factor.last')).waitFor()
    const href = await sanne
      .row(email)
      .getByRole('link', { name: say('account.action.rename') })
      .getAttribute('href')
    await page.goto(app.origin + href?.replace('rename', 'remove'))
    await sanne.stands('account.app.last.title', 'settings-21-last')
    expect(await page.getByRole('button').count()).toBe(0)
    await sanne.follow('account.app.new.title')
    await sanne.press('action.next')
    await setUp()
    await sanne.follow('account.action.remove', email)
    await sanne.press('account.app.remove.submit')
    await sanne.notice('app-removed')
  })
})
