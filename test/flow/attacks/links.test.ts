/** One-time links (SECURITY G): when they open nothing, what uses them up, and where their tokens may never stand. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfEachTest, pass } from '../../support/app/clock.ts'
import { activate, disable, likeness, PASSWORD, signedIn, signIn } from '../../support/attack/attack.ts'
import { asked } from '../../support/people/asked-people.ts'
import { type Page, Person } from '../../support/people/person.ts'
import { forAllTests } from '../../support/runner/made.ts'

const OTHER = 'heel andere woorden gekozen'
let email: string
let number = 0

const app = forAllTests(startApp)
clockOfEachTest()
beforeEach(() => {
  number += 1
  email = `person${number}@sigma.example`
})

async function invite(address = email): Promise<string> {
  await app.core.links.invite({ email: address, name: 'Sanne de Vries', locale: 'en' })
  return app.linkFor(address)
}

async function recovery(address = email): Promise<string> {
  pass(1)
  await app.core.links.request(address, { ip: '192.0.2.1', correlation: 'TEST' })
  return app.linkFor(address)
}

/** Opens the link and tries to set a password with it. */
async function use(link: string, password = OTHER): Promise<Page> {
  const person = new Person()
  await person.visit(link)
  const [form] = person.forms()
  return person.submit({ ...(form?.fields.link && { password, repeat: password }) })
}

async function opens(link: string): Promise<boolean> {
  const page = await new Person().visit(link)
  expect([200, 410]).toContain(page.status)
  return page.status === 200
}

test('G-04: a link is used up by setting a password, once', async () => {
  const link = await invite()
  expect(await opens(link)).toBe(true)
  await use(link, PASSWORD)
  expect(await opens(link)).toBe(false)
  await use(link, OTHER)
  expect(signedIn(app, await signIn(app, email, OTHER))).toBe(false)
  expect(signedIn(app, await signIn(app, email, PASSWORD))).toBe(true)
})

test('G-04: an activation link lives seven days, a recovery link an hour', async () => {
  const activation = await invite()
  pass(7 * 24 * HOUR - 1)
  expect(await opens(activation)).toBe(true)
  pass(1)
  expect(await opens(activation)).toBe(false)
  const other = `other-${email}`
  await activate(app, other)
  const recover = await recovery(other)
  pass(60 * MINUTE - 1)
  expect(await opens(recover)).toBe(true)
  pass(1)
  expect(await opens(recover)).toBe(false)
})

test('G-04: a newer link kills the older one, and an older page with it', async () => {
  await activate(app, email)
  const older = await recovery()
  const page = new Person()
  await page.visit(older)
  const newer = await recovery()
  expect(newer).not.toBe(older)
  await page.submit({ password: OTHER, repeat: OTHER })
  expect(page.page.status).toBe(410)
  expect(await opens(older)).toBe(false)
  expect(await opens(newer)).toBe(true)
})

test('a link of one purpose opens nothing at the other page', async () => {
  const link = await invite()
  expect(await opens(link.replace('/activate/', '/recover/'))).toBe(false)
  const person = new Person()
  await person.visit(link)
  const moved = person.cookies.find(({ name }) => name === 'sigma-activate')
  person.cookies.push({
    ...moved,
    name: 'sigma-recover',
    path: '/',
    value: moved?.value ?? '',
    host: 'localhost',
  })
  const [form] = person.forms()
  await person.post(`${app.origin}/recover/set`, { ...form?.fields, password: OTHER, repeat: OTHER })
  expect(person.page.status).toBe(410)
  expect(signedIn(app, await signIn(app, email, OTHER))).toBe(false)
})

test('G-04: every dead link has one page', async () => {
  await activate(app, email)
  const used = await recovery()
  await use(used)
  const superseded = await recovery()
  const expired = await recovery()
  pass(61 * MINUTE)
  const gone = `gone-${email}`
  await activate(app, gone)
  const disabled = await recovery(gone)
  disable(app, gone)
  const pages: unknown[] = []
  for (const link of [used, superseded, expired, disabled]) pages.push(likeness(await new Person().visit(link)))
  expect(pages[0]).toMatchObject({ status: 410 })
  for (const page of pages) expect(page).toEqual(pages[0])
  expect(JSON.stringify(pages)).not.toContain(email)
  expect((await use(disabled, OTHER)).html).not.toContain(gone)
  expect(signedIn(app, await signIn(app, gone))).toBe(false)
})

