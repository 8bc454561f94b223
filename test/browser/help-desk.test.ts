/** J7 in two browsers: somebody who is locked out, and the representative who lets them back in; and what an owner sees. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { enterAs } from '../support/browser/desk-visitor.ts'
import { equipped, open, signIn, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { cancelLink, colleague } from '../support/people/help-desk.ts'
import type { Someone } from '../support/people/step-up.ts'
import { forAllTests } from '../support/runner/made.ts'

/** The labels of the journey. */
const LABELS = {
  en: {
    contact: 'How can we reach you?',
    ask: 'Ask for help',
    number: 'Case number',
    openCase: 'Open case',
    check: 'Called back on a number that we had already',
    note: 'Note',
    issue: 'Issue a temporary access code',
    closed: 'This case is closed',
    cancel: 'Cancel this request',
    find: 'Find a person',
    search: 'Search',
    everywhere: 'Sign out everywhere',
    invite: 'Invite a person',
    issued: 'Temporary access code issued',
    what: 'What',
    from: 'From',
    show: 'Show',
    exported: 'Export',
    csv: 'CSV, for a spreadsheet',
    download: 'Download',
  },
  nl: {
    contact: 'Hoe kunnen we je bereiken?',
    ask: 'Hulp vragen',
    number: 'Aanvraagnummer',
    openCase: 'Aanvraag openen',
    check: 'Teruggebeld op een nummer dat we al hadden',
    note: 'Notitie',
    issue: 'Tijdelijke toegangscode geven',
    closed: 'Deze aanvraag is gesloten',
    cancel: 'Deze aanvraag annuleren',
    find: 'Iemand zoeken',
    search: 'Zoeken',
    everywhere: 'Overal uitloggen',
    invite: 'Iemand uitnodigen',
    issued: 'Tijdelijke toegangscode gegeven',
    what: 'Wat',
    from: 'Vanaf',
    show: 'Tonen',
    exported: 'Exporteren',
    csv: 'CSV, voor een spreadsheet',
    download: 'Downloaden',
  },
}
/** A test that is run again begins with somebody else. */
let people = 0

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = { ...WORDS[locale], ...LABELS[locale] }
  let email: string
  let visitors: Visitor[]

  beforeEach(() => {
    visitors = []
  })
  afterEach(async () => {
    for (const one of visitors) await one.close()
  })

  async function someone(): Promise<Visitor> {
    const one = await open(browser, locale, options)
    visitors.push(one)
    return one
  }

  /** In front of administration, with the password and a code. */
  async function atDesk(who: Someone, path: string): Promise<Visitor> {
    const one = await someone()
    await enterAs(one, locale, who, app.origin + path)
    await one.page.waitForURL(`${app.origin}${path}`)
    return one
  }

  test('the locked-out person and the representative', async () => {
    people += 1
    email = `locked-out-${people}@sigma.example`
    await equipped(app, email, `06 1234561${VARIANTS.findIndex(([name]) => name === slug)}`)
    const representative = await colleague(app, 'help-desk')
    const sanne = await someone()
    await signIn(sanne.page, app, locale, email)
    await sanne.page.getByRole('link', { name: words.another }).click()
    await sanne.page.locator('a.choice').filter({ hasText: words.none }).click()
    await sanne.sound(`${slug}-help-1-ask`)
    await sanne.page.getByLabel(words.contact).fill('06 1234 5678')
    await sanne.page.getByRole('button', { name: words.ask }).click()
    const shown = sanne.page.locator('.ticket dd')
    await shown.waitFor()
    await sanne.sound(`${slug}-help-2-number`)
    const number = (await shown.textContent()) ?? ''
    expect(number).toMatch(/^\d{4} \d{4}$/)

    const reader = await someone()
    await reader.page.goto(await cancelLink(app, email))
    expect(await reader.page.getByRole('button', { name: words.cancel }).count()).toBe(1)
    await reader.sound(`${slug}-help-3-cancel`)

    const desk = await atDesk(representative, '/admin')
    await desk.sound(`${slug}-desk-1-home`)
    await desk.page.getByLabel(words.number, { exact: true }).fill(number)
    await desk.page.getByRole('button', { name: words.openCase }).click()
    await desk.page.getByRole('button', { name: words.issue }).waitFor()
    expect(await desk.page.textContent('main')).toContain(email)
    await desk.sound(`${slug}-desk-2-case`)
    // Without a word on the check the browser itself holds the form back.
    await desk.page.getByRole('button', { name: words.issue }).click()
    await desk.page.getByLabel(words.check).check()
    await desk.page.getByLabel(words.note).fill('Knew the name of her manager')
    await desk.page.getByRole('button', { name: words.issue }).click()
    const code = (await desk.page.locator('.ticket code').textContent()) ?? ''
    await desk.sound(`${slug}-desk-3-code`)
    await desk.page.reload()
    expect(await desk.page.textContent('main')).toContain(words.closed)
    expect(await desk.page.content()).not.toContain(code)
    await desk.sound(`${slug}-desk-4-reloaded`)

    await signIn(sanne.page, app, locale, email)
    // Nothing else is left to be asked for.
    await sanne.page.getByLabel(words.temporaryCode).fill(code.toLowerCase())
    await sanne.page.getByRole('button', { name: words.verify }).click()
    await sanne.page
      .getByRole('heading', { name: words.choose })
      .or(sanne.page.getByText(words.enable))
      .first()
      .waitFor()
    await sanne.sound(`${slug}-help-4-anew`)

    await reader.page.reload()
    await reader.sound(`${slug}-help-5-nothing-to-cancel`)
    expect(await reader.page.getByRole('button').count()).toBe(0)
  })

  test('what an owner sees: people, what can be done to one, the trail', async () => {
    const owner = await atDesk(await colleague(app, 'owner'), '/admin/people')
    const { page } = owner
    await page.getByLabel(words.find).fill(email)
    await page.getByRole('button', { name: words.search }).click()
    await page.getByRole('link', { name: 'Sanne de Vries' }).waitFor()
    await owner.sound(`${slug}-desk-5-people`)
    await page.getByRole('link', { name: 'Sanne de Vries' }).click()
    await owner.sound(`${slug}-desk-6-person`)
    const person = page.url()
    await page.goto(`${person}/sign-out`)
    await owner.sound(`${slug}-desk-7-sign-out`)
    await page.getByRole('button', { name: words.everywhere }).click()
    await page.getByRole('status').waitFor()
    expect(page.url()).toBe(person)
    await page.goto(`${person}/delete`)
    await owner.sound(`${slug}-desk-8-delete`)
    await page.goto(`${app.origin}/admin/people`)
    await page.getByRole('link', { name: words.invite }).click()
    await owner.sound(`${slug}-desk-9-invite`)
    await page.goto(`${app.origin}/admin/audit?person=${encodeURIComponent(email)}`)
    expect(await page.textContent('main')).toContain(words.issued)
    await owner.sound(`${slug}-desk-10-audit`)
    await page.getByLabel(words.what, { exact: true }).selectOption('recovery.issued')
    if (slug.includes('phone')) await page.locator('.filters summary').click()
    await page.getByLabel(words.from, { exact: true }).fill('2020-01-01')
    await page.getByRole('button', { name: words.show, exact: true }).click()
    await page.waitForURL(/kind=recovery\.issued/)
    expect(await page.getByRole('row').count()).toBe(2)
    await owner.sound(`${slug}-desk-11-narrowed`)
    await page.getByRole('link', { name: words.exported }).click()
    await owner.sound(`${slug}-desk-12-export`)
    const download = page.waitForEvent('download')
    await page.getByLabel(words.csv).check()
    await page.getByRole('button', { name: words.download }).click()
    expect((await download).suggestedFilename()).toBe('sigma-id-audit.csv')
    await page.goto(`${app.origin}/admin/audit?person=nobody`)
    await owner.sound(`${slug}-desk-13-nobody`)
  })

  test('what an owner sees: deliveries and keys', async () => {
    const { store, wrap, now } = app.core
    const holder = await colleague(app, 'owner')
    const mail = wrap('email', { to: email, subject: 'x', text: 'x', html: 'x' }, holder.id)
    await store.durable.enqueue([mail])
    for (const { id, attempt } of await store.durable.claim(now(), now() + 60 * SECOND, 100))
      await store.durable.postpone(id, attempt, now() + 600 * SECOND, 'smtp-451')
    const owner = await atDesk(await colleague(app, 'owner'), '/admin/deliveries')
    const { page } = owner
    await owner.sound(`${slug}-desk-14-deliveries`)
    await page.locator('tbody a').first().click()
    await owner.sound(`${slug}-desk-15-delivery`)
    await page.goto(`${app.origin}/admin/deliveries?state=failed`)
    await owner.sound(`${slug}-desk-16-given-up`)
    await page.goto(`${app.origin}/admin/keys`)
    await owner.sound(`${slug}-desk-17-keys`)
    await page.goto(`${app.origin}/admin/keys/rotate`)
    await page.locator('main form button').click()
    await page.getByRole('checkbox').waitFor()
    await owner.sound(`${slug}-desk-18-rotate`)
  })
})
