/** The doctor of an application in a browser: what is wrong, its button, and trying it; both languages, both screens. */
import { beforeAll, describe, expect, test } from 'vitest'
import { clockOfAllTests } from '../support/app/clock.ts'
import { launchChromium, type Visitor, visitor } from '../support/browser/chromium.ts'
import { VARIANTS } from '../support/browser/variants.ts'
import { faulty } from '../support/oidc/faulty-application.ts'
import { relyingParty, world } from '../support/oidc/relying-party.ts'
import { colleague, visit } from '../support/people/help-desk.ts'
import { Person } from '../support/people/person.ts'
import type { Someone } from '../support/people/step-up.ts'
import { forAllTests } from '../support/runner/made.ts'

const LABELS = {
  en: { doctor: 'Doctor', mend: 'Mend it…', save: 'Save', act: 'Try it now', tried: /The doctor acted as it/ },
  nl: {
    doctor: 'Dokter',
    mend: 'Herstellen…',
    save: 'Opslaan',
    act: 'Nu proberen',
    tried: /De dokter trad op als haar/,
  },
}

clockOfAllTests()
const here = forAllTests(world)
const browser = forAllTests(launchChromium)
let chris: Someone
let sanne: Person

beforeAll(async () => {
  chris = await colleague(here.app, 'client-admin')
  sanne = new Person()
  await (await relyingParty(here, 'house')).signIn(sanne)
})

/** With the cookies of somebody who has just come in. */
async function asChris(options: Parameters<typeof visitor>[1], language: string): Promise<Visitor> {
  await visit(here.app, chris, '/admin')
  const someone = await visitor(browser, { ...options, locale: language === 'nl' ? 'nl-NL' : 'en-GB' })
  const cookies = chris.browser.cookies.filter(({ host }) => host === 'localhost')
  await someone.context.addCookies(cookies.map(({ name, value, host, path }) => ({ name, value, domain: host, path })))
  return someone
}

describe.each(VARIANTS)('%s', (slug, language, options) => {
  const words = LABELS[language]

  test('a fault is read, mended by its button and by keyboard alone, and the application is tried', async () => {
    const app = await faulty(here, `seen_${slug.replaceAll('-', '_')}`, { post_logout_redirect_uris: [] })
    await app.ask(sanne, { redirect_uri: `${app.callback}/` })
    await app.redeem(await app.ask(sanne), { client_id: app.id, client_secret: app.secret() }, {})
    for (let times = 0; times < 3; times += 1)
      await app.ask(new Person(), { redirect_uri: `https://evil.example/${times}` })
    const someone = await asChris(options, language)
    const { page } = someone
    await page.goto(`${here.app.origin}/admin/applications/${app.id}`)
    await page.getByRole('link', { name: words.doctor }).click()
    await page.getByRole('heading', { level: 2 }).first().waitFor()
    await someone.sound(`doctor-${slug}`)
    const mend = page.getByRole('button', { name: words.mend }).last()
    await mend.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: words.save }).waitFor()
    await someone.sound(`doctor-diff-${slug}`)
    await page.getByRole('button', { name: words.save }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`${here.app.origin}/admin/applications/${app.id}`)
    await page.goto(`${here.app.origin}/admin/applications/${app.id}/doctor`)
    await page.getByRole('button', { name: words.act }).focus()
    await page.keyboard.press('Enter')
    await page.getByText(words.tried).waitFor()
    await someone.sound(`doctor-tried-${slug}`)
    expect((await here.app.core.store.durable.clients.find(app.id))?.version).toBe(2)
    await someone.close()
  })
})
