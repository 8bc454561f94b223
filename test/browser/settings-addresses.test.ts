/** The addresses in the security settings (J6): another one to sign in with, taking it back, and a second one for notices. */
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { mailedCode } from '../support/app/settings.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { FRESH, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { open } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

describe.each(VARIANTS)('%s', (...variant) => {
  const [slug, locale, options] = variant

  async function answer(code: string, submit: string): Promise<void> {
    await sanne.fill('account.address.code', code)
    await sanne.press(submit)
  }

  test('Change e-mail address, and the address of before takes it back', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say, email: before } = sanne
    const next = `new-${before}`
    pass(FRESH + MINUTE)
    await sanne.follow('account.email.change')
    await sanne.prove()
    await sanne.stands('account.email.title', 'settings-51-email')
    await sanne.fill('account.email.label', 'sanne@nowhere')
    await sanne.press('code.send')
    await page.getByText(say('account.address.error.not-an-address')).waitFor()
    await sanne.sound(`${slug}-settings-51-email-wrong`)
    await sanne.fill('account.email.label', next)
    await sanne.press('code.send')
    await sanne.stands('account.address.check', 'settings-52-email-code')
    expect(await page.textContent('main')).toContain(next)
    const code = await mailedCode(app, next)
    await answer(code.startsWith('0') ? '11111111' : '00000000', 'account.email.submit')
    await page.getByText(say('account.address.error.wrong-code')).waitFor()
    await sanne.sound(`${slug}-settings-52-email-code-wrong`)
    await answer(code, 'account.email.submit')
    await sanne.notice('email-changed')
    expect(await page.textContent('.head')).toContain(next)
    await sanne.told('email-changed', next)
    const link = /https?:\/\/\S+\/undo\/\S+/.exec(await sanne.told('email-changed', before))?.[0] ?? ''

    const reader = await open(browser, locale, options)
    const read = async (key: string, picture: string) => {
      await reader.page.getByRole('heading', { level: 1, name: say(key), exact: true }).waitFor()
      await reader.sound(`${slug}-${picture}`)
    }
    await reader.page.goto(link)
    await read('undo.title', 'settings-53-undo')
    await reader.page.getByLabel(say('undo.sure')).check()
    await reader.page.getByRole('button', { name: say('undo.submit') }).click()
    await read('undo.done.title', 'settings-54-undone')
    await reader.page.goto(link)
    await read('undo.invalid.title', 'settings-55-undo-invalid')
    await reader.close()
    const subjects = (await app.inbox()).filter(({ to }) => to === before).map(({ subject }) => subject)
    expect(subjects.slice(0, 2).sort()).toEqual([say('mail.email-restored.subject'), say('mail.reset.subject')].sort())
    await page.goto(`${app.origin}/account`)
    expect(await sanne.asked(page)).toBe(true)
  })

  test('a second address for notices: added, told too, removed', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say, email } = sanne
    const second = `second-${email}`
    const title = say('account.noticeAddress.name')
    pass(FRESH + MINUTE)
    await sanne.follow('account.noticeAddress.add')
    await sanne.prove()
    await sanne.stands('account.noticeAddress.title', 'settings-56-second')
    await sanne.fill('account.noticeAddress.label', second)
    await sanne.press('code.send')
    await sanne.stands('account.address.check', 'settings-57-second-code')
    await answer(await mailedCode(app, second), 'account.noticeAddress.submit')
    await sanne.notice('notice-address-saved')
    for (const address of [email, second]) await sanne.told('notice-address-added', address)
    expect(await sanne.row(title).textContent()).toContain(second)

    await sanne.follow('account.action.remove', title)
    await sanne.stands('account.noticeAddress.remove.title', 'settings-58-second-remove')
    await sanne.press('account.noticeAddress.remove.submit')
    await sanne.notice('notice-address-removed')
    for (const address of [email, second]) await sanne.told('notice-address-removed', address)
    expect(await page.textContent('main')).not.toContain(second)
  })
})
