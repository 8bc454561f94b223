/** The one place where a fault becomes an answer: a page for people, JSON for programs, and a line in the log. */
import type { Middleware, ParameterizedContext } from 'koa'
import { AppError } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { doorAt } from '../oidc/doors.ts'
import { isSessionNotFound } from '../oidc/provider.ts'
import { OtherBrowser } from '../oidc/seat.ts'
import { isApi } from './api/api.ts'
import { answerProblem } from './api/problem.ts'
import type { Pages } from './page.ts'
import { factsOf } from './request.ts'

/** A fault as its page tells of it. */
export interface Shown {
  /** Key of its text. */
  code: string
  status: number
  retryAfter?: number | undefined
  /** What is wrong with an application's request. */
  refusal?: ShownRefusal | undefined
  /** Where the person was going, if that is known. */
  home?: { href: string; name: string } | undefined
  /** The language that they were reading, if the page that is gone had one of its own. */
  uiLocales?: string | undefined
}

/** For whoever builds the application. Nothing of the request is in it, but in development. */
export interface ShownRefusal {
  /** OAuth's code. */
  error: string
  description: string | undefined
  /** In development: what was refused, and what is on record in its place. */
  refused?: { parameter: string | undefined; value: string } | undefined
  nearest?: { address: string; differs: string[] } | undefined
}

export interface ErrorPages {
  catchFaults: Middleware
  show(ctx: ParameterizedContext, fault: Shown): void
}

export interface ErrorParts {
  pages: Pages
  log: Log
  /** Where someone who is lost can begin again. */
  home: () => { href: string; name: string } | undefined
}

export function errorPages({ pages, log, home }: ErrorParts): ErrorPages {
  function show(ctx: ParameterizedContext, fault: Shown): void {
    const { correlation } = factsOf(ctx.req)
    ctx.status = fault.status
    if (fault.retryAfter) ctx.set('Retry-After', String(fault.retryAfter))
    if (isApi(ctx.path)) {
      answerProblem(ctx, { ...fault, detail: DESCRIPTIONS[fault.code] ?? fault.code })
      return
    }
    if (doorAt(ctx.path)?.door.asker === 'program' && ctx.accepts('json', 'html') !== 'html') {
      answerProgram(ctx, fault, correlation)
      return
    }
    if (ctx.accepts('html', 'json') === 'json') {
      const { error = fault.code, description } = fault.refusal ?? {}
      ctx.body = { error, error_description: description, reference: correlation }
      return
    }
    const { href, name } = fault.home ?? home() ?? {}
    const data = {
      code: fault.code,
      reference: correlation,
      retryAfter: fault.retryAfter,
      refusal: fault.refusal,
      home: href,
      homeName: name,
    }
    pages.show(ctx, { view: 'error', self: '/', status: fault.status, uiLocales: fault.uiLocales, data })
  }

  return {
    show,
    catchFaults: async (ctx, next) => {
      try {
        await next()
        if (ctx.status === 404 && !ctx.body && ctx.respond !== false) show(ctx, { code: 'not-found', status: 404 })
      } catch (thrown) {
        const fault = known(thrown)
        // Too many at once are no fault of ours: there is a counter of them.
        const isFault = fault.status >= 500 && fault.code !== 'busy'
        log[isFault ? 'error' : 'info'](
          {
            correlation: factsOf(ctx.req).correlation,
            reason: fault.code,
            fault: isFault ? thrown : undefined,
          },
          'fault',
        )
        show(ctx, fault)
      }
    },
  }
}

/**
 * OAuth's form of a fault (RFC 6749 section 5.2), with the HTTP status that says more. Scripts of other origins may read
 * it, as they may what the library refuses before it knows which application asks.
 */
function answerProgram(
  ctx: ParameterizedContext,
  { code, status }: { code: string; status: number },
  reference: string,
) {
  ctx.vary('Origin')
  ctx.set('Access-Control-Allow-Origin', ctx.get('Origin') || '*')
  ctx.body = {
    error: status >= 500 ? 'server_error' : 'invalid_request',
    error_description: DESCRIPTIONS[code] ?? code,
    reference,
  }
}

const DESCRIPTIONS: Record<string, string> = {
  'bad-request': 'the request cannot be read',
  'body-too-large': 'the request is too long',
  'not-found': 'nothing here answers this method',
}

function known(thrown: unknown): { code: string; status: number; retryAfter?: number | undefined } {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof OtherBrowser) return { code: 'other-browser', status: 400 }
  if (isSessionNotFound(thrown)) return { code: 'interaction-expired', status: 400 }
  // Koa and its router throw these for what they cannot read: a malformed escape in the path, say.
  if (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    thrown.status >= 400 &&
    thrown.status < 500
  ) {
    return { code: 'bad-request', status: thrown.status }
  }
  return { code: 'internal', status: 500 }
}
