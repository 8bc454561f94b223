/** A backup code that is printed says whose it is, what it is for, where it is used and when it was made, and nothing else. */
import { expect, test } from 'vitest'
import { launchChromium } from '../support/browser/chromium.ts'
import { wholePage } from '../support/browser/whole-page.ts'
import { forAllTests } from '../support/runner/made.ts'
import { newBackup } from '../support/samples/account-factors.ts'
import { backup } from '../support/samples/two-step.ts'

const browser = forAllTests(launchChromium)

test.each([
  [
    'en',
    'With this code you sign in at id.sigma.example when you lose your phone, or have a new phone or number: choose “Use another method”, then “Backup code”. It works once.',
    'Made on 1 March 2026',
  ],
  [
    'nl',
    'Met deze code log je in op id.sigma.example als je je telefoon kwijt bent, of een nieuwe telefoon of een nieuw nummer hebt: kies ‘Andere methode gebruiken’ en dan ‘Back-upcode’. De code werkt één keer.',
    'Gemaakt op 1 maart 2026',
  ],
])('in %s', async (locale, use, made) => {
  const tab = await (await browser.newContext()).newPage()
  for (const [view, data] of [
    ['enroll/backup', backup],
    ['account/backup-new', newBackup],
  ] as const) {
    await tab.setContent(wholePage(view, locale, data))
    const told = () => tab.evaluate(() => document.body.innerText.split(/\n+/).map((line) => line.trim()))
    expect(await told()).not.toContain(use)
    await tab.emulateMedia({ media: 'print' })
    const { account, code } = data
    const half = code.length / 2
    const whose = locale === 'nl' ? 'Sigma ID-back-upcode voor' : 'Sigma ID backup code for'
    expect(await told()).toEqual([`${whose} ${account}`, code.slice(0, half + 1), code.slice(half + 1), use, made])
    const folder = process.env.SCREENSHOTS
    if (folder) await tab.screenshot({ path: `${folder}/paper-${locale}.png` })
    await tab.emulateMedia({ media: 'screen' })
  }
  await tab.context().close()
})
