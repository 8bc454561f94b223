/** A backup code on paper, and one in a file, says whose it is, what it is for, where it is used and when it was made. */
import { readFile } from 'node:fs/promises'
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
    'Keep it where others cannot see it, and not only on your phone: on paper, or in your password manager.',
    'sigma-id-backup-code-sanne@sigma.example.txt',
  ],
  [
    'nl',
    'Met deze code log je in op id.sigma.example als je je telefoon kwijt bent, of een nieuwe telefoon of een nieuw nummer hebt: kies ‘Andere methode gebruiken’ en dan ‘Back-upcode’. De code werkt één keer.',
    'Gemaakt op 1 maart 2026',
    'Bewaar de code waar anderen hem niet zien, en niet alleen op je telefoon: op papier of in je wachtwoordmanager.',
    'sigma-id-back-upcode-sanne@sigma.example.txt',
  ],
])('in %s', async (locale, use, made, where, name) => {
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
    const whose = `${locale === 'nl' ? 'Sigma ID-back-upcode voor' : 'Sigma ID backup code for'} ${account}`
    expect(await told()).toEqual([whose, code.slice(0, half + 1), code.slice(half + 1), use, made])
    const folder = process.env.SCREENSHOTS
    if (folder) await tab.screenshot({ path: `${folder}/paper-${locale}.png` })
    await tab.emulateMedia({ media: 'screen' })

    const downloading = tab.waitForEvent('download')
    await tab.locator('[download]').click()
    const file = await downloading
    expect(file.suggestedFilename()).toBe(name)
    const lines = [whose, code, use, made, where].join('\n\n')
    expect(await readFile(await file.path(), 'utf8')).toBe(`\uFEFF${lines}\n`)
  }
  await tab.context().close()
})
