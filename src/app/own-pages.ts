/** The pages behind a sign-in of our own, `/account` and `/admin`: who may come in, and how fresh their proof must be. */
import { hmac } from '../lib/crypto.ts'
import { builtInClient } from '../oidc/built-in-client.ts'
import type { BuiltInId } from '../oidc/built-in-records.ts'
import { type SignedInPages, type SignedInPagesParts, signedIn } from '../web/signed-in.ts'
import type { BrowserSessions } from './browser.ts'
import type { Core } from './core.ts'
import type { Front } from './front.ts'
import type { ProviderDoor } from './provider.ts'

export interface OwnPagesParts {
  core: Core
  front: Front
  provider: ProviderDoor
  browser: BrowserSessions
}

export type OwnDoor = Pick<SignedInPagesParts, 'path' | 'cookie' | 'limits' | 'pages' | 'admits' | 'keepSession'>

export function ownPages(
  { core, front, provider, browser }: OwnPagesParts,
  id: BuiltInId,
  door: OwnDoor,
): SignedInPages {
  const { config, admitted, seal, ring, clients, lifeOfSession, now } = core
  const { oidc, secondFactors } = provider
  const formKeys = ring.deriveAll('own-forms')
  return signedIn({
    ...door,
    home: config.issuer,
    client: builtInClient({
      id,
      issuer: config.issuer,
      oidc,
      clients,
      people: admitted,
      secondFactors,
      life: lifeOfSession,
      absolute: config.session.absolute,
      now,
    }),
    cookies: front.cookies,
    csrf: front.csrf,
    seal,
    inTurn: oidc.inTurn,
    endOthers: (accountId, uid, left) => browser.endOthers(accountId, uid, { left, sittings: 'end' }),
    // By each key: a form may have been open since before the newest.
    names: (accountId) => formKeys.map((key) => hmac(key, accountId)),
    mfa: config.assurance.names.mfa,
    resistant: config.assurance.names.phishingResistant,
    now,
  })
}
