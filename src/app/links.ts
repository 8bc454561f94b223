/** The doors that mailed links open: a first or new password, a recovery case that is canceled, an address taken back. */
import type Router from '@koa/router'
import type { Addresses } from '../accounts/addresses.ts'
import { setPassword } from '../accounts/set-password.ts'
import { networks } from '../lib/network.ts'
import { endWaits } from '../mfa/challenge.ts'
import type { Oidc } from '../oidc/provider.ts'
import { origins } from '../web/links/origin.ts'
import { linkPages } from '../web/links/passwords.ts'
import { recoveryPages } from '../web/links/recovery.ts'
import { undoPages } from '../web/links/undo.ts'
import { rememberedAddresses } from '../web/sign-in/remembered-addresses.ts'
import { type BrowserSessions, openSessions } from './browser.ts'
import type { Core } from './core.ts'
import type { Front } from './front.ts'
import type { Passwords } from './passwords.ts'

export interface LinksParts {
  core: Core
  front: Front
  oidc: Oidc
  passwords: Passwords
  addresses: Addresses
  browser: BrowserSessions
}

export function linkDoors({ core, front, oidc, passwords, addresses, browser }: LinksParts): Router[] {
  const { config, store, seal, home, attempts, links, sessions, recovery, record: audit, notice, now } = core
  const { pages, csrf, cookies, requests } = front
  const { durable } = store
  const web = { pages, csrf, cookies }
  const begin = () => home()?.href ?? config.issuer
  const setting = setPassword({
    ...{ people: durable.people, throttle: attempts, audit, notice, now },
    ...passwords.policy,
    links,
    hasher: passwords.hasher,
    async endSessions(accountId) {
      await endWaits(attempts, accountId)
      await sessions.endAll(accountId)
    },
  })
  return [
    linkPages({
      ...web,
      links,
      passwords: setting,
      throttle: attempts,
      networks,
      session: openSessions(core, oidc),
      forget: browser.forget,
      minimum: config.password.minimum,
      lifetime: (purpose) => (purpose === 'activation' ? config.links.activation : config.links.recovery),
      get home() {
        return begin()
      },
      origins: origins({
        requests,
        clients: core.clients,
        remembered: rememberedAddresses(seal, cookies),
        home: begin,
        now,
      }),
    }),
    recoveryPages({ ...web, recovery, people: durable.people, home: begin }),
    undoPages({ ...web, addresses, home: begin }),
  ]
}
