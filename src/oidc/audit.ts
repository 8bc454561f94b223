/** Which of the provider's events go into the audit trail. Listeners may not throw or wait: a throw would fail the request. */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Audit, AuditEvent } from '../audit/audit.ts'
import { sourceOf } from '../audit/source.ts'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'

export type TokenEvents = (provider: Provider) => void

/** What the library calls something that was used before. */
const USED: Record<string, string> = {
  'refresh token already used': 'RefreshToken',
  'authorization code already consumed': 'AuthorizationCode',
}

export function recordEvents(audit: Audit, log: Log): TokenEvents {
  function record(ctx: KoaContextWithOIDC | undefined, event: AuditEvent): void {
    const source = ctx && sourceOf(ctx.req)
    audit({ ...event, client: ctx?.oidc?.client?.clientId, source }).catch((fault: unknown) =>
      log.error({ fault, event: event.type }, 'audit'),
    )
  }

  /** The library hides the reason from the client; the operator needs it. */
  function explain(ctx: KoaContextWithOIDC, fault: Error & { error_detail?: string }): void {
    log.info(
      {
        correlation: sourceOf(ctx.req)?.correlation,
        error: fault.message,
        detail: fault.error_detail,
        cause: fault.cause instanceof Error ? fault.cause.message : undefined,
      },
      'provider',
    )
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
      })
    })
    provider.on('authorization.error', explain)
    provider.on('grant.success', (ctx) =>
      record(ctx, {
        type: 'token.issued',
        outcome: 'ok',
        subject: ctx.oidc.account?.accountId,
        details: { grant: String(ctx.oidc.params?.grant_type ?? '') },
      }),
    )
    provider.on('grant.error', (ctx, fault: Error & { error_detail?: string }) => {
      // One after the other; of several at once the adapter tells.
      const model = USED[fault.error_detail ?? '']
      if (model)
        record(ctx, {
          type: 'token.reuse-detected',
          outcome: 'refused',
          subject: ctx.oidc.account?.accountId,
          details: { model },
        })
      record(ctx, { type: 'token.refused', outcome: 'refused', details: { error: fault.message } })
      explain(ctx, fault)
    })
    provider.on('grant.revoked', (ctx) =>
      record(ctx, {
        type: 'token.revoked',
        outcome: 'ok',
        subject: ctx.oidc.session?.accountId ?? ctx.oidc.account?.accountId,
      }),
    )
    provider.on('end_session.success', (ctx) =>
      record(ctx, { type: 'session.ended', outcome: 'ok', subject: ctx.oidc.session?.accountId }),
    )
    provider.on('userinfo.error', explain)
    provider.on('introspection.error', explain)
    provider.on('revocation.error', explain)
    provider.on('pushed_authorization_request.error', explain)
    provider.on('end_session.error', explain)
    provider.on('end_session_confirm.error', explain)
    provider.on('server_error', (ctx, fault) => {
      // For the endpoints that answer programs; pages set it themselves.
      if (fault instanceof AppError && fault.retryAfter) ctx.set('Retry-After', String(fault.retryAfter))
      record(ctx, { type: 'fault', outcome: 'failed' })
      log.error({ correlation: sourceOf(ctx.req)?.correlation, fault }, 'provider fault')
    })
  }
}
