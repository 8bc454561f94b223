/**
 * The portal's own API, as far as it goes: approving a payroll run. It stands for any API behind an application. It
 * knows nothing of sessions and cookies, believes only what the provider says of the token it is shown, and asks for a
 * better authentication by RFC 9470.
 */
import Router from '@koa/router'
import type { IntrospectionResponse } from 'openid-client'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { type Clock, SECOND } from '../lib/time.ts'
import { type BearerChallenge, writeBearerChallenge } from './bearer-challenge.ts'

export const APPROVE_PATH = '/api/payroll/approve'

export interface Assurance {
  /** The name to ask for. */
  mfa: string
  /** Every name that counts as that much: the one above alone when left out. Names have no order to guess from. */
  sufficient?: readonly string[]
}

export interface PayrollApiParts {
  clientId: string
  assurance: Assurance
  /** Seconds that an authentication stays good for an approval, as in `max_age`. Any time when left out. */
  maxAge?: number
  introspect(token: string): Promise<IntrospectionResponse>
  now: Clock
  log: Log
}

/** RFC 6750 section 2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

export function payrollApi(parts: PayrollApiParts): Router {
  const { assurance, maxAge, now, log } = parts
  const sufficient = new Set(assurance.sufficient ?? [assurance.mfa])
  const router = new Router()

  router.post(APPROVE_PATH, async (ctx) => {
    const [, token] = BEARER.exec(ctx.get('Authorization')) ?? []
    const known = token ? await parts.introspect(token).catch(unavailable) : undefined
    if (known === 'unavailable') {
      ctx.status = 503
      ctx.body = { error: 'temporarily_unavailable' }
      return
    }
    const refused = known && usable(known) ? findWeakness(known) : { challenge: { error: 'invalid_token' } }
    if (refused) {
      ctx.status = 401
      ctx.set('WWW-Authenticate', writeBearerChallenge(refused.challenge, refused.description))
      ctx.body = { error: refused.challenge.error }
      return
    }
    log.info({ sub: known?.sub }, 'payroll run approved')
    ctx.body = { approved: true, at: new Date(now()).toISOString() }
  })

  function usable(token: IntrospectionResponse): boolean {
    // Refresh tokens are active too but have no type, and one that is bound to a key is no bearer token. A token that
    // was made for another application proves nothing about what its owner wants here.
    const bearer = token.token_type?.toLowerCase() === 'bearer' && token.cnf === undefined
    return token.active && bearer && token.client_id === parts.clientId && Boolean(token.sub)
  }

  function findWeakness(token: IntrospectionResponse): Refused | undefined {
    const challenge = { error: 'insufficient_user_authentication', acrValues: assurance.mfa, maxAge }
    if (typeof token.acr !== 'string' || !sufficient.has(token.acr)) {
      return { challenge, description: 'A second factor is required' }
    }
    if (maxAge === undefined) return undefined
    const recent = typeof token.auth_time === 'number' && token.auth_time + maxAge >= now() / SECOND
    return recent ? undefined : { challenge, description: 'More recent authentication is required' }
  }

  return router
}

interface Refused {
  challenge: BearerChallenge
  description?: string
}

function unavailable(error: unknown): 'unavailable' {
  if (error instanceof AppError) return 'unavailable'
  throw error
}
