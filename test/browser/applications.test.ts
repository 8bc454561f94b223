/** J9 in a browser: an administrator connects a second application, changes it, and takes care of its secrets and versions. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DAY } from '../../src/lib/time.ts'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor } from '../support/browser/chromium.ts'
import { enterAs } from '../support/browser/desk-visitor.ts'
import { open, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { colleague } from '../support/people/help-desk.ts'
import { forAllTests } from '../support/runner/made.ts'

const LABELS = {
  en: {
    applications: 'Applications',
    connect: 'Connect an application',
    web: 'Web application',
    name: 'What do people call it?',
    address: 'Where do people come back to after signing in?',
    next: 'Next',
    id: 'Client id',
    make: 'Make this application',
    on: 'Go to the application',
    change: 'Change',
    redirects: 'Redirect addresses',
    everyone: 'A second step, from everyone',
    look: 'Show what changes',
    save: 'Save',
    again: 'Edit again',
    first: 'Somebody else was first.',
    secrets: 'Secrets',
    another: 'Make a new secret',
    remove: 'Remove',
    versions: 'Versions',
    one: 'Version 1',
    yaml: 'As YAML',
    definition: 'Definition',
    pasted: 'Definition (YAML or JSON)',
    delete: 'Delete',
    typeId: 'Type the client id',
    text: 'Name, id or address',
    show: 'Show',
    disabled: 'The application is disabled.',
    disable: 'Disable',
    portal: 'Sigma Portal',
  },
  nl: {
    applications: 'Applicaties',
    connect: 'Applicatie aansluiten',
    web: 'Webapplicatie',
    name: 'Hoe noemen personen de applicatie?',
    address: 'Waar komen personen na het inloggen terug?',
    next: 'Volgende',
    id: 'Client-id',
    make: 'Deze applicatie maken',
    on: 'Naar de applicatie',
    change: 'Wijzigen',
    redirects: 'Redirect-adressen',
    everyone: 'Een tweede stap, van iedereen',
    look: 'Toon wat er verandert',
    save: 'Opslaan',
    again: 'Verder bewerken',
    first: 'Iemand anders was eerder.',
    secrets: 'Geheimen',
    another: 'Nieuw geheim maken',
    remove: 'Verwijderen',
    versions: 'Versies',
    one: 'Versie 1',
    yaml: 'Als YAML',
    definition: 'Definitie',
    pasted: 'Definitie (YAML of JSON)',
    delete: 'Verwijderen',
    typeId: 'Typ de client-id',
    text: 'Naam, id of adres',
    show: 'Tonen',
    disabled: 'De applicatie is uitgeschakeld.',
    disable: 'Uitschakelen',
    portal: 'Sigma Portal',
  },
}

let nth = 0

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = { ...WORDS[locale], ...LABELS[locale] }
  let admin: Visitor
  let id: string

  beforeEach(async () => {
    nth += 1
    id = `rooster-${nth}`
    const who = await colleague(app, 'client-admin')
    admin = await open(browser, locale, options)
    const { page } = admin
    await enterAs(admin, locale, who, `${app.origin}/admin`)
    await page.waitForURL(`${app.origin}/admin`)
  })
  afterEach(() => admin.close())

  const link = (name: string) => admin.page.getByRole('link', { name, exact: true })
  const button = (name: string) => admin.page.getByRole('button', { name, exact: true })
  const picture = (name: string) => admin.sound(`${slug}-apps-${name}`)

  async function connected(): Promise<void> {
    const given = {
      client_id: id,
      client_name: `Rooster ${nth}`,
      redirect_uris: ['https://rooster.example.org/callback'],
      post_logout_redirect_uris: ['https://rooster.example.org/'],
    }
    const added = await app.core.admin.clients.add(given, { actor: 'root', via: 'command-line' })
    expect(added.ok).toBe(true)
    await app.followClients()
  }

  test('connects one, from the first page to the secret', async () => {
    const { page } = admin
    await picture('01-home')
    await link(words.applications).first().click()
    await picture('02-list')
    await link(words.connect).click()
    await picture('03-new')
    await page.getByRole('radio', { name: words.web }).check()
    await page.getByLabel(words.name).fill(`Rooster ${nth}`)
    await page.getByLabel(words.address).fill('http://rooster.example.org/callback')
    await button(words.next).click()
    await page.locator('#address-error').waitFor()
    await picture('04-new-wrong')
    await page.getByLabel(words.address).fill('https://rooster.example.org/callback')
    await button(words.next).click()
    await button(words.make).waitFor()
    expect(await page.getByLabel(words.id).inputValue()).toBe(id)
    await picture('05-whole')
    await button(words.make).click()
    await page.locator('#secret').waitFor()
    const secret = await page.locator('#secret').textContent()
    await picture('06-made')
    await page.reload()
    expect(await page.content()).not.toContain(secret)
    await picture('07-reloaded')
    expect((await app.core.store.durable.clients.find(id))?.secrets).toHaveLength(1)
    await link(words.on).click()
    await picture('08-show')
    await page.getByRole('navigation').getByRole('link', { name: words.yaml }).click()
    expect(await page.getByLabel(words.definition).inputValue()).toContain(`- client_id: ${id}`)
    await picture('09-yaml')
  })

  test('changes one, over what a colleague changed meanwhile', async () => {
    await connected()
    const { page } = admin
    await page.goto(`${app.origin}/admin/applications/${id}/change`)
    await picture('10-change')
    await page.getByLabel(words.redirects).fill('https://rooster.example.org/callback\nhttps://*.example.org/b')
    await page.getByRole('radio', { name: words.everyone }).check()
    await button(words.look).click()
    await page.locator('#redirect_uris-error').waitFor()
    await picture('11-change-wrong')
    await page.getByLabel(words.redirects).fill('https://rooster.example.org/terug\nhttps://rooster.example.org/b')
    await button(words.look).click()
    await button(words.save).waitFor()
    await picture('12-changes')
    const meanwhile = { fields: { client_name: `Rooster van Noord ${nth}` } }
    await app.core.admin.clients.change(id, meanwhile, { actor: 'root', via: 'command-line' })
    await button(words.save).click()
    await page.getByText(words.first).waitFor()
    await picture('13-meanwhile')
    await button(words.again).click()
    expect(await page.getByLabel(words.redirects).inputValue()).toContain('/terug')
    await button(words.look).click()
    await button(words.save).click()
    await page.getByRole('status').first().waitFor()
    await picture('14-saved')
    await page.getByRole('navigation').getByRole('link', { name: words.versions }).click()
    await picture('15-versions')
    await link(words.one).click()
    await picture('16-version')
    await page.goto(`${app.origin}/admin/applications/${id}/change?as=yaml`)
    await page.getByLabel(words.pasted).fill(`client_id: ${id}\nclient_id: other\nredirect_uri: x\n`)
    await button(words.look).click()
    await page.getByRole('alert').waitFor()
    await picture('17-text-wrong')
  })

  test('secrets, disabling, deleting', async () => {
    await connected()
    const { page } = admin
    await app.core.store.durable.clients.change(id, (draft) => {
      for (const one of draft.secrets) one.lastUsedAt = Date.now() - 3 * DAY
    })
    await page.goto(`${app.origin}/admin/applications/${id}/secrets`)
    await picture('20-secrets')
    await button(words.another).click()
    await page.locator('#secret').waitFor()
    await picture('21-secret')
    await page.goto(`${app.origin}/admin/applications/${id}/secrets`)
    await picture('22-two')
    await page.getByRole('link', { name: words.remove }).last().click()
    await picture('23-remove')
    await page.goto(`${app.origin}/admin/applications/${id}/disable`)
    await picture('24-disable')
    await button(words.disable).click()
    await page.getByText(words.disabled).waitFor()
    await picture('25-disabled')
    await page.goto(`${app.origin}/admin/applications/${id}/delete`)
    await page.getByLabel(words.typeId).fill('another')
    await button(words.delete).click()
    await page.locator('#id-error').waitFor()
    await picture('26-delete')
    await page.getByLabel(words.typeId).fill(id)
    await button(words.delete).click()
    await page.waitForURL(`${app.origin}/admin/applications`)
    await page.getByLabel(words.text).fill('portal')
    await button(words.show).click()
    await link(words.portal).click()
    await picture('27-file')
  })

  test('by the keyboard alone', async () => {
    const { page } = admin
    /** Goes on with the tab key until the focus is there, as somebody without a mouse does. */
    async function reach(selector: string): Promise<void> {
      // The page that has it may be on its way.
      await page.locator(selector).first().waitFor()
      for (let steps = 0; steps < 80; steps += 1) {
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`the tab key does not lead to ${selector}`)
    }
    await reach('nav a[href="/admin/applications"]')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/admin/applications')
    await reach('a[href="/admin/applications/new"]')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/new')
    await reach('[name="kind"]')
    await page.keyboard.press('Space')
    await reach('#name')
    await page.keyboard.type(`Rooster ${nth}`)
    await reach('#address')
    await page.keyboard.type('https://rooster.example.org/callback')
    await page.keyboard.press('Enter')
    await reach('[value="make"]')
    await page.keyboard.press('Enter')
    await page.locator('#secret').waitFor()
    await reach(`a[href="/admin/applications/${id}"]`)
    await page.keyboard.press('Enter')
    await reach(`a[href="/admin/applications/${id}/change"]`)
    await page.keyboard.press('Enter')
    await reach('#client_uri')
    await page.keyboard.type('https://rooster.example.org')
    await reach('[value="look"]')
    await page.keyboard.press('Enter')
    await reach('[value="save"]')
    await page.keyboard.press('Enter')
    await page.getByRole('status').first().waitFor()
    const record = await app.core.store.durable.clients.find(id)
    expect(record?.definition.client_uri).toBe('https://rooster.example.org')
  })
})
