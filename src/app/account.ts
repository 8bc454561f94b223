/** The door to the security settings, `/account`. */
import type Router from '@koa/router'
import { type Addresses, addresses } from '../accounts/addresses.ts'
import { ownLanguage } from '../accounts/own-language.ts'
import { ownPassword } from '../accounts/own-password.ts'
import { MINUTE } from '../lib/time.ts'
import { factorsUndone } from '../mfa/factors-undone.ts'
import { newApps } from '../mfa/new-app.ts'
import { newNumbers } from '../mfa/new-number.ts'
import { BUILT_IN } from '../oidc/built-in-records.ts'
import { accountAddressPages } from '../web/account/addresses.ts'
import { accountBackupPages } from '../web/account/backup.ts'
import { accountDetailPages } from '../web/account/details.ts'
import { accountFactorPages } from '../web/account/factors.ts'
import { accountPages } from '../web/account/overview.ts'
import { accountPasskeyPages } from '../web/account/passkeys.ts'
import { accountPasswordPages } from '../web/account/password.ts'
import { accountPhonePages } from '../web/account/phone.ts'
import { accountSessionPages } from '../web/account/sessions.ts'
import { houseApp } from '../web/authenticator-apps.ts'
import { logoOf } from '../web/logo-route.ts'
import type { Core } from './core.ts'
import { type OwnPagesParts, ownPages } from './own-pages.ts'
import type { Passwords } from './passwords.ts'
import type { SecondSteps } from './second-steps.ts'

/** Milliseconds: whoever finds a session open changes nothing in the settings without the second factor. */
const LIMITS = { fresh: 10 * MINUTE }

export interface AccountParts extends OwnPagesParts {
  passwords: Passwords
  steps: SecondSteps
  addresses: Addresses
}

export function accountDoor({ passwords, steps, addresses: emails, ...own }: AccountParts): Router[] {
  const { core, front } = own
  const { config, store, seal, record: audit, notice, attempts, factors, passkeys, ownSessions, now } = core
  const { pages, cookies } = front
  const settings = ownPages(own, BUILT_IN.account, {
    path: '/account',
    cookie: 'account',
    limits: LIMITS,
    pages,
    keepSession: own.browser.keep,
  })
  const { durable } = store
  const common = { people: durable.people, throttle: attempts, audit, notice, now }
  const web = { signedIn: settings, pages, cookies }
  const factorWeb = { ...web, signedIn: { ...settings, ...settings.forEnrolled }, factors }
  const { policy, hasher } = passwords
  const { product } = config.brand
  const app = houseApp(config.twoStep.companyApp)
  return [
    settings.router,
    accountPages({ ...web, factors, passkeys, sessions: ownSessions, trail: durable, logoOf: logoOf(core.clients) }),
    accountPasswordPages({
      ...web,
      passwords: ownPassword({ ...common, ...policy, hasher }),
      throttle: attempts,
      minimum: policy.minimum,
      now,
    }),
    accountAddressPages({ ...web, addresses: emails, now }),
    accountSessionPages({ ...web, factors, sessions: ownSessions }),
    accountDetailPages({
      ...web,
      setLanguage: ownLanguage(common),
      personData: core.personData,
      audit,
      notice,
      store: durable,
    }),
    accountFactorPages({ ...factorWeb, newApps: newApps({ ...common, seal }), app, product, now }),
    accountPasskeyPages({ ...web, factors, passkeys }),
    accountPhonePages({
      ...factorWeb,
      numbers: newNumbers({ ...common, seal, sms: steps.sms }),
      countries: front.countries,
      now,
    }),
    accountBackupPages({ ...factorWeb, seal, issuer: config.issuer, now }),
  ]
}

/** What the settings change, and a mailed link undoes. */
export function ownAddresses(core: Core): Addresses {
  const { config, store, seal, ring, wrap, writeMail, links, sessions, record: audit, notice, attempts, now } = core
  return addresses({
    ...{ people: store.durable.people, throttle: attempts, audit, notice, now },
    seal,
    ring,
    wrap,
    writeMail,
    links,
    issuer: config.issuer,
    endSessions: sessions.endAll,
    factors: factorsUndone(store.durable.people),
  })
}
