/** Two-step verification seen by others than our own libraries: another reader of the picture, another maker of codes. */
import { execFileSync, spawnSync } from 'node:child_process'
import jsqr from 'jsqr'
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import { clockOfEachTest, pass } from '../support/app/clock.ts'
import { DESKTOP, launchChromium, PHONE, type Visitor } from '../support/browser/chromium.ts'
import { keyOnPage, open, signIn, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { Person } from '../support/people/person.ts'
import { activated } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

const words = WORDS.en
const oathtool = spawnSync('oathtool', ['--version']).status === 0
// Where the project's own check runs, it must be there.
const without = !oathtool && process.env.CI !== 'true'
if (without) console.info('Skipped: codes of a second implementation (oathtool is not installed)')

let sanne: Visitor

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)
clockOfEachTest()
afterEach(() => sanne.close())

async function toTheKey(email: string): Promise<Page> {
  await activated(app, email, new Person())
  const { page } = sanne
  await signIn(page, app, 'en', email)
  await page.getByRole('button', { name: words.enable }).click()
  await page.getByRole('button', { name: words.other }).click()
  await page.locator('.qr:visible').waitFor()
  return page
}

/** The pixels as a camera gets them: of a screenshot, which the browser itself unpacks. */
async function pixels(page: Page): Promise<{ data: number[]; width: number; height: number }> {
  const png = await page.locator('.qr:visible').screenshot()
  const blank = await page.context().newPage()
  const picture = await blank.evaluate(async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob()
    const bitmap = await createImageBitmap(blob)
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    canvas?.drawImage(bitmap, 0, 0)
    const { data, width, height } = canvas?.getImageData(0, 0, bitmap.width, bitmap.height) ?? new ImageData(1, 1)
    return { data: [...data], width, height }
  }, png.toString('base64'))
  await blank.close()
  return picture
}

test.each([
  ['desk', { viewport: DESKTOP }, 'sanne@sigma.example'],
  ['phone by dark', { viewport: PHONE, colorScheme: 'dark' as const }, 'jan.peter+werk@bakkerij-de-vries.example'],
  ['sharp screen', { viewport: PHONE, deviceScaleFactor: 2 }, "o'brien&zn@sigma.example"],
])('the picture on a %s says what the page says', async (_screen, options, email) => {
  sanne = await open(browser, 'en', options)
  const page = await toTheKey(email)
  const { data, width, height } = await pixels(page)
  const read = new URL(jsqr.default(Uint8ClampedArray.from(data), width, height)?.data ?? 'about:blank')
  expect(read.protocol + read.host).toBe('otpauth:totp')
  expect(read.searchParams.get('secret')).toBe(await keyOnPage(page))
  const facts = await page.locator('.facts dd').allTextContents()
  expect(decodeURIComponent(read.pathname)).toBe(`/${facts[2]}:${facts[1]}`)
  expect(read.searchParams.get('issuer')).toBe(facts[2])
  expect([facts[2], facts[1]]).toEqual(['Sigma ID', email])
})

test.skipIf(without)('oathtool, a second implementation of RFC 6238, sets up and signs in', async () => {
  const email = 'second@sigma.example'
  const code = (key: string) => {
    const at = `@${Math.floor(Date.now() / 1000)}`
    return execFileSync('oathtool', ['--totp', '--base32', '--now', at, '--', key], { encoding: 'utf8' }).trim()
  }
  sanne = await open(browser, 'en', {})
  const page = await toTheKey(email)
  const key = await keyOnPage(page)
  await page.getByRole('button', { name: words.next }).click()
  await page.getByLabel(words.digits).fill(code(key))
  await page.getByRole('button', { name: words.next }).click()
  await page.getByRole('button', { name: words.skip }).click()
  await page.getByLabel(words.saved).check()
  await page.getByRole('button', { name: words.next }).click()
  await page.getByRole('button', { name: words.proceed }).click()
  await page.waitForURL(`${app.portalOrigin}/`)
  await sanne.close()

  pass(31 * SECOND)
  sanne = await open(browser, 'en', {})
  await signIn(sanne.page, app, 'en', email)
  await sanne.page.getByLabel(words.digits).fill(code(key))
  await sanne.page.getByRole('button', { name: words.verify }).click()
  await sanne.page.waitForURL(`${app.portalOrigin}/`)
  expect(await sanne.page.textContent('[data-claim=acr]')).toBe('urn:sigma:acr:mfa')
})
