/** People who add passkeys in their security settings, with a key in software in the place of their device. */
import type { Signal } from '../../../src/web/passkey-signals.ts'
import type { RunningApp } from '../app/app.ts'
import { at, open } from '../app/settings.ts'
import { creationOn, keyFor } from './passkey.ts'
import type { Person } from './person.ts'
import type { Ceremony, SoftKey } from './soft-key.ts'
import type { Someone } from './step-up.ts'

export const NEW_PASSKEY = '/account/passkeys/new'

/** Pages with a form about passkeys. `{id}` is looked up on the overview. */
export const PASSKEY_PAGES = [NEW_PASSKEY, '/account/passkeys/{id}/rename', '/account/passkeys/{id}/remove']

/** What the page tells the browser about passkeys. */
export function signalsOn({ page }: Person): Signal[] {
  const found = page.html.matchAll(/data-signal="([^"]*)"/g)
  return [...found].map(([, text = '']) => JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')))
}

/** What the device makes for the page that is open. */
export function registrationFor({ page }: Person, key: SoftKey, more: Partial<Ceremony> = {}): string {
  const { challenge, user } = creationOn(page)
  return key.register({ challenge, userHandle: user.id, ...more })
}

/**
 * Adds this key, from the page that begins it to the overview; it keeps the name that it was given. From then on a passkey is
 * what changes are asked for: it is proven at once, so that what follows asks for nothing.
 */
export async function addPasskey(app: RunningApp, who: Someone, key = keyFor(app)): Promise<SoftKey> {
  const { browser } = who
  await open(app, who, NEW_PASSKEY)
  await browser.submit({ registration: registrationFor(browser, key) })
  if (!/\/rename$/.test(at(browser))) throw new Error(`no passkey was added at ${browser.page.url}`)
  await browser.submit()
  who.passkey = { key, alone: false }
  await open(app, who, NEW_PASSKEY)
  await browser.visit(`${app.origin}/account`)
  return key
}
