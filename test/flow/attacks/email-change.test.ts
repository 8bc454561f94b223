/** G-11: another e-mail address for somebody’s account, by whoever has a part of what it takes; and the way back. */
import { describe, expect, test } from 'vitest'
import type { OutboxMessage } from '../../../src/delivery/outbox.ts'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { at, elsewhere, mailedCode, open, send, settled } from '../../support/app/settings.ts'
import { likeness } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { standing } from '../../support/people/desk.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press, text } from '../../support/people/second-factor.ts'
import { addApp, beginMove, changeEmail, confirmApp, renewBackupCode } from '../../support/people/settings-changes.ts'
import { due, nextCode, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

let count = 0

clockOfAllTests()

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))

const someone = () => settled(app, () => Date.now())

function newAddress(): string {
  count += 1
  return `thief${count}@sigma.example`
}

async function begin(who: Someone, address = newAddress()): Promise<string> {
  await open(app, who, '/account/email')
  await who.browser.submit({ address })
  expect(at(who.browser)).toBe('/account/email/code')
  return address
}

/** Whose account has this address. */
async function holderOf(email: string): Promise<string | undefined> {
  return (await asked(app.core.store.durable.people).findAccountByEmail(email))?.id
}

async function mailsTo(address: string): Promise<OutboxMessage[]> {
  return (await app.inbox()).filter(({ channel, to }) => channel === 'email' && to === address)
}

async function undoLink(address: string): Promise<string> {
  const found = (await mailsTo(address)).map(({ text = '' }) => /https?:\S+\/undo\/\S+/.exec(text)?.[0]).find(Boolean)
  if (!found) throw new Error(`no link to undo in the mails to ${address}`)
  return found
}

async function opens(link: string): Promise<boolean> {
  const { status } = await new Person().visit(link)
  expect([200, 410]).toContain(status)
  return status === 200
}

async function undo(link: string): Promise<Person> {
  const reader = new Person()
  await reader.visit(link)
  await reader.submit({ sure: 'yes' })
  return reader
}

describe('G-11 the code that was mailed to the new address', () => {
  test('without a session, or with the password alone, it changes nothing', async () => {
    const who = await someone()
    const address = await begin(who)
    const code = await mailedCode(app, address)
    const form = who.browser.forms()[0]?.fields ?? {}
    const stranger = new Person()
    await stranger.visit(`${app.portalOrigin}/login`)
    const { csrf = '' } = stranger.forms()[0]?.fields ?? {}
    await stranger.post(`${app.origin}/account/email/code`, { ...form, csrf, code })
    expect(due(stranger)).toBe('password')
    await stranger.submit({ email: who.email, password: PASSWORD })
    expect(due(stranger)).toBe('code')
    await stranger.post(`${app.origin}/account/email/code`, { ...form, csrf, code })
    expect(due(stranger)).toBe('code')
    expect(await holderOf(address)).toBeUndefined()
  })

  test('with a second factor of eleven minutes ago it changes nothing before a new one', async () => {
    const who = await someone()
    pass(9 * MINUTE)
    const address = await begin(who)
    const code = await mailedCode(app, address)
    pass(2 * MINUTE)
    await press(who.browser, 'code', { code })
    expect(due(who.browser)).toBe('code')
    expect(await holderOf(address)).toBeUndefined()
    await press(who.browser, 'verify', { code: nextCode(who) })
    expect(at(who.browser)).toBe('/account/email/code')
    await press(who.browser, 'code', { code })
    expect(await holderOf(address)).toBeDefined()
  })

  test('in another session of the same person it is no code', async () => {
    const who = await someone()
    const address = await begin(who)
    const code = await mailedCode(app, address)
    const other = elsewhere(who)
    await open(app, other, '/account/email/code')
    expect(other.browser.page.html).not.toContain(address)
    await other.browser.post(`${app.origin}/account/email/code`, { ...other.browser.forms()[0]?.fields, code })
    expect(await holderOf(address)).toBeUndefined()
  })

  test('of somebody else’s change, also to the same address, is wrong and counted; so is that of an address before', async () => {
    const [sanne, piet] = [await someone(), await someone()]
    const shared = await begin(sanne)
    const ofSanne = await mailedCode(app, shared)
    await begin(piet, shared)
    await press(piet.browser, 'code', { code: ofSanne })
    expect([piet.browser.page.status, await holderOf(shared)]).toEqual([400, undefined])
    pass(MINUTE)
    const next = await begin(sanne)
    await press(sanne.browser, 'code', { code: ofSanne })
    expect([sanne.browser.page.status, await holderOf(shared), await holderOf(next)]).toEqual([
      400,
      undefined,
      undefined,
    ])
    const id = (await holderOf(piet.email)) ?? ''
    expect(await app.core.store.durable.count(`address-code/${id}`)).toBe(1)
  })

  test('is never mailed to an address that has an account: its owner is told, and the page says the same', async () => {
    const [sanne, piet] = [await someone(), await someone()]
    const free = await begin(sanne, `${'x'.repeat(piet.email.length - 14)}@sigma.example`)
    const shown = likeness(sanne.browser.page, free)
    pass(MINUTE)
    await begin(sanne, piet.email)
    expect(likeness(sanne.browser.page, piet.email)).toEqual(shown)
    const [newest] = await mailsTo(piet.email)
    expect(newest?.subject).toBe('Your address was entered at Sigma ID')
    expect(newest?.text).not.toMatch(/\d{4} ?\d{4}/)
    for (const code of ['00000000', '12345678', '']) await press(sanne.browser, 'code', { code })
    expect(await holderOf(piet.email)).not.toBe(await holderOf(sanne.email))
  })
})

