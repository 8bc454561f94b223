/** All forms of the security settings, somebody on whom each of them can be tried, and what each could have changed. */

import { emailKey } from '../../../src/person/account.ts'
import type { RunningApp } from '../app/app.ts'
import { elsewhere, link, mailedCode, open, send, settled } from '../app/settings.ts'
import { asked } from './asked-people.ts'
import { PASSWORD, press } from './second-factor.ts'
import { addApp, addNumber, NEXT_PASSWORD } from './settings-changes.ts'
import { nextCode, type Someone } from './step-up.ts'

/** Pages with a form. `{id}` is looked up on the overview. In this order one person can send all of them. */
export const PAGES = [
  '/account/language',
  '/account/data',
  '/account/notice-address',
  '/account/email',
  '/account/phone',
  '/account/apps/new',
  '/account/apps/{id}/move',
  '/account/apps/{id}/rename',
  '/account/applications/{id}/remove',
  '/account/sessions/{id}/end',
  '/account/devices/{id}/forget',
  '/account/devices/forget',
  '/account/notice-address/remove',
  '/account/phone/remove',
  '/account/backup-code',
  '/account/apps/{id}/remove',
  '/account/password',
  '/account/sign-out-everywhere',
]

/** What is typed where a form wants something: all of it would be taken. */
export const TYPED = {
  current: PASSWORD,
  password: NEXT_PASSWORD,
  repeat: NEXT_PASSWORD,
  address: 'elsewhere@sigma.example',
  locale: 'nl',
  label: 'Another name',
  number: '06 12 34 56 78',
  country: 'NL',
}

/** Somebody with two apps, a number, a backup code, a second address, and two browsers that are remembered and signed in. */
export async function everything(app: RunningApp): Promise<{ who: Someone; others: Someone[] }> {
  const who = await settled(app, () => Date.now())
  await addApp(app, who)
  await addNumber(app, who)
  await send(app, who, '/account/notice-address', { address: `second-${who.email}` })
  await press(who.browser, 'code', { code: await mailedCode(app, `second-${who.email}`) })
  const others = [elsewhere(who), elsewhere(who)]
  for (const { browser, email } of others) {
    await browser.visit(`${app.portalOrigin}/login`)
    await browser.submit({ email, password: PASSWORD })
    await press(browser, 'verify', { code: nextCode(who), remember: 'yes' })
  }
  return { who, others }
}

/** Opens a page as somebody who follows the links, and answers what the dispatcher asks. Its path is returned. */
export async function openPage(app: RunningApp, who: Someone, page: string): Promise<string> {
  if (page.includes('{id}')) await open(app, who, '/account')
  const path = page.includes('{id}') ? link(who.browser, new RegExp(`^${page.replace('{id}', '[^/]+')}$`)) : page
  await open(app, who, path)
  return path
}

/** All that a form of the settings could have changed, mails and messages included. */
export async function kept(app: RunningApp, { email }: Someone): Promise<unknown> {
  const { durable } = app.core.store
  const account = await asked(durable.people).findAccountByEmail(emailKey(email))
  if (!account) return undefined
  const [factors, devices, backup, sessions, applications] = await Promise.all([
    asked(durable.people).listAuthenticators(account.id),
    asked(durable.people).listDevices(account.id, Date.now()),
    asked(durable.people).findBackupCode(account.id),
    app.core.ownSessions.list(account, ''),
    app.core.ownSessions.applications(account),
  ])
  // A code that was asked for on the way moves these on.
  const { lastSignInAt: _signedIn, ...rest } = account
  return {
    account: rest,
    factors: factors.map(({ lastUsedAt: _used, lastStep: _step, ...factor }) => factor),
    devices,
    backup,
    sessions: sessions.map(({ handle }) => handle).sort(),
    applications,
    sent: (await app.inbox()).length,
  }
}
