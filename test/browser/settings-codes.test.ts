/** The phone number and the backup code in the security settings (J6). */
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/lib/time.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium } from '../support/browser/chromium.ts'
import { FRESH, type Owner, settle, startSettings } from '../support/browser/settings-visitor.ts'
import { codeBySms } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { forAllTests } from '../support/runner/made.ts'

clockOfAllTests()
const app = forAllTests(startSettings)
const browser = forAllTests(launchChromium)
let sanne: Owner

afterEach(() => sanne?.close())

describe.each(VARIANTS)('%s', (...variant) => {
  const [slug, , options] = variant
  const scripts = options.javaScriptEnabled !== false

  async function send(number: string): Promise<void> {
    await sanne.fill('enroll.sms.number', number)
    await sanne.press('code.send')
  }

  async function answer(code: string): Promise<void> {
    await sanne.fill('code.fromSms', code)
    await sanne.press('action.next')
  }

  test('a phone number: added, changed, removed', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, say, number } = sanne
    const next = `${number.slice(0, -2)}${String((Number(number.slice(-2)) + 1) % 100).padStart(2, '0')}`
    const title = say('account.factor.sms')
    pass(FRESH + MINUTE)
    await sanne.follow('account.action.addPhone', title)
    await sanne.prove()
    await sanne.stands('account.phone.add', 'settings-31-phone')
    await send('06 12')
    await page.getByRole('alert').waitFor()
    await sanne.sound(`${slug}-settings-31-phone-wrong`)
    await send(number)
    await sanne.stands('enroll.sms.check', 'settings-32-phone-code')
    expect(await page.textContent('main')).toContain(number.slice(-2))
    const code = await codeBySms(app)
    await answer(code === '000000' ? '111111' : '000000')
    await page.getByRole('alert').waitFor()
    await answer(code)
    await sanne.notice('phone-added')
    expect(await sanne.told('sms-added')).toContain(number.slice(-2))

    pass(31 * SECOND)
    await sanne.follow('account.action.changePhone', title)
    await sanne.stands('account.phone.change', 'settings-33-phone-change')
    await send(next)
    await page.getByLabel(say('code.fromSms')).waitFor()
    // The script counts down; it comes a moment after the page.
    await expect.poll(() => page.getByRole('button', { name: say('code.resend') }).isDisabled()).toBe(scripts)
    if (!scripts) {
      await sanne.press('code.resend')
      expect(await page.getByRole('alert').textContent()).toMatch(/60/)
      pass(61 * SECOND)
      await sanne.press('code.resend')
    }
    await answer(await codeBySms(app))
    await sanne.notice('phone-changed')
    expect(await sanne.told('sms-added')).toContain(next.slice(-2))
    expect(await sanne.row(title).textContent()).toContain(next.slice(-2))

    await sanne.follow('account.action.remove', title)
    await sanne.stands('account.phone.remove.title', 'settings-34-phone-remove')
    await sanne.press('account.phone.remove.submit')
    await sanne.notice('phone-removed')
    await sanne.told('sms-removed')
    expect(await sanne.row(title).textContent()).toContain(say('account.action.addPhone'))
  })

  test('New backup code: shown once, saved, and only the newest works', async () => {
    sanne = await settle(app, browser, variant, { has: 'app' })
    const { page, context, say } = sanne
    const button = (key: string) => page.getByRole('button', { name: say(key), exact: true })
    if (scripts) await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.addInitScript(() => {
      Object.assign(globalThis, { print: () => document.body.setAttribute('data-printed', 'yes') })
    })
    pass(FRESH + MINUTE)
    await sanne.follow('account.action.newBackup')
    await sanne.prove()
    await sanne.stands('account.backup.title', 'settings-35-backup')
    await sanne.press('account.backup.submit')
    await page.locator('#backup-code').waitFor()
    // Shown and not saved: it cannot be shown again.
    await page.goto(`${app.origin}/account`)
    expect(await sanne.row(say('method.backup')).textContent()).toContain(say('account.factor.unsaved'))
    await page.goto(`${app.origin}/account/backup-code/saved`)
    await sanne.stands('account.backup.saved.title', 'settings-36-backup-unsaved')
    await sanne.follow('account.backup.saved.again')
    await sanne.press('account.backup.submit')
    await sanne.stands('enroll.backup.title', 'settings-37-backup-new')
    await sanne.told('backup-code-new')
    const code = ((await page.locator('#backup-code').textContent()) ?? '').replaceAll(/\s/g, '')
    expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: say('enroll.backup.download') }).click()
    expect(await readFile(await (await downloading).path(), 'utf8')).toContain(code)
    for (const name of ['copy.copy', 'enroll.backup.print']) expect(await button(name).count()).toBe(scripts ? 1 : 0)
    if (scripts) {
      await sanne.press('copy.copy')
      await page.getByText(say('copy.done')).waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code)
      await sanne.press('enroll.backup.print')
      expect(await page.getAttribute('body', 'data-printed')).toBe('yes')
    }
    await sanne.press('action.next')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(say('enroll.backup.title'))
    await page.getByLabel(say('enroll.backup.saved')).check()
    await sanne.press('action.next')
    await sanne.notice('backup-saved')

    const other = await sanne.elsewhere()
    pass(FRESH + MINUTE)
    await other.page.goto(`${app.origin}/account/language`)
    await other.page.getByRole('link', { name: say('challenge.another') }).click()
    await other.page
      .locator('a.choice')
      .filter({ hasText: say('method.backup') })
      .click()
    for (const typed of [sanne.backupCode, code]) {
      await other.page.getByLabel(say('method.backup'), { exact: true }).fill(typed)
      await other.page.getByRole('button', { name: say('challenge.verify'), exact: true }).click()
      if (typed !== code) await other.page.getByRole('alert').waitFor()
    }
    await other.page.getByRole('heading', { name: say('challenge.lost.title') }).waitFor()
  })
})
