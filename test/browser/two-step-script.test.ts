/** What the script adds to the pages of two-step verification, and that it is not missed. Pages come from the templates. */
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { assets } from '../../src/render/assets.ts'
import { defaultBrand, type PageData, views } from '../../src/render/views.ts'
import { pagePolicy } from '../../src/web/headers.ts'
import { launchChromium, PHONE, visitor } from '../support/browser/chromium.ts'
import { forAllTests } from '../support/runner/made.ts'
import { backup, KEY, scan, sms, totp } from '../support/samples/two-step.ts'

const FOLDER = join(import.meta.dirname, '../../views')
const ORIGIN = 'http://localhost:1'
const rendered = views(FOLDER, defaultBrand)
const files = assets(FOLDER, defaultBrand)
const samples: Record<string, PageData> = {
  'enroll/scan': scan,
  'enroll/backup': backup,
  'challenge/sms': sms,
  'challenge/totp': totp,
}

const browser = forAllTests(launchChromium)

/** Opens a page, answered by the test itself; `sent` collects the forms that leave it. */
async function open(view: string, options: BrowserContextOptions = {}): Promise<{ page: Page; sent: string[] }> {
  const { page, context, complaints } = await visitor(browser, options)
  const sent: string[] = []
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await context.route(`${ORIGIN}/**`, (route) => {
    const { pathname } = new URL(route.request().url())
    const file = files.get(pathname)
    if (file) return route.fulfill({ body: file.body, contentType: file.type })
    if (route.request().method() === 'POST') sent.push(route.request().postData() ?? '')
    const headers = { 'content-security-policy': pagePolicy('n0nce') }
    return route.fulfill({ body: rendered.page(view, 'en', samples[view] ?? totp), contentType: 'text/html', headers })
  })
  await page.clock.install()
  await page.goto(`${ORIGIN}/page`)
  expect(complaints).toEqual([])
  return { page, sent }
}

test('the key and the backup code are copied, and the page says so', async () => {
  const { page } = await open('enroll/scan')
  await page.getByText('Enter manually').click()
  await page.getByRole('button', { name: 'Copy key' }).click()
  await page.getByRole('status').getByText('Copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(KEY)
  await page.context().close()
})

test('without scripts there is no button that does nothing', async () => {
  const { page, sent } = await open('enroll/backup', { javaScriptEnabled: false })
  expect(await page.locator('button:visible').allTextContents()).toEqual(['Next'])
  await page.getByLabel('I have saved this code').check()
  await page.getByRole('button', { name: 'Next' }).click()
  expect(sent).toEqual(['csrf=CSRF&made=backup-1&saved=yes&step=saved'])
  await page.context().close()
})

test('of a pasted message the code is taken', async () => {
  const { page, sent } = await open('challenge/totp')
  const code = page.getByLabel('6-digit code')
  for (const text of ['123 456', 'Sigma: 123456 is your code. Valid for 5 minutes.']) {
    await code.fill('')
    await page.evaluate((copied) => navigator.clipboard.writeText(copied), text)
    await code.press('ControlOrMeta+V')
    expect(await code.inputValue()).toBe('123456')
  }
  await code.press('Enter')
  await expect.poll(() => sent, { timeout: 20_000 }).toEqual(['csrf=CSRF&code=123456&step=verify'])
  await page.context().close()
})

test('a new code can be asked for when the wait is over', async () => {
  const { page, sent } = await open('challenge/sms')
  const resend = page.getByRole('button', { name: 'Resend code' })
  expect([await resend.textContent(), await resend.isDisabled()]).toEqual(['Resend code (28 s)', true])
  await page.clock.runFor(29_000)
  expect([await resend.textContent(), await resend.isDisabled()]).toEqual(['Resend code', false])
  await resend.click()
  await expect.poll(() => sent, { timeout: 20_000 }).toEqual(['csrf=CSRF&code=&step=resend'])
  await page.context().close()
})

test('on a phone the key opens in the app; a desk has no such link', async () => {
  const phone = await open('enroll/scan', { viewport: PHONE, isMobile: true, hasTouch: true })
  const link = phone.page.getByRole('link', { name: 'Put the account in your app' })
  expect(await link.isVisible()).toBe(true)
  expect(await link.getAttribute('href')).toBe(scan.otpauth)
  const desk = await open('enroll/scan')
  expect(await desk.page.getByRole('link', { name: 'Put the account in your app' }).count()).toBe(0)
  await Promise.all([phone.page.context().close(), desk.page.context().close()])
})
