/**
 * C-07: guessing in the security settings, by somebody at a browser that was left open. The password of now, codes that
 * were mailed or sent, codes of an app that is being set up: each is counted, and no other tab, session or code resets it.
 */
import { expect, test } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, mailedCode, open, settled, told } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { standing } from '../../support/people/desk.ts'
import { Person } from '../../support/people/person.ts'
import { codeOf, keyOn, PASSWORD, press, text, wrongCode } from '../../support/people/second-factor.ts'
import { international, smsCode, tries } from '../../support/people/second-factor-attack.ts'
import { NEXT_PASSWORD } from '../../support/people/settings-changes.ts'
import { due, nextCode, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

clockOfAllTests()

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))

const someone = () => settled(app, () => Date.now())
const count = (key: string) => app.core.store.durable.count(key)

async function idOf({ email }: Someone): Promise<string> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(email))?.id ?? ''
}

async function engaged(who: Someone): Promise<unknown[]> {
  const records = await app.core.admin.trail.listAudit({ subject: await idOf(who), limit: 500 })
  return records.filter(({ type }) => type === 'throttle.engaged').map(({ details }) => details?.door)
}

/**
 * Sends guesses until `looked` of them were looked at, waiting as long as each refusal says; the waits in seconds. The
 * thief has the phone for a moment too, so that the second factor stays fresh.
 */
async function guess(
  who: Someone,
  path: string,
  looked: number,
  fields: () => Record<string, string>,
): Promise<number[]> {
  const waits: number[] = []
  for (let done = 0; done < looked; ) {
    if (at(who.browser) !== path || due(who.browser)) await open(app, who, path)
    await who.browser.submit(fields())
    if (due(who.browser)) continue
    const { status, headers } = who.browser.page
    expect([400, 429]).toContain(status)
    if (status === 400) done += 1
    else {
      waits.push(Number(headers.get('retry-after')))
      pass(Number(headers.get('retry-after')) * SECOND)
    }
  }
  return waits
}

const change = (current: string) => ({ current, password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })

test('C-07 at the password of now: five tries, waits that grow, and the end at twenty; a new password by mail opens it again', async () => {
  const who = await someone()
  const lane = `password/settings/${await idOf(who)}`
  const waits = await guess(who, '/account/password', 20, () => change('not the password at all'))
  expect(waits.slice(0, 7)).toEqual([30, 60, 120, 240, 480, 960, 1920])
  expect(new Set(waits.slice(7))).toEqual(new Set([3600]))
  expect(await count(lane)).toBe(20)
  pass(DAY)
  // Opening the settings is a sign-in.
  const accounts = () => standing(app).account?.map(({ lastSignInAt: _signedIn, ...account }) => account)
  const before = accounts()
  for (const browser of [who.browser, new Person()]) {
    await open(app, elsewhere(who, browser), '/account/password')
    await browser.submit(change(PASSWORD))
    expect(text(browser.page)).toContain('this password no longer works')
  }
  expect(accounts()).toEqual(before)
  expect(await engaged(who)).toContain('password-settings')

  const owner = new Person()
  await owner.visit(`${app.origin}/recover`)
  await owner.submit({ email: who.email })
  await owner.visit(await app.linkFor(who.email))
  await owner.submit({ password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })
  expect(await count(lane)).toBe(0)
})

test('C-07 in another session at the same time: one count, and the right password has to wait as well', async () => {
  const who = await someone()
  const other = elsewhere(who)
  await open(app, other, '/account/password')
  for (const { browser } of [who, other, who, other, who]) {
    await browser.visit(`${app.origin}/account/password`)
    await browser.submit(change('not the password at all'))
    expect(browser.page.status).toBe(400)
  }
  for (const { browser } of [who, other]) {
    await browser.visit(`${app.origin}/account/password`)
    await browser.submit(change(PASSWORD))
    expect(browser.page.status).toBe(429)
  }
  pass(30 * SECOND)
  await other.browser.submit(change(PASSWORD))
  expect(told(other.browser)).toMatch(/password/i)
  expect(await count(`password/settings/${await idOf(who)}`)).toBe(0)
})

test('C-07 twenty guesses at once are five that are looked at', async () => {
  const who = await someone()
  await open(app, who, '/account/password')
  const tabs = Array.from({ length: 20 }, () => who.browser.copy())
  const answers = await Promise.all(tabs.map((tab) => tab.submit(change('not the password at all'))))
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(5)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
})

