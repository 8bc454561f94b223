/**
 * J8 as the seeds tell it: people come over with the two-step verification that they had, their organization has a date, and
 * by then they have another. On a phone, in both languages.
 */
import { hash as bcrypt } from '@node-rs/bcrypt'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { DAY, SECOND } from '../../src/lib/time.ts'
import { newSecret } from '../../src/mfa/app-code.ts'
import { keyOf } from '../../src/person/kind.ts'
import { clockOfAllTests, pass } from '../support/app/clock.ts'
import { launchChromium, PHONE, type Visitor } from '../support/browser/chromium.ts'
import { keyOnPage, open, signIn, startCampaign, WORDS } from '../support/browser/two-step-visitor.ts'
import type { Variant } from '../support/browser/variants.ts'
import { bringIn, fileOf } from '../support/people/imports.ts'
import { organizationId } from '../support/people/organizations.ts'
import { apart, codeOf, PASSWORD } from '../support/people/second-factor.ts'
import { forAllTests } from '../support/runner/made.ts'

const ON_PHONE = { viewport: PHONE, isMobile: true, hasTouch: true }
const VARIANTS: Variant[] = [
  ['en-phone', 'en', ON_PHONE],
  ['nl-phone-dark', 'nl', { ...ON_PHONE, colorScheme: 'dark' }],
]
const LABELS = {
  en: {
    any: 'Code from the app',
    digits: '8-digit code',
    contact: 'How can we reach you?',
    ask: 'Ask for help',
    wrong: 'not right',
    lost: 'Your old phone no longer counts.',
  },
  nl: {
    any: 'Code uit de app',
    digits: '8-cijferige code',
    contact: 'Hoe kunnen we je bereiken?',
    ask: 'Hulp vragen',
    wrong: 'klopt niet',
    lost: 'Je oude telefoon telt niet meer mee.',
  },
}
/** As the old system made them. */
const WAY = { algorithm: 'SHA256', digits: 8, period: 60 } as const
const TOOK = 61 * SECOND

/** A test that is run again begins with others. */
let people = 0

clockOfAllTests()

const app = forAllTests(startCampaign)
const browser = forAllTests(launchChromium)

