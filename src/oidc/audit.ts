/** Which of the provider's events go into the audit trail. Listeners may not throw or wait: a throw would fail the request. */
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import { clientActor } from '../audit/actor.ts'
import type { Audit, AuditEvent } from '../audit/audit.ts'
import { REFUSALS, TOKENS } from '../audit/repeats.ts'
import { sourceOf } from '../audit/source.ts'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { networks } from '../lib/network.ts'
import { factsOf, refusalOf } from './refusal.ts'

export type TokenEvents = (provider: Provider) => void

/** What the library calls something that was used before. */
const USED: Record<string, string> = {
  'refresh token already used': 'RefreshToken',
  'authorization code already consumed': 'AuthorizationCode',
}

/** Every silent check by an application that nobody is signed in to ends in one of these: they are answers, not faults. */
const ORDINARY = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  // Of a sitting too many (left-open.ts), of which is told by itself.
  'temporarily_unavailable',
])

type Fault = Error & { error_description?: string; error_detail?: string }

export function recordEvents(audit: Audit, log: Log): TokenEvents {
  function record(ctx: KoaContextWithOIDC | undefined, event: AuditEvent): void {
    const source = ctx && sourceOf(ctx.req)
    audit({ ...event, client: ctx?.oidc?.client?.clientId, source }).catch((fault: unknown) =>
      log.error({ fault, event: event.type }, 'audit'),
    )
  }

  /** The library hides the reason from the client; the operator needs it. */
  function explain(ctx: KoaContextWithOIDC, fault: Fault): Record<string, string> {
    const facts = factsOf(refusalOf(ctx, fault))
    const { correlation, signIn } = sourceOf(ctx.req) ?? {}
    log.info(
      {
        correlation,
        signIn,
        client: ctx.oidc?.client?.clientId,
        ...facts,
        ...causeOf(fault),
      },
      'provider',
    )
    return facts
  }

  /** The same for the trail, where it is found by the reference on the page. */
  function refuse(ctx: KoaContextWithOIDC, fault: Fault, type: 'request.refused' | 'token.refused'): void {
    const details = explain(ctx, fault)
    const subject = ctx.oidc.account?.accountId ?? ctx.oidc.session?.accountId
    const repeats = { by: networks(sourceOf(ctx.req)?.ip ?? '').network, rule: REFUSALS }
    record(ctx, { type, outcome: 'refused', subject, details, repeats })
  }

  return (provider) => {
    provider.on('authorization.success', (ctx) => {
      const { session } = ctx.oidc
      record(ctx, {
        type: 'sign-in.completed',
        outcome: 'ok',
        actor: session?.accountId,
        subject: session?.accountId,
        details: { acr: session?.acr ?? '', amr: (session?.amr ?? []).join(' ') },
        repeats: silent(ctx),
      })
    })
    provider.on('authorization.error', (ctx, fault: Fault) => {
      if (isOrdinary(ctx, fault)) return void explain(ctx, fault)
      refuse(ctx, fault, 'request.refused')
    })
    provider.on('grant.success', (ctx) =>
      record(ctx, {
        type: 'token.issued',
        outcome: 'ok',
        actor: clientActor(ctx.oidc.client?.clientId),
        subject: ctx.oidc.account?.accountId,
        ...grantOf(ctx),
      }),
    )
    provider.on('grant.error', (ctx, fault: Fault) => {
      // One after the other; of several at once the adapter tells.
      const model = USED[fault.error_detail ?? '']
      if (model)
        record(ctx, {
          type: 'token.reuse-detected',
          outcome: 'refused',
          subject: ctx.oidc.account?.accountId,
          details: { model },
        })
      refuse(ctx, fault, 'token.refused')
    })
    provider.on('grant.revoked', (ctx) =>
      record(ctx, {
        type: 'token.revoked',
        outcome: 'ok',
        actor: clientActor(ctx.oidc.client?.clientId),
        subject: ctx.oidc.session?.accountId ?? ctx.oidc.account?.accountId,
      }),
    )
    provider.on('end_session.success', (ctx) =>
      record(ctx, {
        type: 'session.ended',
        outcome: 'ok',
        actor: ctx.oidc.session?.accountId,
        subject: ctx.oidc.session?.accountId,
      }),
    )
    // An access token that has run out is refused every few minutes.
    provider.on('userinfo.error', explain)
    provider.on('introspection.error', (ctx, fault: Fault) => refuse(ctx, fault, 'token.refused'))
    provider.on('revocation.error', (ctx, fault: Fault) => refuse(ctx, fault, 'token.refused'))
    provider.on('pushed_authorization_request.error', (ctx, fault: Fault) => refuse(ctx, fault, 'request.refused'))
    provider.on('end_session.error', (ctx, fault: Fault) => refuse(ctx, fault, 'request.refused'))
    provider.on('end_session_confirm.error', (ctx, fault: Fault) => refuse(ctx, fault, 'request.refused'))
    provider.on('end_session_success.error', (ctx, fault: Fault) => refuse(ctx, fault, 'request.refused'))
    provider.on('server_error', (ctx, fault) => {
      // For the endpoints that answer programs; pages set it themselves.
      if (fault instanceof AppError && fault.retryAfter) ctx.set('Retry-After', String(fault.retryAfter))
      record(ctx, { type: 'fault', outcome: 'failed' })
      log.error({ correlation: sourceOf(ctx.req)?.correlation, fault }, 'provider fault')
    })
  }
}

