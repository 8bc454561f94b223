/** secrets are sent through the settings, recovery and the help desk, and then looked for wherever something is written. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/lib/time.ts'
import { startApp } from '../../support/app/app.ts'
import { clockOfAllTests, pass } from '../../support/app/clock.ts'
import { link, mailedCode, open, settled } from '../../support/app/settings.ts'
import { atHelp, issueCode, ownMetrics, readable } from '../../support/people/desk.ts'
import { askForHelp, cancelLink, colleague, send, sitting, visit } from '../../support/people/help-desk.ts'
import { type Page, Person } from '../../support/people/person.ts'
import { backupCodeOn, codeOf, enroll, keyOn, PASSWORD, press, wrongCode } from '../../support/people/second-factor.ts'
import { international, smsCode } from '../../support/people/second-factor-attack.ts'
import { nextCode, type Someone } from '../../support/people/step-up.ts'
import { forAllTests } from '../../support/runner/made.ts'

const NEW_PASSWORD = 'kanarie zingt zachtjes vannacht'
const WRONG_PASSWORD = 'kanarie verkeerd getypt wachtwoord'
const NUMBER = '06 1357 2468'
const CONTACT = 'kanarie in de keuken, na achten'
const NOTE = 'kanarie herkend aan haar stem'

/** Keeps every page that it was shown. */
class Watcher extends Person {
  pages: Page[] = []
  override async visit(url: string): Promise<Page> {
    return this.#seen(await super.visit(url))
  }
  override async submit(fields?: Record<string, string>, which?: number): Promise<Page> {
    return this.#seen(await super.submit(fields, which))
  }
  #seen(page: Page): Page {
    this.pages.push(page)
    return page
  }
}

const watchers: Watcher[] = []
/** By kind; the pages that may show one of a kind are below. */
const secrets: Array<{ kind: string; secret: string }> = []

clockOfAllTests()

const app = forAllTests(() => startApp({ settings: { throttle: { perAddress: 1e6, perNetwork: 1e6 } } }))
beforeAll(async () => {
  await everyFlow()
})

function keep(kind: string, secret: string): string {
  if (!secret) throw new Error(`no ${kind}`)
  secrets.push({ kind, secret })
  return secret
}

function watcher(): Watcher {
  const made = new Watcher()
  watchers.push(made)
  return made
}

function at(path: string, who: Someone): Promise<unknown> {
  return open(app, who, path)
}

async function everyFlow(): Promise<void> {
  for (const password of [PASSWORD, NEW_PASSWORD, WRONG_PASSWORD]) keep('password', password)
  for (const spelled of [NUMBER, international(NUMBER), NUMBER.replaceAll(' ', '')]) keep('number', spelled)
  keep('contact', CONTACT)
  keep('note', NOTE)
  const base = await settled(app, () => Date.now())
  const who: Someone = { ...base, browser: watcher() }
  keep('key', base.enrolled?.key ?? '')
  keep('backup', base.enrolled?.backupCode ?? '')
  await apps(who)
  await addresses(who)
  await at('/account/backup-code', who)
  await who.browser.submit()
  keep('backup', backupCodeOn(who.browser.page))
  await at('/account/password', who)
  for (const current of [WRONG_PASSWORD, ''])
    await who.browser.submit({ current, password: NEW_PASSWORD, repeat: WRONG_PASSWORD })
  await who.browser.submit({ current: WRONG_PASSWORD, password: NEW_PASSWORD, repeat: NEW_PASSWORD })
  await at('/account/data', who)
  await who.browser.submit()
  await recovery(who)
  // The token of a link that is open in a browser is one of those already.
  const cookies = watchers
    .flatMap(({ cookies }) => cookies)
    .filter(({ name }) => !/\.sig$|-undo$|-recovery$/.test(name))
  for (const { value } of cookies) if (value.length > 20) keep('cookie', value)
}

/** One app abandoned, one wrong and then right, one moved; a number, wrong, again, right. */
async function apps(who: Someone): Promise<void> {
  const { browser } = who
  for (const path of ['/account/apps/new', 'move']) {
    await at('/account', who)
    await at(path === 'move' ? link(browser, /\/move$/) : path, who)
    await browser.submit()
    const key = keep('key', keyOn(browser.page))
    await press(browser, 'scanned')
    await press(browser, 'code', { code: wrongCode(key, Date.now()) })
    pass(MINUTE)
    await press(browser, 'code', { code: codeOf(key, Date.now()) })
    if (who.enrolled) who.enrolled.key = key
  }
  await at('/account/apps/new', who)
  await browser.submit()
  keep('key', keyOn(browser.page))
  await press(browser, 'scanned')
  await browser.submit({ action: 'cancel' })
  await at('/account/phone', who)
  await press(browser, 'send', { number: NUMBER, country: 'NL' })
  keep('sms', await smsCode(app, international(NUMBER)))
  pass(MINUTE)
  await press(browser, 'resend')
  const code = keep('sms', await smsCode(app, international(NUMBER)))
  await press(browser, 'code', { code: `${code}1` })
  await press(browser, 'code', { code })
}

/** A second address, another address to sign in with, and the way back that is not gone. */
async function addresses(who: Someone): Promise<void> {
  for (const path of ['/account/notice-address', '/account/email']) {
    const address = `kanarie-${path.length}@sigma.example`
    await at(path, who)
    await who.browser.submit({ address })
    const code = keep('mailed', await mailedCode(app, address))
    await press(who.browser, 'code', { code: `${code}1` })
    await press(who.browser, 'code', { code })
    if (path === '/account/email') who.email = address
  }
  const undo = (await app.inbox()).map(({ text = '' }) => /https?:\S+\/undo\/(\S+)/.exec(text)).find(Boolean)
  const reader = watcher()
  await reader.visit(undo?.[0] ?? '')
  await reader.submit()
  keep('token', undo?.[1] ?? '')
}

