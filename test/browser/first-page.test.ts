/** What a browser fetches to show the first sign-in page, by its own account, and that the page is whole with it. */
import { expect, test } from 'vitest'
import { startApp } from '../support/app/app.ts'
import { launchChromium, PHONE, visitor } from '../support/browser/chromium.ts'
import { forAllTests } from '../support/runner/made.ts'

const app = forAllTests(startApp)
const browser = forAllTests(launchChromium)

test.each([true, false])(
  'the page, its stylesheet, its script, and no more than 12 kB; scripts: %s',
  async (scripts) => {
    const someone = await visitor(browser, { viewport: PHONE, javaScriptEnabled: scripts })
    const { page, context } = someone
    const line = await context.newCDPSession(page)
    const asked: string[] = []
    let bytes = 0
    await line.send('Network.enable')
    line.on('Network.responseReceived', ({ response }) => {
      if (!response.url.startsWith('data:')) asked.push(new URL(response.url).pathname.replace(/[\w-]{43}/, ':uid'))
    })
    line.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength
    })
    await page.goto(`${app.portalOrigin}/login`)
    await page.getByLabel('Password', { exact: true }).waitFor()
    expect(asked.sort()).toEqual(['/assets/sigma.css', ...(scripts ? ['/assets/sigma.js'] : []), '/interaction/:uid'])
    expect(bytes).toBeLessThanOrEqual(12_000)
    const logo = page.locator('.masthead img')
    expect(await logo.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(40)
    await someone.sound(`first-page-${scripts}`)
    await someone.close()
  },
)