/**
 * A sign-in at which nobody did anything: the session answered. Of one session, application and address, and by the same
 * factors, the first of a day is told.
 */
function silent({ oidc, req }: KoaContextWithOIDC): AuditEvent['repeats'] {
  const { session, client, result } = oidc
  if (result || !session) return undefined
  const by = [session.uid, session.accountId, client?.clientId, session.acr, sourceOf(req)?.ip].join(' ')
  return { by, rule: 'daily' }
}

/**
 * By a refresh token: the first of a day of one person, application and address, with how many there were since the
 * sign-in. Otherwise it belongs to a sign-in that is told, or is a program's own: counted by application and address.
 */
function grantOf({ oidc, req }: KoaContextWithOIDC): Pick<AuditEvent, 'details' | 'repeats'> {
  const grant = String(oidc.params?.grant_type ?? '')
  const of = [grant, oidc.client?.clientId, sourceOf(req)?.ip]
  if (grant !== 'refresh_token') return { details: { grant }, repeats: { by: of.join(' '), rule: TOKENS } }
  const { rotations } = oidc.entities.RefreshToken ?? {}
  return {
    details: { grant, ...(rotations !== undefined && { refreshes: rotations }) },
    repeats: { by: [...of, oidc.account?.accountId].join(' '), rule: 'daily' },
  }
}

/** No fault of an application, or none that is not told of by itself. */
export function isOrdinary(ctx: KoaContextWithOIDC, fault: Fault): boolean {
  return ORDINARY.has(fault.message) || isToldAgain(ctx, fault)
}

/** What the library does not tell the client. What cannot be parsed is quoted in the reason, so that is left out. */
function causeOf({ cause, error_detail: detail }: Fault): { detail?: string | undefined; cause?: string } {
  if (cause instanceof SyntaxError) return { cause: cause.name }
  return { detail, ...(cause instanceof Error && { cause: cause.message }) }
}

/** Whatever is wrong besides, a request whose address is not on record ends with that, and so the library tells of it next. */
function isToldAgain({ oidc }: KoaContextWithOIDC, fault: Fault): boolean {
  const { client, redirectUriCheckPerformed } = oidc
  const address = oidc.params?.redirect_uri
  if (fault instanceof errors.InvalidRedirectUri || redirectUriCheckPerformed || !client) return false
  return typeof address === 'string' && !client.redirectUriAllowed(address)
}