/** A case that is canceled, one that is declined, one with a code, which is typed wrong and right. */
async function recovery(who: Someone): Promise<void> {
  const hanna = { ...(await colleague(app, 'help-desk')), browser: watcher() }
  await askForHelp(await atHelp(app, who.email), CONTACT)
  const cancel = await cancelLink(app, who.email)
  keep('token', cancel.slice(cancel.lastIndexOf('/') + 1))
  const reader = watcher()
  await reader.visit(cancel)
  await reader.submit({ sure: 'yes' })
  const number = await askForHelp(await atHelp(app, who.email), CONTACT)
  await visit(app, hanna, `/admin/cases/${number}`)
  await send(hanna, { step: 'decline', check: 'video', note: NOTE })
  await visit(app, hanna, `/admin/cases/${number}`)
  // The address was changed a moment ago (SECURITY P-04).
  pass(8 * DAY)
  const code = keep('temporary', await issueCode(app, hanna, who.email))
  const locked = watcher()
  await locked.visit(`${app.portalOrigin}/login`)
  await locked.submit({ email: who.email, password: PASSWORD })
  await locked.visit(sitting(locked, 'challenge/temporary'))
  await press(locked, 'verify', { code: `${code}X` })
  await press(locked, 'verify', { code })
  const anew = await enroll(locked, () => Date.now())
  who.enrolled = anew
  keep('key', anew.key)
  keep('backup', anew.backupCode)
  await at('/account/password', { ...who, browser: locked })
  await locked.submit({ current: PASSWORD, password: NEW_PASSWORD, repeat: NEW_PASSWORD })
  await locked.visit(`${app.origin}/nothing?code=${nextCode(who)}`)
}

/** Pages that show one of a kind: where it is made, and where it was typed. */
const SHOWN: Record<string, RegExp> = {
  key: /\/account\/apps\/scan$|\/interaction\//,
  backup: /\/account\/backup-code$|\/interaction\//,
  temporary: /\/admin\/cases\/\d{8}$/,
  number: /\/account\/phone$/,
  contact: /\/admin\/cases\/\d{8}$|\/account\/data$/,
  note: /\/admin\/cases\/\d{8}$/,
}
/** What is sent to the person is in what is sent. */
const MAILED = ['mailed', 'token', 'sms']

function found(place: string, text: string, except: (kind: string) => boolean = () => false): string[] {
  return secrets
    .filter(({ kind, secret }) => !except(kind) && readable(text, [secret]).length > 0)
    .map(({ kind }) => `${kind} in ${place}`)
}

test('Q-03 there is one of every kind, and the search finds what it looks for', () => {
  const kinds = [
    'password',
    'number',
    'contact',
    'note',
    'key',
    'backup',
    'sms',
    'mailed',
    'token',
    'temporary',
    'cookie',
  ]
  expect(new Set(secrets.map(({ kind }) => kind))).toEqual(new Set(kinds))
  for (const { kind, secret } of secrets) {
    expect(found('x', `a=${encodeURIComponent(secret)}&b`)).toContain(`${kind} in x`)
    expect(found('x', JSON.stringify({ secret }))).toContain(`${kind} in x`)
  }
  expect(readable('at 1234, and in 91234567', ['123456'])).toEqual([])
})

test('Q-03 no secret is in the log, the metrics, the audit trail, or a file of the data folder', async () => {
  const places = new Map<string, string>([
    ['log', app.logged.join('')],
    ['metrics', await ownMetrics(app)],
    ['audit', JSON.stringify(await app.core.store.durable.listAudit({ limit: 10_000 }))],
  ])
  for (const entry of readdirSync(app.folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile() && entry.name !== 'development.key' && !entry.parentPath.includes('outbox'))
      places.set(entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  expect([...places.keys()]).toEqual(expect.arrayContaining(['sigma-id.db', 'sigma-id.db-wal']))
  expect([...places].flatMap(([place, text]) => found(place, text))).toEqual([])
})

test('Q-03 no secret is in a mail but the one that it is for, nor in any address after a link was opened', async () => {
  const mails = (await app.inbox()).filter(({ channel }) => channel === 'email')
  expect(found('mail', JSON.stringify(mails), (kind) => MAILED.includes(kind))).toEqual([])
  const sms = (await app.inbox()).filter(({ channel }) => channel === 'sms').map(({ text }) => text)
  expect(found('sms', JSON.stringify(sms), (kind) => kind === 'sms')).toEqual([])
  const lines = watchers.flatMap(({ trail }) => trail.map(({ url, headers }) => `${url} ${headers.get('location')}`))
  const opened = /\/(?:undo|recovery)\/[\w-]{43} |\/nothing\?/
  expect(found('address', lines.filter((line) => !opened.test(line)).join('\n'))).toEqual([])
})

test('Q-03 no secret is on a page but the one that shows it, once', () => {
  const pages = watchers.flatMap(({ pages }) => pages)
  expect(pages.length).toBeGreaterThan(60)
  expect(pages.flatMap(({ url, html }) => found(url, html, (kind) => SHOWN[kind]?.test(url) ?? false))).toEqual([])
  for (const kind of ['backup', 'temporary']) {
    const shown = secrets
      .filter((each) => each.kind === kind)
      .map(({ secret }) => pages.filter(({ html }) => readable(html, [secret]).length > 0).length)
    expect(Math.max(...shown), kind).toBe(1)
  }
})
