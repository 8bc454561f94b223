/** The door that everybody comes through: the pages of one sitting, and what they ask. */
import type Router from '@koa/router'
import { signIn } from '../accounts/login.ts'
import { longerPassword } from '../accounts/longer-password.ts'
import { networks } from '../lib/network.ts'
import { isForRole } from '../mfa/campaign.ts'
import { passkeySignIn } from '../mfa/passkey-login.ts'
import { passkeyOffers } from '../mfa/passkey-offers.ts'
import { standingOf } from '../mfa/second-factors.ts'
import type { Oidc } from '../oidc/provider.ts'
import { owedPassword } from '../person/imported.ts'
import { houseApp } from '../web/authenticator-apps.ts'
import { deviceCookie } from '../web/device-cookie.ts'
import { logoOf } from '../web/logo-route.ts'
import { challengePages } from '../web/sign-in/challenge.ts'
import { consentPages } from '../web/sign-in/consent.ts'
import { enrollPages } from '../web/sign-in/enroll.ts'
import { stagePages } from '../web/sign-in/enroll-stages.ts'
import { gonePages } from '../web/sign-in/gone.ts'
import { interactionPages, sittings } from '../web/sign-in/interaction.ts'
import { loginPages } from '../web/sign-in/login.ts'
import { longerPasswordPages } from '../web/sign-in/longer-password.ts'
import { rememberedAddresses } from '../web/sign-in/remembered-addresses.ts'
import type { BrowserSessions } from './browser.ts'
import type { Core } from './core.ts'
import type { Front } from './front.ts'
import type { Passwords } from './passwords.ts'
import type { SecondSteps } from './second-steps.ts'

export interface SignInParts {
  core: Core
  front: Front
  oidc: Oidc
  passwords: Passwords
  steps: SecondSteps
  browser: BrowserSessions
}

export function signInDoor({ core, front, oidc, passwords, steps, browser }: SignInParts): Router {
  const { config, store, ring, seal, attempts, record: audit, notice, now } = core
  const { pages, errors, cookies, csrf, seats, requests, countries } = front
  const { durable } = store
  const sitting = sittings(pages, logoOf(core.clients))
  const devices = deviceCookie(steps.devices, cookies)
  const common = { people: durable.people, store: durable, sittings: sitting, now }
  const limits = config.throttle
  const { hasher, policy } = passwords
  const companyApp = houseApp(config.twoStep.companyApp)
  const { passkeys } = core
  const changing = { people: durable.people, hasher, policy, throttle: attempts, audit, notice, now }
  const prompts = [
    ...loginPages({
      ...common,
      signIn: signIn({
        ...changing,
        people: core.admitted,
        store: durable,
        imported: config.imported,
        networks,
        ring,
        limits,
        sendLink: core.links.request,
        inHand: passwords.inHand,
      }),
      passkeySignIn: passkeySignIn({
        people: core.admitted,
        passkeys,
        throttle: attempts,
        audit,
        networks,
        limits,
        now,
      }),
      passkeys,
      cookies,
      devices,
      remembered: rememberedAddresses(seal, cookies),
      requests,
    }),
    challengePages({
      ...common,
      challenges: steps.challenges,
      sms: steps.sms,
      devices,
      passkeys,
      recovery: core.recovery,
    }),
    enrollPages({
      ...common,
      enrollments: steps.enrollments,
      offers: passkeyOffers(common),
      passkeys,
      sms: steps.sms,
      standing: (account) => standingOf(core.campaign, account, now()),
      stages: stagePages({ companyApp, product: config.brand.product, issuer: config.issuer, countries, now }),
      choosesApp: companyApp !== undefined,
      forRole: (account) => isForRole(core.campaign, account, now()),
      endOthers: browser.endOthersHere,
    }),
    longerPasswordPages({
      ...common,
      passwords: longerPassword(changing),
      owed: (account) => owedPassword(account, config.imported, now()),
      cookies,
      throttle: attempts,
      endOthers: browser.endOthersHere,
      minimum: policy.minimum,
    }),
    consentPages(sitting),
  ]
  const gone = gonePages({ oidc, requests, clients: core.clients, pages, errors, issuer: config.issuer, now })
  return interactionPages({ oidc, gone, csrf, seats, sittings: sitting, prompts })
}
