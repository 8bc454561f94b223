/** Passkeys as a person's browser uses them: what the page asks for, read from its button, and the answer in the form's field. */
import type { CreationOptions, RequestOptions } from '../../../src/mfa/passkey-options.ts'
import { PASSKEY } from '../../../src/person/second-factor.ts'
import type { RunningApp } from '../app/app.ts'
import { asked } from './asked-people.ts'
import type { Page, Person } from './person.ts'
import { type Ceremony, type SoftKey, type SoftKeyOptions, softKey } from './soft-key.ts'

const SOURCE = { ip: '192.0.2.1', correlation: 'passkey' }
const AGENT = 'Chrome, Windows'

type Shown = Pick<Page, 'html' | 'url'>

/** What the page hands to the browser. */
export function askedOn(page: Shown): RequestOptions {
  return optionsOn(page, 'get') as RequestOptions
}

export function creationOn(page: Shown): CreationOptions {
  return optionsOn(page, 'create') as CreationOptions
}

function optionsOn({ html, url }: Shown, kind: 'get' | 'create'): unknown {
  const [, options] = new RegExp(`data-passkey="${kind}" data-options="([^"]*)"`).exec(html) ?? []
  if (options === undefined) throw new Error(`no passkey is asked for on ${url}`)
  return JSON.parse(options.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&'))
}

/** A key that is not registered anywhere yet. */
export function keyFor({ origin }: Pick<RunningApp, 'origin'>, options: SoftKeyOptions = {}): SoftKey {
  return softKey({ origin, rpId: new URL(origin).hostname, ...options })
}

/** A passkey of this account, as if it had been set up in the settings. */
export async function passkeyOf(app: RunningApp, email: string, options: SoftKeyOptions = {}): Promise<SoftKey> {
  const account = await asked(app.core.store.durable.people).findAccountByEmail(email)
  if (!account) throw new Error(`${email} has no account`)
  const requester = { account, session: 'set-up', source: SOURCE }
  const creation = await app.core.passkeys.creation(requester)
  if (!creation) throw new Error('there are no passkeys here')
  const key = keyFor(app, options)
  const registration = key.register({ challenge: creation.challenge, userHandle: creation.user.id })
  const added = await app.core.passkeys.add(requester, registration, AGENT)
  if (!added.ok) throw new Error(`it was not set up: ${added.reason}`)
  return key
}

/** The browser's answer to what the page asks, sent with the form as the script does. */
export function use(person: Person, key: SoftKey, otherwise: Partial<Ceremony> = {}): Promise<Page> {
  return person.submit({ assertion: key.assert({ challenge: askedOn(person.page).challenge, ...otherwise }) })
}

/** The browser's answer to a page that makes one. */
export function registrationOn({ page }: Person, key: SoftKey, otherwise: Partial<Ceremony> = {}): string {
  const { challenge, user } = creationOn(page)
  return key.register({ challenge, userHandle: user.id, ...otherwise })
}

/** Makes one on the page, and sends it with the form as the script does. */
export function make(person: Person, key: SoftKey): Promise<Page> {
  return person.submit({ registration: registrationOn(person, key) })
}

/** Makes one in the wizard, and shows once that it works: it is on. */
export async function bind(person: Person, key: SoftKey): Promise<Page> {
  await make(person, key)
  return use(person, key)
}

/** Whether the page can make one. */
export function makesPasskey({ page }: Person): boolean {
  return page.html.includes('data-passkey="create"')
}

/** The page of the second step that asks for a passkey, from any other of it. */
export async function atPasskey(person: Person): Promise<Page> {
  const { pathname } = new URL(person.page.url)
  const [, uid] = /^\/interaction\/([^/]+)/.exec(pathname) ?? []
  return person.visit(`/interaction/${uid}/challenge/${PASSKEY}`)
}
