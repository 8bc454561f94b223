/** A real Chromium, driven by playwright-core, with the web's security as people have it. */
import { AxeBuilder } from '@axe-core/playwright'
import packaged from '@sparticuz/chromium'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

// Not the package's own list of arguments: that one switches web security off.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launchChromium(...more: string[]): Promise<Browser> {
  const args = [...ARGUMENTS, ...more]
  return chromium.launch({ executablePath: await packaged.executablePath(), args, headless: true })
}

/** The same, and **Back** shows a page as it was left, where it may be kept: playwright-core switches that off. */
export async function launchWithPageCache(): Promise<Browser> {
  const ignoreDefaultArgs = ['--disable-back-forward-cache']
  return chromium.launch({ executablePath: await packaged.executablePath(), args: ARGUMENTS, ignoreDefaultArgs })
}

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 800 }

export interface Visitor {
  page: Page
  context: BrowserContext
  /** What the browser complained about: blocked by policy, failed to load, thrown in a script. */
  complaints: string[]
  /** Runs axe against WCAG 2.2 AA and returns what it found, one line each. */
  axe(): Promise<string[]>
  /** What every page owes: nothing blocked, nothing inaccessible, the right language, nothing wider than the screen. */
  sound(name: string): Promise<void>
  /** Keeps a picture if SCREENSHOTS names a folder. */
  picture(name: string): Promise<void>
  close(): Promise<void>
}

export async function visitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  const refusals = new Set<string>()
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    complaints.push(`${message.text()} ${message.location().url}`.trim())
  })
  page.on('response', (response) => {
    if (response.status() >= 400 && response.request().isNavigationRequest()) refusals.add(response.url())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.setDefaultTimeout(30_000)

  async function axe(): Promise<string[]> {
    // axe needs scripts in the page, also where the visitor has none.
    if (options.javaScriptEnabled === false) return []
    const { violations } = await new AxeBuilder({ page })
      // In the page itself: it has no frames that would need more, and half the time is enough.
      .setLegacyMode(true)
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze()
    return violations.map(
      ({ id, help, nodes }) => `${page.url()}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
    )
  }

  async function picture(name: string): Promise<void> {
    const folder = process.env.SCREENSHOTS
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
  }

  return {
    page,
    context,
    complaints,
    axe,
    picture,
    async sound(name) {
      await picture(name)
      expect(await axe()).toEqual([])
      // The console mentions pages that are refusals on purpose; anything else that failed to load is a fault.
      const refused = (line: string) => /status of 4\d\d/.test(line) && [...refusals].some((url) => line.endsWith(url))
      expect(complaints.filter((line) => !refused(line))).toEqual([])
      expect(await page.getAttribute('html', 'lang')).toBe((options.locale ?? 'en').slice(0, 2))
      expect(await page.locator('h1').count()).toBe(1)
      const width = await page.locator('body').evaluate((body) => body.scrollWidth)
      expect(width).toBeLessThanOrEqual(options.viewport?.width ?? DESKTOP.width)
    },
    close: () => context.close(),
  }
}
