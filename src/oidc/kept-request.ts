/**
 * Authorization requests that a browser keeps: what is left of a sitting when it is over. A page that was open over lunch
 * or over night begins the same request again with it; the one behind the **Back** button, or in a second tab, finds out
 * that the request was answered.
 *
 * The browser keeps it sealed, and sealed for its seat (seat.ts): one that another browser kept, or that was changed, is
 * not there. It says nothing of the person, and nothing in it was decided: the request is sent to the door that every
 * request comes in by, where the record of the application, the session and the policy are asked anew. Of a request that
 * was pushed (RFC 9126) the parameters are not kept: it was for one use, and the application begins another.
 */
import type { IncomingMessage } from 'node:http'
import { type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { digest } from '../lib/crypto.ts'
import { type Locale, localeOf } from '../lib/locales.ts'
import { type Clock, DAY, SECOND, seconds } from '../lib/time.ts'
import type { Seats } from './seat.ts'

export interface KeptRequest {
  /** Its sittings, the latest last: each page of it has an address of its own. */
  sittings: string[]
  /** The page that the latest is for. */
  prompt: string
  client: string
  /** Its parameters as they came; none of one that was pushed, or that is too long to be kept. */
  query?: string | undefined
  /** The address that was typed on its page, to be filled in where it is asked for next. */
  email?: string | undefined
  /** The language of its pages, where the application or the person asked for one. */
  locale?: Locale | undefined
  /** Whom its page is for, if that page can wait: a name that only says whether somebody else is meant. */
  whose?: string | undefined
  /** The page that was put off when it was gone already, and `whose` it was. */
  later?: string | undefined
  /** Seconds: when it came. */
  at: number
  /** It was answered: the application used its `state` up. */
  answered?: boolean
}

/** Where a browser keeps them. What holds the cookie declares it; see web/request-cookie.ts. */
export interface KeptRequests {
  find(ctx: Parameters<Seats['of']>[0], sitting: string): KeptRequest | undefined
  /** In the place of what was kept of the same request, if anything was. */
  keep(ctx: Parameters<Seats['of']>[0], request: KeptRequest): void
}

/** A request that begins again, and what it begins with. */
export interface Continuation {
  kept: KeptRequest
  /** What the page that is gone was answered with, just now and in this very request. */
  result?: Record<string, unknown> | undefined
  /** Somebody else is to sign in: nobody's address is filled in. */
  other?: boolean
}

/** Prompts whose pages can wait. */
export type Waiting = 'enroll' | 'password'

/** Seconds after which a request does not begin again. */
const LIFE = DAY / SECOND
/** Of one request: who goes round and round must not make the cookie grow. */
const MOST_SITTINGS = 6

const continuations = new WeakMap<IncomingMessage, Continuation>()

/** The request with which it may begin again, in the language of its pages; undefined if it is over for good. */
export function restartable({ query, locale, at, answered }: KeptRequest, now: Clock): string | undefined {
  if (query === undefined || answered || seconds(now()) - at > LIFE) return undefined
  const asked = new URLSearchParams(query)
  // The person may have picked another than the application asked for.
  if (locale === undefined || localeOf(asked.get('ui_locales')) === locale) return query
  asked.set('ui_locales', locale)
  return asked.toString()
}

/** Turns what asked for a page that is gone into the authorization request that the page was for. */
export function turnInto(request: IncomingMessage, query: string, continuation: Continuation): void {
  continuations.set(request, continuation)
  request.method = 'GET'
  request.url = `/auth?${query}`
}

export function continuationOf({ req }: Pick<KoaContextWithOIDC, 'req'>): Continuation | undefined {
  return continuations.get(req)
}

/** The password was typed on a page that is gone: it is the answer to the page that is due, whoever is signed in. */
export function isAnsweredAhead(ctx: KoaContextWithOIDC): boolean {
  return continuationOf(ctx)?.result !== undefined && ctx.oidc.result === undefined
}

/** Somebody who was setting up a second factor, and went away: they go on, after their password. */
export function continuesWizard(ctx: KoaContextWithOIDC): boolean {
  return continuationOf(ctx)?.kept.prompt === 'enroll'
}

interface Sitting {
  uid: string
  exp?: number
  prompt: { name: string }
  params: Record<string, unknown>
  result?: Record<string, unknown>
  parJti?: string
  save(ttl: number): Promise<string>
}

/** The browser keeps every request that a page is shown for, from its first page to its last. */
export function keepRequests(provider: Provider, requests: KeptRequests, now: Clock): void {
  const prototype = provider.Interaction.prototype as unknown as Sitting
  const save = prototype.save
  prototype.save = function (this: Sitting, ttl) {
    const ctx = Provider.ctx
    if (ctx && this.exp === undefined) {
      this.result = answerOf(ctx, this.prompt.name)
      requests.keep(ctx, requestOf(ctx, this, requests, now))
    }
    return save.call(this, ttl)
  }
}

/** Where the browser goes from a sitting that has begun: to its page, unless that was answered ahead. */
export function placeOf(ctx: Pick<KoaContextWithOIDC, 'req'>, sitting: object): string {
  const { uid, result, returnTo } = sitting as { uid: string; result?: object; returnTo: string }
  if (result !== undefined) return returnTo
  return continuationOf(ctx)?.other ? `/interaction/${uid}?account=other` : `/interaction/${uid}`
}

/** The request whose page was put off when it was gone: what is due before it is asked for, and the answer then counts. */
export function putOff(kept: KeptRequest): KeptRequest {
  return { ...kept, prompt: 'login', later: `${kept.prompt}/${kept.whose}` }
}

/** Whether whoever is signed in has put this page off, and it was theirs. */
export function isPutOff(ctx: KoaContextWithOIDC, requests: KeptRequests, page: Waiting): boolean {
  const { accountId } = ctx.oidc.session ?? {}
  if (accountId === undefined) return false
  const later = knownOf(ctx, requests)?.later
  return later !== undefined && later === `${page}/${nameOf(accountId)}`
}

/** Notes that the application has its answer: no page of this request leads to the same answer once more. */
export function noteAnswered(ctx: KoaContextWithOIDC, requests: KeptRequests): void {
  const kept = knownOf(ctx, requests)
  if (kept) requests.keep(ctx, asAnswered(kept))
}

/** Nothing of it begins again: where it was of is all that is still worth knowing. */
export function asAnswered({ sittings, prompt, client, locale, at }: KeptRequest): KeptRequest {
  return { sittings, prompt, client, locale, at, answered: true }
}

function knownOf(ctx: KoaContextWithOIDC, requests: KeptRequests): KeptRequest | undefined {
  const { uid } = ctx.oidc.entities.Interaction ?? {}
  return continuationOf(ctx)?.kept ?? (uid === undefined ? undefined : requests.find(ctx, uid))
}

function nameOf(accountId: string): string {
  return digest(`request/${accountId}`).slice(0, 16)
}

function answerOf(ctx: KoaContextWithOIDC, prompt: string): Record<string, unknown> | undefined {
  const result = continuationOf(ctx)?.result
  if (result === undefined || (prompt !== 'login' && prompt !== 'select_account')) return undefined
  // Whoever typed an address and its password has said which account is meant.
  return { ...result, ...(prompt === 'select_account' && !result.error && { select_account: {} }) }
}

function requestOf(
  ctx: KoaContextWithOIDC,
  { uid, prompt, params, parJti }: Sitting,
  requests: KeptRequests,
  now: Clock,
): KeptRequest {
  const known = knownOf(ctx, requests)
  const { accountId } = ctx.oidc.session ?? {}
  const waits = prompt.name === 'enroll' || prompt.name === 'password'
  const asked = ctx.oidc.route === 'authorization' && parJti === undefined ? ctx.querystring : undefined
  const sittings = [...(known?.sittings ?? []), uid].slice(-MOST_SITTINGS)
  return {
    ...(known ?? { client: String(params.client_id), query: asked, at: seconds(now()) }),
    sittings,
    prompt: prompt.name,
    locale: localeOf(params.ui_locales) ?? known?.locale,
    whose: waits && accountId !== undefined ? nameOf(accountId) : undefined,
  }
}
