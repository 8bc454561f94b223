/** Changes that people make in their own settings, in two parts where the last button is a page of its own. */
import { SECOND } from '../../../src/lib/time.ts'
import type { RunningApp } from '../app/app.ts'
import { pass } from '../app/clock.ts'
import { link, mailedCode, send } from '../app/settings.ts'
import type { Person } from './person.ts'
import { backupCodeOn, codeOf, keyOn, PASSWORD, press } from './second-factor.ts'
import { international, smsCode } from './second-factor-attack.ts'
import type { Someone } from './step-up.ts'

export const NEXT_PASSWORD = 'zeven andere woorden achter elkaar'

/** Every part of a change: what was begun is completed by another that knows no more than these. */
type Part = (app: RunningApp, who: Someone) => Promise<void>

/** The secret, number or address that waits for its code in this browser. */
const waiting = new WeakMap<Person, string>()

function waitingIn({ browser }: Someone): string {
  const found = waiting.get(browser)
  if (found === undefined) throw new Error(`nothing waits at ${browser.page.url}`)
  return found
}

/** A page of an authenticator app, from the overview: `move`, `remove`, `rename`. */
async function appPage(app: RunningApp, { browser }: Someone, act: string): Promise<string> {
  await browser.visit(`${app.origin}/account`)
  return link(browser, new RegExp(`^/account/apps/[^/]+/${act}$`))
}

export const changePassword: Part = async (app, who) => {
  const repeat = NEXT_PASSWORD
  await send(app, who, '/account/password', { current: PASSWORD, password: repeat, repeat })
}

/** Up to the code of the new app; `path` is the page that begins it. */
async function scan(app: RunningApp, who: Someone, path: string): Promise<void> {
  await send(app, who, path)
  waiting.set(who.browser, keyOn(who.browser.page))
  await press(who.browser, 'scanned')
}

export const beginMove: Part = async (app, who) => scan(app, who, await appPage(app, who, 'move'))
export const beginApp: Part = (app, who) => scan(app, who, '/account/apps/new')

export const confirmApp: Part = async (_app, who) => {
  const key = waitingIn(who)
  await press(who.browser, 'code', { code: codeOf(key, Date.now()) })
  who.enrolled = { backupCode: '', ...who.enrolled, key }
}

export const addApp: Part = async (app, who) => {
  await beginApp(app, who)
  await confirmApp(app, who)
}

export const remove: Part = async (app, who) => {
  await send(app, who, await appPage(app, who, 'remove'))
}

let numbers = 0

export const beginNumber: Part = async (app, who) => {
  numbers += 1
  // Nobody gets two messages within half a minute.
  pass(30 * SECOND)
  const number = `06 ${20_000_000 + numbers}`
  await send(app, who, '/account/phone', { number, country: 'NL', step: 'send' })
  waiting.set(who.browser, international(number))
}

export const confirmNumber: Part = async (app, who) => {
  await press(who.browser, 'code', { code: await smsCode(app, waitingIn(who)) })
}

export const addNumber: Part = async (app, who) => {
  await beginNumber(app, who)
  await confirmNumber(app, who)
}

export const removeNumber: Part = async (app, who) => {
  await send(app, who, '/account/phone/remove')
}

export const renewBackupCode: Part = async (app, who) => {
  const page = await send(app, who, '/account/backup-code')
  who.enrolled = { key: '', ...who.enrolled, backupCode: backupCodeOn(page) }
  await press(who.browser, 'saved', { saved: 'yes' })
}

/** Up to the code of the very first app, in the wizard that the settings lead to. */
export const beginFirstApp: Part = async (app, who) => {
  await who.browser.visit(`${app.origin}/account/two-step`)
  await press(who.browser, 'enable')
  await scanInWizard(who)
}

/** Signs in with the backup code at `address`, and sets everything up anew, because the phone is lost for good. */
export async function replaceLost(who: Someone, address: string): Promise<void> {
  const { browser, email } = who
  await browser.visit(address)
  await browser.submit({ email, password: PASSWORD })
  await browser.visit(`${browser.page.url}/challenge/backup`)
  await press(browser, 'verify', { code: who.enrolled?.backupCode ?? '' })
  await press(browser, 'lost')
  await scanInWizard(who)
  await confirmInWizard(who)
}

async function scanInWizard({ browser }: Someone): Promise<void> {
  await press(browser, 'app:other')
  waiting.set(browser, keyOn(browser.page))
  await press(browser, 'scanned')
}

/** The act, and the pages after it. */
async function confirmInWizard(who: Someone): Promise<void> {
  const { browser } = who
  const key = waitingIn(who)
  await press(browser, 'code', { code: codeOf(key, Date.now()) })
  await press(browser, 'skip')
  who.enrolled = { key, backupCode: backupCodeOn(browser.page) }
  await press(browser, 'saved', { saved: 'yes' })
  await press(browser, 'continue')
}

export const confirmFirstApp: Part = (_app, who) => confirmInWizard(who)

export const beginEmail: Part = async (app, who) => {
  const address = `new-${who.email}`
  await send(app, who, '/account/email', { address })
  waiting.set(who.browser, address)
}

export const confirmEmail: Part = async (app, who) => {
  const address = waitingIn(who)
  await press(who.browser, 'code', { code: await mailedCode(app, address) })
  who.email = address
}

export const changeEmail: Part = async (app, who) => {
  await beginEmail(app, who)
  await confirmEmail(app, who)
}
