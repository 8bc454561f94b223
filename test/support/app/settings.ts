/** People in front of the house's own pages: they sign in where they are asked to, and find buttons by their words. */

import { type Page, Person } from '../people/person.ts'
import { enroll, PASSWORD } from '../people/second-factor.ts'
import { obligeAll, type Screen, type Someone, somebody } from '../people/step-up.ts'
import type { RunningApp } from './app.ts'

/** Opens an address of ours and answers whatever the dispatcher asks for; which pages came up. */
export async function open(app: RunningApp, who: Someone, path: string): Promise<Screen[]> {
  await who.browser.visit(app.origin + path)
  return obligeAll(who)
}

/** Opens a page of ours, which asks for nothing first, and sends its form. */
export async function send(
  app: RunningApp,
  { browser }: Someone,
  path: string,
  fields: Record<string, string> = {},
): Promise<Page> {
  await browser.visit(app.origin + path)
  if (at(browser) !== path) throw new Error(`not ${path} but ${browser.page.url}`)
  return browser.submit(fields)
}

/** Somebody with an authenticator app, signed in to the security settings. */
export async function settled(app: RunningApp, now: () => number, organization?: string): Promise<Someone> {
  const who = await somebody(app, organization)
  await open(app, who, '/account')
  await setUp(app, who, now)
  return who
}

/** Sets two-step verification up from the security settings. */
export async function setUp(app: RunningApp, who: Someone, now: () => number): Promise<void> {
  await who.browser.visit(`${app.origin}/account/two-step`)
  who.enrolled = await enroll(who.browser, now)
}

/** The same person in front of another browser. */
export function elsewhere(who: Someone, browser = new Person()): Someone {
  return { ...who, browser }
}

/** The path that the browser is at. */
export function at({ page }: Person): string {
  return new URL(page.url).pathname
}

/** The sentence that tells what happened. */
export function told({ page }: Person): string {
  return /role="status"[^>]*>\s*(?:<p>)?([^<]+)/.exec(page.html)?.[1]?.trim() ?? ''
}

/** The code in the newest mail to this address. */
export async function mailedCode(app: RunningApp, address: string): Promise<string> {
  const mail = (await app.inbox()).find(({ channel, to }) => channel === 'email' && to === address)
  const code = /^\s*(\d[\d ]*\d)\s*$/m.exec(mail?.text ?? '')?.[1]
  if (!code) throw new Error(`no code in the mail to ${address}: ${mail?.text}`)
  return code
}

/** The path of the first link on the page whose address fits. */
export function link({ page }: Person, pattern: RegExp): string {
  const href = [...page.html.matchAll(/href="([^"]+)"/g)].map(([, address = '']) => address)
  const found = href.find((address) => pattern.test(address))
  if (!found) throw new Error(`no link ${pattern} on ${page.url}`)
  return found
}

/** Somebody of the house with these roles, signed in to administration. */
export async function administrator(app: RunningApp, now: () => number, ...roles: string[]): Promise<Someone> {
  const who = await somebody(app, 'Sigma', roles)
  await who.browser.visit(`${app.origin}/admin`)
  await who.browser.submit({ email: who.email, password: PASSWORD })
  who.enrolled = await enroll(who.browser, now)
  return who
}
