/** A real Chromium, driven by playwright-core, with the web's security as people have it. */
import { AxeBuilder } from '@axe-core/playwright'
import packaged from '@sparticuz/chromium'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

// Not the package's own list of arguments: that one switches web security off.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: await packaged.executablePath(), args: ARGUMENTS, headless: true })
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
  /** Keeps a picture if SCREENSHOTS names a folder. */
  picture(name: string): Promise<void>
  close(): Promise<void>
}

export async function visitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.setDefaultTimeout(15_000)
  return {
    page,
    context,
    complaints,
    async axe() {
      // axe needs scripts in the page, also where the visitor has none.
      if (options.javaScriptEnabled === false) return []
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze()
      return violations.map(
        ({ id, help, nodes }) => `${page.url()}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
      )
    },
    async picture(name) {
      const folder = process.env.SCREENSHOTS
      if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
    },
    close: () => context.close(),
  }
}
