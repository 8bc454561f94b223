/** People of the help desk and administration before their pages, and somebody who is locked out. */
import type { RunningApp } from '../app/app.ts'
import { Person } from './person.ts'
import { enroll, PASSWORD, press, text } from './second-factor.ts'
import { obligeAll, type Someone } from './step-up.ts'

let people = 0

/** Somebody with these roles, signed in to administration with an authenticator app. */
export async function colleague(app: RunningApp, ...roles: string[]): Promise<Someone & { id: string }> {
  people += 1
  const email = `colleague${people}@sigma.example`
  const invited = await app.core.links.invite({ email, name: `Colleague ${people}`, locale: 'en', roles })
  if (!invited.ok) throw new Error(invited.reason)
  const browser = new Person()
  await browser.visit(await app.linkFor(email))
  await browser.submit({ password: PASSWORD, repeat: PASSWORD })
  const who = { email, browser: new Person(), enrolled: undefined, id: invited.account.id }
  await visit(app, who, '/admin')
  return who
}

/** Opens a page of administration and answers what the dispatcher asks for on the way. */
export async function visit(app: RunningApp, who: Someone, path: string): Promise<void> {
  await who.browser.visit(app.origin + path)
  await obligeAll(who)
}

/** Sends the form on the page that changes something; the search fields on it are forms too. */
export async function send({ browser }: Someone, fields: Record<string, string> = {}): Promise<void> {
  const which = browser.forms().findIndex(({ fields: given }) => given.csrf !== undefined)
  await browser.submit(fields, which)
}

export interface LockedOut {
  id: string
  email: string
  /** At the page that asks how to be reached. */
  browser: Person
  /** Where the browser is signed in with everything that is lost in a moment. */
  before: Person
}

/** Somebody with two-step verification, who has entered the password and can prove nothing else. */
export async function lockedOut(app: RunningApp, email: string): Promise<LockedOut> {
  const invited = await app.core.links.invite({ email, name: 'Sanne de Vries', locale: 'en' })
  if (!invited.ok) throw new Error(invited.reason)
  const before = new Person()
  await before.visit(await app.linkFor(email))
  await before.submit({ password: PASSWORD, repeat: PASSWORD })
  await before.visit(`${app.origin}/account/two-step`)
  await before.submit({ email, password: PASSWORD })
  await enroll(before, () => Date.now())
  const browser = new Person()
  await signIn(app, browser, email)
  await browser.visit(sitting(browser, 'challenge/none'))
  return { id: invited.account.id, email, browser, before }
}

export async function signIn(app: RunningApp, browser: Person, email: string): Promise<void> {
  await browser.visit(`${app.portalOrigin}/login`)
  await browser.submit({ email, password: PASSWORD })
}

/** An address within the sitting that the browser is in. */
export function sitting({ page }: Person, path: string): string {
  return `${/^.*\/interaction\/[^/]+/.exec(page.url)?.[0]}/${path}`
}

/** Files a request and reads its number from the page. */
export async function askForHelp(browser: Person, contact = '06 1234 5678, in the afternoon'): Promise<string> {
  await press(browser, 'request', { contact })
  const number = /\b(\d{4}) (\d{4})\b/.exec(text(browser.page))
  if (!number) throw new Error(`no case number on ${browser.page.url}: ${text(browser.page).slice(0, 300)}`)
  return `${number[1]}${number[2]}`
}

/** The link in the newest mail about a request for help to this address. */
export async function cancelLink(app: RunningApp, email: string): Promise<string> {
  const mails = (await app.inbox()).filter(({ to }) => to === email)
  const link = mails.map((mail) => /https?:\/\/\S+\/recovery\/\S+/.exec(mail.text ?? '')?.[0]).find(Boolean)
  if (!link) throw new Error(`no mail with a link to cancel to ${email}`)
  return link
}