describe.each(VARIANTS)('%s', (slug, locale, options) => {
  const words = WORDS[locale]
  let email: string
  let oldKey: string
  const entry = (address: string) => `Nmbrs (${address})`
  const visitors: Visitor[] = []

  afterEach(async () => {
    for (const one of visitors.splice(0)) await one.close()
  })

  /** In front of whatever follows on the password. */
  async function signedIn(address: string): Promise<Visitor> {
    const one = await open(browser, locale, options)
    visitors.push(one)
    await signIn(one.page, app, locale, address)
    return one
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

  async function at({ page, sound }: Visitor, heading: string, picture?: string): Promise<string> {
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor()
    if (picture) await sound(`${slug}-switch-${picture}`)
    return ((await page.textContent('main')) ?? '').replaceAll('\u00a0', ' ')
  }

  async function answer({ page }: Visitor, label: string, code: string, press: string): Promise<void> {
    await page.getByLabel(label, { exact: true }).fill(code)
    await button(page, press).click()
  }

  async function oldCode(visitor: Visitor, label: string): Promise<void> {
    pass(TOOK)
    await answer(visitor, label, codeOf(oldKey, Date.now(), WAY), words.verify)
  }

  async function backupSaved(visitor: Visitor): Promise<void> {
    await at(visitor, words.save)
    await visitor.page.getByLabel(words.saved).check()
    await button(visitor.page, words.next).click()
  }

  /** From **Enable** to the portal, with the app that has the key on the page. */
  async function setUp(visitor: Visitor, pictures?: true): Promise<string> {
    const { page } = visitor
    await button(page, words.enable).click()
    await page.getByRole('button', { name: words.other }).click()
    await at(visitor, words.set)
    await page.getByText(words.manually).click()
    const key = await keyOnPage(page)
    await button(page, words.next).click()
    await page.getByLabel(words.digits, { exact: true }).waitFor()
    if (pictures) {
      expect(await page.textContent('main')).toContain(entry(email))
      await visitor.sound(`${slug}-switch-4-code`)
    }
    do pass(TOOK)
    while (!apart(key, oldKey, Date.now()))
    await answer(visitor, words.digits, codeOf(key, Date.now()), words.next)
    await button(page, words.skip).click()
    await backupSaved(visitor)
    const done = await at(visitor, words.on, pictures && '5-on')
    if (pictures) expect(done).toContain(entry(email))
    await button(page, words.proceed).click()
    await atPortal(visitor)
    return key
  }

  async function atPortal({ page }: Visitor): Promise<void> {
    await page.waitForURL(`${app.portalOrigin}/`)
    expect(await page.textContent('main')).toContain('urn:sigma:acr:mfa')
  }

  const ledger = async (address: string) =>
    (await app.core.store.durable.people.findBy(keyOf.external('oud', address)))?.record.account?.imported

  /** Each with the password and the app that they had in the old system; returns the key of the first. */
  async function bring(organization: string, ...addresses: string[]): Promise<string> {
    const people = addresses.map((address) => ({ address, secret: newSecret() }))
    const password = await bcrypt(PASSWORD, 4)
    const lines = people.map(({ address, secret }) => ({
      ...{ external_id: address, email: address, name: 'Sanne de Vries', organization, password },
      totp: [{ secret, encoding: 'base32', ...WAY, label: entry(address) }],
    }))
    const file = fileOf(app.folder, 'people.jsonl', lines)
    expect(await bringIn(app.core, { file })).toMatchObject({ written: addresses.length })
    return people[0]?.secret ?? ''
  }

  test('old factor, later, deadline, switch, old code dead; and the help desk for whoever has lost it', async () => {
    people += 1
    email = `sanne-${people}@sigma.example`
    const other = `joost-${people}@sigma.example`
    const campaign = { start: Date.now() - DAY, deadline: Date.now() + 14 * DAY }
    const bakery = `Bakkerij ${slug} ${people}`
    await organizationId(app, bakery, { campaign })
    oldKey = await bring(bakery, email, other)

    const before = await signedIn(email)
    expect(await at(before, words.challenge, '1-old')).toContain(entry(email))
    // What the old system declared is not yet known to be so.
    await oldCode(before, LABELS[locale].any)
    const offered = await at(before, words.offer, '2-offer')
    expect(offered).toContain(entry(email))
    expect(offered).toContain(
      new Intl.DateTimeFormat(locale === 'nl' ? 'nl-NL' : 'en-GB', {
        dateStyle: 'long',
        timeZone: 'Europe/Amsterdam',
      }).format(campaign.deadline),
    )
    await button(before.page, words.later).click()
    // Nobody has two-step verification and no backup code.
    await backupSaved(before)
    await atPortal(before)
    expect(await ledger(email)).toMatchObject({
      passwordProvenAt: expect.any(Number),
      codeProvenAt: expect.any(Number),
    })

    pass(15 * DAY)
    const after = await signedIn(email)
    await at(after, words.challenge)
    await oldCode(after, LABELS[locale].digits)
    expect(await at(after, words.offer, '3-due')).toContain(entry(email))
    expect(await button(after.page, words.later).count()).toBe(0)
    const key = await setUp(after, true)
    expect(await ledger(email)).toMatchObject({ switchedAt: expect.any(Number) })

    const again = await signedIn(email)
    pass(TOOK)
    await answer(again, words.digits, codeOf(oldKey, Date.now(), WAY).slice(2), words.verify)
    await again.page.getByText(LABELS[locale].wrong).first().waitFor()
    do pass(TOOK)
    while (!apart(key, oldKey, Date.now()))
    await answer(again, words.digits, codeOf(key, Date.now()), words.verify)
    await atPortal(again)

    const lost = await signedIn(other)
    await lost.page.getByRole('link', { name: words.another }).click()
    await lost.page.locator('a.choice').filter({ hasText: words.none }).click()
    await lost.page.getByLabel(LABELS[locale].contact).fill('06 1234 5678')
    await button(lost.page, LABELS[locale].ask).click()
    const number = ((await lost.page.locator('.ticket dd').textContent()) ?? '').replaceAll(' ', '')
    const source = { ip: '192.0.2.1', correlation: 'c' }
    const decided = await app.core.recovery.decide({
      ...{ number, to: 'issued', check: 'call-back', note: '', actor: 'helen', source },
    })
    if (!decided.ok || !decided.code) throw new Error('no temporary code')
    const helped = await signedIn(other)
    await answer(helped, words.temporaryCode, decided.code, words.verify)
    expect(await at(helped, words.offer)).toContain(LABELS[locale].lost)
    await setUp(helped)
    expect(await ledger(other)).toMatchObject({ fellBackAt: expect.any(Number) })
  }, 120_000)
})
