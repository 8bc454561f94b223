/** The door to the API of administration, `/admin/api`: on the listener of administration where there is one. */
import type Router from '@koa/router'
import { ADMIN_API } from '../oidc/admin-api.ts'
import { admission } from '../oidc/admission.ts'
import { builtInClient } from '../oidc/built-in-client.ts'
import { BUILT_IN } from '../oidc/built-in-records.ts'
import { api } from '../web/api/api.ts'
import { once } from '../web/api/once.ts'
import { ADMIN_LIMITS } from './admin.ts'
import type { Core } from './core.ts'
import type { ProviderDoor } from './provider.ts'

export function apiDoor(core: Core, { oidc, secondFactors }: ProviderDoor): Router {
  const { config, admin: context, admitted, attempts, clients, lifeOfSession, seal, store, now } = core
  const { issuer, session } = config
  const origin = config.admin.origin ?? issuer
  const pages = builtInClient({
    id: BUILT_IN.admin,
    issuer,
    oidc,
    clients,
    people: admitted,
    secondFactors,
    life: lifeOfSession,
    absolute: session.absolute,
    now,
  })
  const address = `${origin}${ADMIN_API}`
  return api({
    admit: admission({ oidc, clients, pages, audience: address, absolute: ADMIN_LIMITS.absolute, now }),
    context,
    once: once({ records: store.durable.madeOnce, throttle: attempts, seal, now }),
    origin,
    mfa: config.assurance.names[config.admin.require],
    fresh: ADMIN_LIMITS.fresh,
    checksAnswers: !config.production,
    document: { issuer, address, product: config.brand.product },
    now,
  })
}