test('E-10: without the link nothing is activated, whatever the cookie says', async () => {
  await invite()
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  for (const guess of [undefined, '', email, account?.id ?? '', 'undefined', 'A'.repeat(43)]) {
    const person = new Person()
    // Its token is this browser's, so that the form is refused for the link alone.
    await person.visit(`${app.origin}/recover`)
    if (guess !== undefined)
      person.cookies.push({ name: 'sigma-activate', value: guess, host: 'localhost', path: '/activate' })
    const [form] = person.forms()
    for (const link of ['', 'undefined', 'AAAAAAAAAAAAAAAA'])
      await person.post(`${app.origin}/activate/set`, { ...form?.fields, link, email, password: OTHER, repeat: OTHER })
    expect(person.page.status).toBe(guess ? 410 : 403)
  }
  expect((await asked(app.core.store.durable.people).findAccountByEmail(email))?.status).toBe('invited')
})

test('REC-02: a scanner that opens the link, all that it links to, and presses every button, uses nothing up', async () => {
  const link = await invite()
  const robot = new Person()
  for (let round = 0; round < 2; round += 1) {
    await robot.request('HEAD', link)
    await robot.visit(link)
    const { html } = robot.page
    for (const [, address = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g))
      if (address.startsWith('/')) await robot.visit(`${app.origin}${address.replaceAll('&amp;', '&')}`)
    const pressed: Array<Record<string, string>> = [
      {},
      { password: '', repeat: '' },
      { password: ' ', repeat: ' ' },
      { password: 'test', repeat: 'test' },
    ]
    for (const fields of pressed) {
      await robot.visit(link)
      await robot.submit(fields)
      expect(robot.page.status).toBe(400)
    }
  }
  expect((await use(link, PASSWORD)).url).toContain('/interaction/')
})

test('two links open in one browser: each form sets the password of its own account or of none', async () => {
  const first = await invite()
  const second = await invite(`second-${email}`)
  const browser = new Person()
  await browser.visit(first)
  const [formOfFirst] = browser.forms()
  await browser.visit(second)
  await browser.post(`${app.origin}/activate/set`, { ...formOfFirst?.fields, password: OTHER, repeat: OTHER })
  expect(browser.page.html).toContain(`second-${email}`)
  for (const address of [email, `second-${email}`])
    expect((await asked(app.core.store.durable.people).findAccountByEmail(address))?.status).toBe('invited')
  expect(await opens(first)).toBe(true)
})

test('G-08: after a reset everything that was signed in before has ended, and nobody is signed in', async () => {
  await activate(app, email)
  const before = await signIn(app, email)
  expect(before.page.html).toContain('Sanne de Vries')
  const person = new Person()
  await person.visit(await recovery())
  await person.submit({ password: OTHER, repeat: OTHER })
  expect(person.page.html).toContain('Your password has been changed')
  expect(person.page.url).toContain('/interaction/')
  await app.drain()
  // The application was told, not only the next sign-in refused.
  expect((await before.visit(`${app.portalOrigin}/`)).html).not.toContain('Sanne de Vries')
  await before.visit(`${app.portalOrigin}/login`)
  expect(before.page.url).toContain('/interaction/')
  const mails = (await app.inbox()).filter(({ to }) => to === email)
  expect(mails[0]?.subject).toContain('has been changed')
})

test('G-06: a token stands in no address after the first, no page, log, audit record or file', async () => {
  const logged = app.logged.length
  const links = [await invite()]
  await use(links[0] ?? '', PASSWORD)
  links.push(await recovery())
  const person = new Person()
  for (const link of links) {
    person.trail = []
    await person.visit(link)
    await person.submit({ password: OTHER, repeat: OTHER })
    const token = link.slice(link.lastIndexOf('/') + 1)
    const [opened, ...after] = person.trail
    expect(opened?.url).toContain(token)
    expect(opened?.headers.get('referrer-policy')).toBe('no-referrer')
    expect(opened?.headers.get('cache-control')).toBe('no-store')
    expect(opened?.headers.get('location')).not.toContain(token)
    for (const { url, headers } of after) expect(url + headers.get('location')).not.toContain(token)
    expect(person.page.html).not.toContain(token)
    expect(app.logged.slice(logged).join('')).not.toContain(token)
    expect(JSON.stringify(await app.core.store.durable.listAudit({ limit: 1000 }))).not.toContain(token)
    const files = readdirSync(app.folder).map((name) => join(app.folder, name))
    for (const file of files.filter((path) => statSync(path).isFile()))
      expect(readFileSync(file).includes(token), file).toBe(false)
  }
})