test.each(['email', 'notice-address'])(
  'C-07 at the code for another address (%s): new codes, addresses and sessions reset nothing',
  async (kind) => {
    const who = await someone()
    const path = `/account/${kind}`
    const lane = `address-code/${await idOf(who)}`
    for (let round = 0; round < 5; round += 1) {
      pass(30 * SECOND)
      const one = round % 2 ? elsewhere(who) : who
      await open(app, one, path)
      await one.browser.submit({ address: `guess${round}-${who.email}` })
      const right = await mailedCode(app, `guess${round}-${who.email}`)
      await press(one.browser, 'code', { code: right === '00000000' ? '00000001' : '00000000' })
      expect([round, one.browser.page.status, await count(lane)]).toEqual([round, 400, round + 1])
    }
    pass(MINUTE)
    await open(app, who, path)
    await who.browser.submit({ address: `last-${who.email}` })
    expect(who.browser.page.status).toBe(429)
    expect(await engaged(who)).toContain('address-code')
  },
)

test('C-07 at the code of a new app: ten tries, and to begin again gives no more', async () => {
  const who = await someone()
  const lane = `new-app/${await idOf(who)}`
  await open(app, who, '/account/apps/new')
  await who.browser.submit()
  const key = keyOn(who.browser.page)
  await press(who.browser, 'scanned')
  for (let tried = 0; tried < 10; tried += 1) {
    await press(who.browser, 'code', { code: wrongCode(key, Date.now()) })
    expect(who.browser.page.status).toBe(400)
  }
  await press(who.browser, 'code', { code: codeOf(key, Date.now()) })
  expect([who.browser.page.status, await count(lane)]).toEqual([429, 10])
  // To begin again gives another key, and not another ten tries.
  await press(who.browser, 'code', { action: 'cancel' })
  await open(app, who, '/account/apps/new')
  await who.browser.submit()
  const next = keyOn(who.browser.page)
  await press(who.browser, 'scanned')
  await press(who.browser, 'code', { code: wrongCode(next, Date.now()) })
  expect(who.browser.page.status).toBe(429)
  pass(30 * SECOND)
  await press(who.browser, 'code', { code: wrongCode(next, Date.now()) })
  expect([who.browser.page.status, await count(lane)]).toEqual([400, 11])
  expect(await engaged(who)).not.toEqual([])
})

test('C-07 at the code for another phone number: five tries, and neither a new message nor a new number gives five more', async () => {
  const who = await someone()
  const statuses: number[][] = []
  for (let round = 0; round < 3; round += 1) {
    pass(MINUTE)
    const number = `06 1111 000${round}`
    await open(app, who, '/account/phone')
    await press(who.browser, 'send', { number, country: 'NL' })
    const right = await smsCode(app, international(number))
    const row: number[] = []
    for (let tried = 0; tried < 3; tried += 1) {
      await press(who.browser, 'code', { code: right === '000000' ? '000001' : '000000' })
      row.push(who.browser.page.status)
    }
    statuses.push(row)
  }
  expect(statuses).toEqual([
    [400, 400, 400],
    [400, 400, 429],
    [400, 429, 429],
  ])
  expect(await count(`enrollment-sms/${await idOf(who)}`)).toBe(6)
  expect(await engaged(who)).not.toEqual([])
})

test('C-07 at the code that a change asks for: counted with the codes of every other door', async () => {
  const who = await someone()
  const id = await idOf(who)
  pass(11 * MINUTE)
  await who.browser.visit(`${app.origin}/account/apps/new`)
  const code = wrongCode(who.enrolled?.key ?? '', Date.now())
  for (let tried = 0; tried < 5; tried += 1) await press(who.browser, 'verify', { code })
  expect(await tries(app, 'totp', id)).toBe(5)
  const portal = new Person()
  await portal.visit(`${app.portalOrigin}/login`)
  await portal.submit({ email: who.email, password: PASSWORD })
  await press(portal, 'verify', { code: nextCode(who) })
  // Half a minute has passed by then.
  expect(portal.page.url).toBe(`${app.portalOrigin}/`)
  expect(await tries(app, 'totp', id)).toBe(0)
})
