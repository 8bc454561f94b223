/** How the portal answers a person, whatever the route: a page, a page about what went wrong, or a way on. */
import type { Context } from 'koa'
import { randomToken } from '../lib/crypto.ts'
import type { Locale } from '../lib/locales.ts'
import type { Log } from '../lib/log.ts'

/** Renders `portal/home`, `portal/signed-in` and `portal/error`. */
export interface PortalViews {
  page(view: string, locale: Locale, data: { nonce: string; self: string; [name: string]: unknown }): string
}

export interface PortalPages {
  show(ctx: Context, view: string, data: Record<string, unknown>): void
  /** The page that offers to try again, at `again` or else with **Sign in**. Its reference finds the line in the log. */
  refuse(ctx: Context, status: number, code: string, detail: string, again?: string): void
  /** `url` is always absolute: a path such as `//evil.example` would lead elsewhere. */
  redirect(ctx: Context, url: string): void
}

/** What both are called, and whether they are of one house. */
export interface Names {
  site: string
  house: boolean
  issuerName: string
}

export function portalPages(views: PortalViews, names: Names, log: Log): PortalPages {
  function show(ctx: Context, view: string, data: Record<string, unknown>): void {
    ctx.type = 'html'
    ctx.body = views.page(view, ctx.state.locale, { ...data, ...names, nonce: ctx.state.nonce, self: '/' })
  }

  return {
    show,
    refuse(ctx, status, code, detail, again) {
      const reference = randomToken().slice(0, 10)
      log[status < 500 ? 'info' : 'error']({ reference, reason: code, detail, path: ctx.path }, 'portal refused')
      ctx.status = status
      show(ctx, 'portal/error', { code, reference, again })
    },
    redirect(ctx, url) {
      ctx.redirect(url)
      // So that no form is sent on.
      ctx.status = 303
    },
  }
}

/** What the log is told of a fault. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
