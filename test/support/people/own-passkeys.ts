/** People who add passkeys in their security settings, with a key in software in the place of their device. */
import type { CreationOptions } from '../../../src/mfa/passkeys.ts'
import type { Signal } from '../../../src/web/passkey-signals.ts'
import type { RunningApp } from '../app/app.ts'
import { at } from '../app/settings.ts'
import type { Person } from './person.ts'
import { type Ceremony, type SoftKey, type SoftKeyOptions, softKey } from './soft-key.ts'
import type { Someone } from './step-up.ts'

export const NEW_PASSKEY = '/account/passkeys/new'

/** A device in front of this product. */
export function deviceOf(app: RunningApp, options: SoftKeyOptions = {}): SoftKey {
  return softKey({ origin: app.origin, ...options })
}

function attributes<T>({ page }: Person, name: string): T[] {
  const found = page.html.matchAll(new RegExp(`${name}="([^"]*)"`, 'g'))
  return [...found].map(([, text = '']) =>
    JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')),
  )
}

/** What the button of the page hands to the browser. */
export function optionsOn<T = CreationOptions>(browser: Person): T {
  const [options] = attributes<T>(browser, 'data-options')
  if (!options) throw new Error(`no passkey is asked for at ${browser.page.url}`)
  return options
}

/** What the page tells the browser about passkeys. */
export function signalsOn(browser: Person): Signal[] {
  return attributes(browser, 'data-signal')
}

/** What the device makes for the page that is open. */
export function registrationFor(browser: Person, key: SoftKey, more: Partial<Ceremony> = {}): string {
  const { challenge, user } = optionsOn(browser)
  return key.register({ challenge, userHandle: user.id, ...more })
}

/** Adds this key, from the page that begins it to the overview; it keeps the name that it was given. */
export async function addPasskey(app: RunningApp, { browser }: Someone, key = deviceOf(app)): Promise<SoftKey> {
  await browser.visit(app.origin + NEW_PASSKEY)
  await browser.submit({ registration: registrationFor(browser, key) })
  if (!/\/rename$/.test(at(browser))) throw new Error(`no passkey was added at ${browser.page.url}`)
  await browser.submit()
  return key
}
