/** What attacks on the password side and the front end have in common: victims, guesses, raw requests, comparisons. */

import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import { nobodysLane, strangersLane } from '../../../src/accounts/login.ts'
import { emailKey } from '../../../src/person/account.ts'
import type { RunningApp } from '../app/app.ts'
import { asked } from '../people/asked-people.ts'
import { type Page, Person, type PersonOptions } from '../people/person.ts'

export const PASSWORD = 'vier losse woorden samen'
export const WRONG = 'zes verkeerde woorden achter elkaar'

/** Invites a person and sets the password by the link that was mailed; the browser that did it is returned. */
export async function activate(app: RunningApp, email: string, name = 'Sanne de Vries'): Promise<Person> {
  const invited = await app.core.links.invite({ email, name, locale: 'en' })
  if (!invited.ok) throw new Error(`${email} is taken`)
  const person = new Person()
  await person.visit(await app.linkFor(email))
  await person.submit({ password: PASSWORD, repeat: PASSWORD })
  return person
}

/** A browser that stands before the sign-in page. */
export async function atSignIn(app: RunningApp, options?: PersonOptions): Promise<Person> {
  const person = new Person(options)
  await person.visit(`${app.portalOrigin}/login`)
  if (!person.page.url.includes('/interaction/')) throw new Error(`no sign-in page but ${person.page.url}`)
  return person
}

export async function signIn(app: RunningApp, email: string, password = PASSWORD, person?: Person): Promise<Person> {
  const browser = person ?? new Person()
  await browser.visit(`${app.portalOrigin}/login`)
  await browser.submit({ email, password })
  return browser
}

export function signedIn(app: RunningApp, person: Person): boolean {
  return person.page.status === 200 && person.page.url === `${app.portalOrigin}/`
}

/** Where the wrong passwords of strangers for this address are counted. */
export async function laneOf({ core }: RunningApp, email: string): Promise<string> {
  const account = await asked(core.store.durable.people).findAccountByEmail(emailKey(email))
  return account ? strangersLane(account.id) : nobodysLane(core.ring.derive('counters'), emailKey(email))
}

/** Spends tries that were allowed, without the hours that they take. */
export async function spendLane(app: RunningApp, email: string, times: number): Promise<void> {
  const lane = await laneOf(app, email)
  for (let count = 0; count < times; count += 1) await app.core.store.durable.spendStreak(lane, Date.now(), 1000, [0])
}

/** Changes the database behind the application's back, as a restore or another process would. */
export function sql(app: RunningApp, statement: string, ...values: Array<string | number>): void {
  const db = new DatabaseSync(join(app.folder, 'sigma-id.db'), { timeout: 5000 })
  db.prepare(statement).run(...values)
  db.close()
}

export function disable(app: RunningApp, email: string): void {
  sql(
    app,
    `UPDATE people SET record = json_set(record, '$.account.status', 'disabled') WHERE record->>'$.account.emailKey' = ?`,
    emailKey(email),
  )
}

/** Sends bytes as they are, and returns all that came back until the connection closed or patience ended. */
export function raw(origin: string, bytes: string | Buffer, patience = 20_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1')
    let received = ''
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(received)
    })
    socket.write(bytes)
  })
}

/** An answer without what differs from one request to the next: what is left must not tell one account from another. */
export function likeness(page: Page, ...names: string[]): unknown {
  const without = (text: string) =>
    names
      .reduce((left, name) => left.replaceAll(name, 'NAME'), text)
      .replace(/nonce[-=]"?[\w+/=]{24}"?/g, 'NONCE')
      .replace(/interaction\/[\w-]{20,}/g, 'interaction/UID')
      .replace(/recover\?from=[\w-]{20,}/g, 'recover?from=UID')
      .replace(/(name="(?:csrf|link)" value=")[^"]+/g, '$1TOKEN')
      .replace(/(challenge&quot;:&quot;)[\w-]{72}/g, '$1CHALLENGE')
      .replace(/<code>[A-Z2-9]{8}<\/code>/g, 'REFERENCE')
  const headers = [...page.headers]
    .filter(([name]) => !['date', 'x-request-id', 'set-cookie'].includes(name))
    .map(([name, value]) => [name, without(value)])
  const cookies = page.headers.getSetCookie().map((line) => line.replace(/=[^;]*/, '').replace(/expires=[^;]*/, ''))
  return { status: page.status, url: without(page.url), html: without(page.html), headers, cookies }
}

const PERMISSIONS =
  'camera=(), geolocation=(), microphone=(), publickey-credentials-create=(self), publickey-credentials-get=(self)'

/** SECURITY WEB-02, for every answer; a page has the strict policy on top. */
export function expectSafe(headers: Headers, where: string): void {
  expect(headers.get('x-content-type-options'), where).toBe('nosniff')
  expect(headers.get('referrer-policy'), where).toMatch(/^(same-origin|no-referrer)$/)
  expect(headers.get('cross-origin-opener-policy'), where).toBe('same-origin')
  expect(headers.get('permissions-policy'), where).toBe(PERMISSIONS)
  expect(headers.get('x-powered-by'), where).toBeNull()
  expect(headers.get('server'), where).toBeNull()
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy, where).toContain("default-src 'none'")
  expect(policy, where).toContain("frame-ancestors 'none'")
  expect(policy, where).not.toMatch(/unsafe-|\*/)
  if (headers.has('location') || !headers.get('content-type')?.startsWith('text/html')) return
  // The provider's own forms that send themselves are the second kind.
  expect(policy, where).toMatch(/script-src ('nonce-[\w+/=]{24}'|'self' 'sha256-[\w+/=]{44}')/)
  expect(policy, where).toContain("base-uri 'none'")
  expect(headers.get('cache-control'), where).toBe('no-store')
}