describe('G-11 the way back', () => {
  test('the address of before is told with the link, the other addresses without; each hears of it', async () => {
    const who = await someone()
    const [before, second] = [who.email, `second-${who.email}`]
    await send(app, who, '/account/notice-address', { address: second })
    await press(who.browser, 'code', { code: await mailedCode(app, second) })
    await changeEmail(app, who)
    const told = await Promise.all([before, second, who.email].map(async (address) => (await mailsTo(address))[0]))
    expect(told.map((mail) => mail?.subject)).toEqual(Array(3).fill('The e-mail address of your account was changed'))
    expect(told.map((mail) => /\/undo\//.test(mail?.text ?? ''))).toEqual([true, false, false])
    expect(JSON.stringify(told.slice(1))).not.toContain('/undo/')
  })

  test('is open for seven days, and used up by one use; a robot that presses its buttons does not use it', async () => {
    const who = await someone()
    const before = who.email
    const id = await holderOf(before)
    await changeEmail(app, who)
    const link = await undoLink(before)
    pass(7 * DAY - MINUTE)
    const kept = standing(app)
    const robot = new Person()
    for (let round = 0; round < 2; round += 1) {
      await robot.request('HEAD', link)
      await robot.visit(link)
      for (const [, address = ''] of robot.page.html.matchAll(/(?:href|src)="(\/[^"]*)"/g))
        await robot.visit(app.origin + address.replaceAll('&amp;', '&'))
      await robot.visit(link)
      await robot.submit()
      expect(robot.page.status).toBe(400)
    }
    expect(standing(app)).toEqual(kept)

    const late = new Person()
    await late.visit(link)
    expect(at(await undo(link))).toBe('/undo/done')
    expect([await holderOf(before), await holderOf(who.email)]).toEqual([id, undefined])
    await late.submit({ sure: 'yes' })
    expect([late.page.status, await opens(link)]).toEqual([410, false])
  })

  test('is closed after seven days', async () => {
    const who = await someone()
    const before = who.email
    await changeEmail(app, who)
    const link = await undoLink(before)
    const open = new Person()
    await open.visit(link)
    pass(7 * DAY)
    await open.submit({ sure: 'yes' })
    expect([open.page.status, await opens(link), await holderOf(before)]).toEqual([410, false, undefined])
  })

  test('from the first of two changes gives the first address back and closes the way to the second', async () => {
    const who = await someone()
    const first = who.email
    await changeEmail(app, who)
    const second = who.email
    pass(MINUTE)
    await changeEmail(app, who)
    const [toFirst, toSecond] = [await undoLink(first), await undoLink(second)]
    expect(at(await undo(toFirst))).toBe('/undo/done')
    expect([await holderOf(first), await holderOf(second), await holderOf(who.email)]).toEqual([
      expect.any(String),
      undefined,
      undefined,
    ])
    expect(await opens(toSecond)).toBe(false)
  })

  test('puts nobody out of an address that somebody else has by now', async () => {
    const who = await someone()
    const before = who.email
    await changeEmail(app, who)
    const link = await undoLink(before)
    await app.core.links.invite({ email: before, name: 'Nina Nieuw', locale: 'en' })
    const nina = await holderOf(before)
    expect(await opens(link)).toBe(false)
    expect(await holderOf(before)).toBe(nina)
  })

  describe('leaves a thief no second factor', () => {
    const NEW_PASSWORD = 'zeven andere woorden achter elkaar'

    /** The thief, in a browser of their own, has moved the address; the link that the owner got. */
    async function stolen(owner: Someone): Promise<{ thief: Someone; link: string }> {
      const thief = elsewhere(owner)
      pass(MINUTE)
      await open(app, thief, '/account')
      await changeEmail(app, thief)
      return { thief, link: await undoLink(owner.email) }
    }

    /** Whoever reads the owner's mail sets a new password, and signs in with it. */
    async function signInAnew(email: string): Promise<Person> {
      const browser = new Person()
      await browser.visit(await app.linkFor(email))
      await browser.submit({ password: NEW_PASSWORD, repeat: NEW_PASSWORD })
      await browser.visit(`${app.portalOrigin}/login`)
      await browser.submit({ email, password: NEW_PASSWORD })
      return browser
    }

    test('that was added: the owner’s own still opens, the thief’s does not', async () => {
      const owner = await someone()
      const { thief, link } = await stolen(owner)
      await addApp(app, thief)
      await undo(link)
      pass(MINUTE)
      const browser = await signInAnew(owner.email)
      expect(due(browser)).toBe('code')
      await press(browser, 'verify', { code: nextCode(thief, owner.enrolled?.key) })
      expect([browser.page.status, due(browser)]).toEqual([400, 'code'])
      await press(browser, 'verify', { code: nextCode(owner, thief.enrolled?.key) })
      expect(browser.page.url).toBe(`${app.portalOrigin}/`)
      const restored = (await mailsTo(owner.email)).find(({ text = '' }) => text.includes('Removed: '))
      expect(restored?.text).toMatch(/Removed: Authenticator app .*set up on/)
      expect(restored?.text).toMatch(/Still set up: .*Backup code/)
    })

    test('that took the place of the owner’s: nobody gets in by mail alone, and the help desk is asked', async () => {
      const owner = await someone()
      const { thief, link } = await stolen(owner)
      await beginMove(app, thief)
      await confirmApp(app, thief)
      await renewBackupCode(app, thief)
      await undo(link)
      pass(MINUTE)
      const browser = await signInAnew(owner.email)
      for (const [way, code] of [
        ['totp', nextCode(thief)],
        ['backup', thief.enrolled?.backupCode ?? ''],
      ] as const) {
        await browser.visit(`/interaction/${/interaction.([^/]+)/.exec(browser.page.url)?.[1]}/challenge/${way}`)
        expect([way, text(browser.page).includes('Temporary access code')]).toEqual([way, true])
        await press(browser, 'verify', { code })
        expect([way, browser.page.status]).toEqual([way, 400])
      }
      const restored = (await mailsTo(owner.email)).find(({ text = '' }) => text.includes('Removed: '))
      expect(restored?.text).toContain('Still set up: no method')
    })
  })

  test('leaves a thief nothing: not the password, not an address for notices, not a link; the second factor is still asked', async () => {
    const who = await someone()
    const before = who.email
    await changeEmail(app, who)
    await send(app, who, '/account/notice-address', { address: `spy-${before}` })
    await press(who.browser, 'code', { code: await mailedCode(app, `spy-${before}`) })
    pass(61 * MINUTE)
    await undo(await undoLink(before))
    const account = await asked(app.core.store.durable.people).findAccountByEmail(before)
    expect([account?.noticeEmail, account?.previousEmail, account?.passwordHash]).toEqual(Array(3).fill(undefined))
    const thief = new Person()
    await thief.visit(`${app.portalOrigin}/login`)
    await thief.submit({ email: before, password: PASSWORD })
    expect(due(thief)).toBe('password')
    const owner = new Person()
    await owner.visit(await app.linkFor(before))
    await owner.submit({ password: 'zeven andere woorden achter elkaar', repeat: 'zeven andere woorden achter elkaar' })
    await owner.visit(`${app.portalOrigin}/login`)
    await owner.submit({ email: before, password: 'zeven andere woorden achter elkaar' })
    expect(due(owner)).toBe('code')
    expect(text(owner.page)).not.toContain('spy-')
  })
})
