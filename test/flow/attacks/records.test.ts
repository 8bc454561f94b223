/** what people type at the settings, at the help desk and at a terminal stays within one record, one line and one page. */
import { expect, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests } from '../../support/app/clock.ts'
import { commandLine, installation, prepared } from '../../support/app/process.ts'
import { link, open, settled } from '../../support/app/settings.ts'
import { asked } from '../../support/people/asked-people.ts'
import { atHelp } from '../../support/people/desk.ts'
import { colleague, send, visit } from '../../support/people/help-desk.ts'
import { Person } from '../../support/people/person.ts'
import { PASSWORD, press, text } from '../../support/people/second-factor.ts'
import { nextCode, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

/** Line ends, what ends a JSON string, what a terminal obeys, a format, markup, and text that runs backwards. */
const HOSTILE = 'x\r\n{"level":"error","msg":"forged"}\u001b[31m\u009b1m"},{"%s%n<script>alert(1)</script>\u202eecila'
/** As a header, which has no line ends. */
const AGENT = 'Mozilla/5.0 "},{"msg":"forged"} %s%n\t<script>alert(1)</script> Firefox/140.0'

clockOfAllTests()

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))
const hanna = forAllTests(() => colleague(app, 'help-desk', 'owner'))
const sanne = forAllTests(() => settled(app, () => Date.now()))

/** Whoever typed it sees it again, as text. */
function expectEscaped({ browser }: Someone): void {
  expect(browser.page.status).toBeLessThan(500)
  expect(browser.page.html).not.toMatch(/<script>alert|"\},\{"/)
}

/** What somebody else typed is one line, and runs in the direction of the page. */
function expectPlain(who: Someone): void {
  expectEscaped(who)
  expect(who.browser.page.html).not.toMatch(/(?!\n)\p{Cc}|\u202e/u)
}

const forms: Array<[path: string, fields: Record<string, string>]> = [
  ['/account/email', { address: HOSTILE }],
  ['/account/email', { address: `a@sigma.example${HOSTILE}` }],
  ['/account/notice-address', { address: HOSTILE }],
  ['/account/language', { locale: HOSTILE }],
  ['/account/phone', { number: HOSTILE, country: HOSTILE, step: HOSTILE }],
  ['/account/password', { current: HOSTILE, password: HOSTILE, repeat: HOSTILE }],
]

test.each(forms)('Q-01 typed at %s (%j)', async (path, fields) => {
  await open(app, sanne, path)
  await sanne.browser.submit(fields)
  expectEscaped(sanne)
})

test('Q-01 as the name of an app, of a person, of an employer: refused', async () => {
  await open(app, sanne, '/account')
  await open(app, sanne, link(sanne.browser, /\/rename$/))
  await sanne.browser.submit({ label: HOSTILE.slice(0, 39) })
  expect(sanne.browser.page.status).toBe(400)
  const fine = { email: 'nina@sigma.example', name: 'Nina Nieuw', organization: 'Bakkerij', locale: 'en' }
  for (const field of ['email', 'name', 'organization']) {
    await visit(app, hanna, '/admin/people/invite')
    await send(hanna, { ...fine, [field]: HOSTILE.slice(0, 79) })
    expect([field, hanna.browser.page.status]).toEqual([field, 400])
    expectEscaped(hanna)
  }
  expect(await asked(app.core.store.durable.people).searchAccounts('nina', 10)).toEqual([])
})

test('Q-01 looked for at the help desk, in every field and address', async () => {
  const typed = encodeURIComponent(HOSTILE)
  for (const path of [
    `/people?q=${typed}`,
    `/people/${typed}`,
    `/people/${typed}/delete`,
    `/cases?number=${typed}`,
    `/cases/${typed}`,
    `/audit?person=${typed}`,
    `/audit?actor=${typed}&kind=${typed}&since=${typed}&reference=${typed}`,
    `/audit?application=${typed}&organization=${typed}`,
    `/audit/export?application=${typed}&organization=${typed}`,
    `/deliveries?state=${typed}&after=${typed}`,
    `/deliveries/${typed}`,
    `/${typed}`,
  ]) {
    await visit(app, hanna, `/admin${path}`)
    expectEscaped(hanna)
  }
})

test('Q-01 as the way to be reached and as the note of a case: one line, as text', async () => {
  const browser = await atHelp(app, sanne.email)
  await press(browser, 'request', { contact: HOSTILE })
  const [filed] = await app.core.recovery.listOpen()
  expect(filed?.contact).not.toMatch(/\p{Cc}|\u202e/u)
  await visit(app, hanna, `/admin/cases/${filed?.number}`)
  expectPlain(hanna)
  expect(text(hanna.browser.page)).toContain('&lt;script&gt;')
  await send(hanna, { step: 'decline', check: 'video', note: HOSTILE })
  expectPlain(hanna)
  expect((await app.core.recovery.find(filed?.number ?? ''))?.note).not.toMatch(/\p{Cc}|\u202e/u)
  await visit(app, hanna, `/admin/cases/${filed?.number}`)
  expectPlain(hanna)
})

test('Q-01 as the name of a browser that is remembered', async () => {
  const other = new Person({ headers: { 'user-agent': AGENT } })
  await other.visit(`${app.portalOrigin}/login`)
  await other.submit({ email: sanne.email, password: PASSWORD })
  await press(other, 'verify', { code: nextCode(sanne), remember: 'yes' })
  await open(app, sanne, '/account')
  expectPlain(sanne)
  await open(app, sanne, link(sanne.browser, /\/forget$/))
  expectPlain(sanne)
  await sanne.browser.submit()
  const mails = await app.inbox()
  for (const { subject = '', html = '' } of mails) {
    expect(subject).not.toMatch(/\p{Cc}/u)
    expect(html).not.toContain('<script>alert')
  }
})

test('Q-01 after all of that every line of the log is one record, the trail is whole, and neither has what was typed', async () => {
  expect(app.logged.length).toBeGreaterThan(50)
  for (const line of app.logged) {
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(line).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' })
  }
  const trail = await app.core.store.durable.listAudit({ limit: 10_000 })
  for (const place of [app.logged.join(''), JSON.stringify(trail)]) expect(place).not.toMatch(/forged|alert\(1\)/)
  expect(await app.core.store.durable.verifyAudit()).toBeUndefined()
})

test('Q-01 at a terminal: what was typed comes back without what it would obey, and in one line', async () => {
  const where = await prepared(await installation())
  for (const args of [
    ['person:find', '--text', HOSTILE],
    ['case:show', '--number', HOSTILE],
    ['audit:list', '--person', HOSTILE],
    ['person:invite', '--email', HOSTILE, '--name', HOSTILE],
  ]) {
    const { out, err } = await commandLine(where, ...args)
    expect(out + err).not.toMatch(/(?!\n)\p{Cc}|\u202e/u)
    expect(`${out}${err}`.split('\n').filter((line) => line.startsWith('{"level"'))).toEqual([])
  }
}, 120_000)
