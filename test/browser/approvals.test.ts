/** A protected application in two browsers: one administrator proposes a change, another reads it and approves. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { enterAs } from '../support/browser/desk-visitor.ts'
import { open, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { colleague } from '../support/people/help-desk.ts'
import type { Someone } from '../support/people/step-up.ts'
import { forAllTests } from '../support/runner/made.ts'

const LABELS = {
  en: {
    redirects: 'Redirect addresses',
    look: 'Show what changes',
    propose: 'Propose',
    waits: 'A change of this application is waiting for approval.',
    approvals: /Approvals \(\d+\)/,
    approve: 'Approve',
    withdraw: 'Withdraw',
    another: 'Make a new secret',
    approved: 'Approved',
  },
  nl: {
    redirects: 'Redirect-adressen',
    look: 'Toon wat er verandert',
    propose: 'Voorstellen',
    waits: 'Een wijziging van deze applicatie wacht op goedkeuring.',
    approvals: /Goedkeuringen \(\d+\)/,
    approve: 'Goedkeuren',
    withdraw: 'Intrekken',
    another: 'Nieuw geheim maken',
    approved: 'Goedgekeurd',
  },
}

let nth = 0

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = { ...WORDS[locale], ...LABELS[locale] }
  let chris: Visitor
  let olga: Visitor
  let id: string

  beforeEach(async () => {
    nth += 1
    id = `salaris-${nth}`
    const given = {
      client_id: id,
      client_name: `Salaris ${nth}`,
      redirect_uris: ['https://salaris.example.org/callback'],
      protected: true,
    }
    await app.core.admin.clients.add(given, { actor: 'root', via: 'command-line' })
    await app.followClients()
    chris = await atWork(await colleague(app, 'client-admin'))
    olga = await atWork(await colleague(app, 'owner'))
  })
  afterEach(async () => {
    await chris.close()
    await olga.close()
  })

  async function atWork(who: Someone): Promise<Visitor> {
    const one = await open(browser, locale, options)
    const { page } = one
    await enterAs(one, locale, who, `${app.origin}/admin`)
    await page.waitForURL(`${app.origin}/admin`)
    return one
  }

  const button = ({ page }: Visitor, name: string) => page.getByRole('button', { name, exact: true })

  test('an address and a secret: proposed, read, approved', async () => {
    await chris.page.goto(`${app.origin}/admin/applications/${id}/change`)
    await chris.page
      .getByLabel(words.redirects)
      .fill('https://salaris.example.org/callback\nhttps://new.example.org/cb')
    await button(chris, words.look).click()
    await chris.sound(`${slug}-approvals-1-waits`)
    await button(chris, words.propose).click()
    await button(chris, words.withdraw).waitFor()
    await chris.sound(`${slug}-approvals-2-own`)
    await chris.page.goto(`${app.origin}/admin/applications/${id}`)
    await chris.sound(`${slug}-approvals-3-application`)
    await chris.page.getByRole('link', { name: words.waits }).click()

    await olga.page.goto(`${app.origin}/admin`)
    await olga.page.getByRole('link', { name: words.approvals }).click()
    await olga.sound(`${slug}-approvals-4-list`)
    await olga.page.getByRole('link', { name: `Salaris ${nth}` }).click()
    expect(await olga.page.textContent('main')).toContain('https://new.example.org/cb')
    await olga.sound(`${slug}-approvals-5-one`)
    // By the keyboard alone.
    await button(olga, words.approve).focus()
    await olga.page.keyboard.press('Enter')
    await olga.page.locator('.state', { hasText: words.approved }).waitFor()
    await olga.sound(`${slug}-approvals-6-approved`)
    expect((await app.core.store.durable.clients.find(id))?.definition.redirect_uris).toHaveLength(2)

    await chris.page.goto(`${app.origin}/admin/applications/${id}/secrets`)
    await button(chris, words.another).click()
    await button(chris, words.withdraw).waitFor()
    await olga.page.goto(chris.page.url())
    await button(olga, words.approve).click()
    expect(await olga.page.locator('.ticket code').textContent()).toMatch(/^[0-9A-Za-z]{43}$/)
    await olga.sound(`${slug}-approvals-7-secret`)
  })
})
