/** How old a proof may be for a change in the settings (SECURITY SES-05), on every form that there is. */
import { beforeAll, describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, open, send, settled } from '../../support/app/settings.ts'
import { everything, kept, openPage, PAGES, TYPED } from '../../support/people/settings-forms.ts'
import { due, obligeAll, type Someone, somebody } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(startApp)

test('SES-05 the overview takes any code; a form one of ten minutes, and not a second more', async () => {
  const who = await settled(app, () => Date.now())
  pass(10 * MINUTE)
  expect(await open(app, who, '/account/password')).toEqual([])
  pass(SECOND)
  expect(await open(app, who, '/account')).toEqual([])
  expect(await open(app, who, '/account/password')).toEqual(['code'])
  expect(at(who.browser)).toBe('/account/password')
})

test('SES-05 of somebody without a second factor it is the password', async () => {
  const who = await somebody(app)
  await open(app, who, '/account')
  pass(10 * MINUTE)
  expect(await open(app, who, '/account/language')).toEqual([])
  pass(SECOND)
  expect(await open(app, who, '/account')).toEqual([])
  await who.browser.visit(`${app.origin}/account/language`)
  expect(due(who.browser)).toBe('password')
  await obligeAll(who)
  pass(11 * MINUTE)
  await who.browser.submit({ locale: 'nl' })
  expect(due(who.browser)).toBe('password')
  expect(await obligeAll(who)).toEqual(['password'])
  expect(at(who.browser)).toBe('/account/language')
  await send(app, who, '/account/language', { locale: 'nl' })
  expect(who.browser.page.html).toContain('lang="nl"')
})

test('SES-05 somebody who cancels the code is back where changes begin, and still signed in', async () => {
  const who = await settled(app, () => Date.now())
  pass(11 * MINUTE)
  await who.browser.visit(`${app.origin}/account/password`)
  expect(due(who.browser)).toBe('code')
  await who.browser.submit({ action: 'cancel' })
  expect(at(who.browser)).toBe('/account')
  expect(who.browser.page.html).toContain(who.email)
})

describe('E-02 with a code of eleven minutes ago', () => {
  let who: Someone
  let others: Someone[]
  beforeAll(async () => {
    ;({ who, others } = await everything(app))
  })

  test.each(PAGES)('%s changes nothing, asks for the code, and is there again', async (page) => {
    for (const { browser } of others) await browser.visit(`${app.portalOrigin}/login`)
    const path = await openPage(app, who, page)
    const before = await kept(app, who)
    pass(11 * MINUTE)
    await who.browser.submit(TYPED)
    expect(due(who.browser)).toBe('code')
    expect(await obligeAll(who)).toEqual(['code'])
    expect(at(who.browser)).toBe(path)
    expect(who.browser.page.html).toContain('name="for"')
    expect(await kept(app, who)).toEqual(before)
  })
})

test('with a fresh one each of these forms does what its button says', async () => {
  const { who } = await everything(app)
  for (const page of PAGES) {
    await openPage(app, who, page)
    const before = JSON.stringify(await kept(app, who))
    await who.browser.submit(TYPED)
    const began = at(who.browser) === '/account/apps/scan'
    expect(began || JSON.stringify(await kept(app, who)) !== before, page).toBe(true)
  }
})
