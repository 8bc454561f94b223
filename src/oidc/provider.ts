/**
 * The provider: oidc-provider in our profile (profile.ts), and how it is replaced while it runs when the signing keys
 * rotate. State is in the store, so a new instance goes on where the old one was.
 */

import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JWK } from 'jose'
import { type ClientMetadata, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { findAccount } from '../accounts/people.ts'
import { clientActor, UNKNOWN } from '../audit/actor.ts'
import { unanswered } from '../lib/listener.ts'
import { type InTurn, inTurn } from '../lib/turns.ts'
import { settled } from '../lib/unit-of-work.ts'
import type { Account } from '../person/account.ts'
import { adapterFactory } from './adapter.ts'
import { recordEvents, type TokenEvents } from './audit.ts'
import { fetched } from './fetched.ts'
import { continuationOf, noteAnswered } from './kept-request.ts'
import { boundPushed, boundSittings } from './left-open.ts'
import { type LookAhead, lookAhead, sittingAt } from './look-ahead.ts'
import { goodbyeToNobody, isToBeShown } from './nobody-leaves.ts'
import { type Observer, observer } from './observe.ts'
import { override, sendLogoutToken } from './overrides.ts'
import { postedForm } from './posted-form.ts'
import { configuration, type OidcParts } from './profile.ts'
import { type Published, type PublishedFiles, publishedFiles } from './published.ts'
import { type RefreshRules, refreshRules } from './refresh.ts'
import { RESPONSE_MODES } from './registration.ts'
import { nameSittingByAddress } from './seat.ts'
import { nameClient } from './sign-in-name.ts'

export interface Oidc {
  /** The instance of the moment; do not keep it. */
  provider(): Provider
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** What everybody is told at the address of this request, in bytes. Undefined if the library is to answer. */
  published(request: IncomingMessage): Published | undefined
  /** The account, if it is active. */
  activeAccount(accountId: string): Promise<Account | undefined>
  /** Takes up rotated keys. True if there were any. */
  refresh(): Promise<boolean>
  /** For a request that needs all of these: they are asked for at once, and then remembered. */
  lookAhead: LookAhead
  /** Runs in turn with everything else that writes the session with this id. */
  inTurn: InTurn
  sendLogout(content: { clientId: string; accountId: string; sid?: string }): Promise<void>
}

/** Whoever has the token, it was not proven to be theirs. */
const REUSED = { type: 'token.reuse-detected', outcome: 'refused', actor: UNKNOWN } as const

export async function oidc(parts: OidcParts): Promise<Oidc> {
  const refresh = refreshRules(parts.clients, parts.ring, parts.refreshGrace)
  const adapter = adapterFactory({
    store: parts.store,
    seal: parts.seal,
    clients: parts.clients,
    refresh,
    now: parts.now,
    onRepeat: ({ accountId: subject, clientId: client }) =>
      parts.audit({ type: 'token.repeated', outcome: 'ok', actor: clientActor(client), subject, client }),
    onReuse: (model, { accountId: subject, clientId: client }) =>
      parts.audit({ ...REUSED, subject, client, details: { model } }),
  })
  const events = recordEvents(parts.audit, parts.log)
  const observe = observer(parts)
  const turns = inTurn(parts.leases)
  const ahead = lookAhead(parts.store, parts.now)
  let current = await start()

  async function start(): Promise<Instance> {
    const { version, jwks } = await parts.keys.load()
    const files = publishedFiles()
    const provider = build(parts, jwks, { adapter, refresh, events, observe, turns, ahead, files })
    return { version, provider, files, callback: provider.callback() }
  }

  return {
    provider: () => current.provider,
    handle: (request, response) => current.callback(request, response),
    published(request) {
      const published = current.files.at(request.url ?? '')
      // What the doctor does in an application's name was not the application.
      if (published && request.headers['user-agent'] !== parts.doctorAgent) fetched(parts.tell, request, published.file)
      return published
    },
    async activeAccount(accountId) {
      const account = await findAccount(parts.people, accountId)
      return account?.status === 'active' ? account : undefined
    },
    async refresh() {
      if ((await parts.keys.version()) === current.version) return false
      current = await start()
      return true
    },
    lookAhead: ahead,
    inTurn: turns,
    sendLogout: ({ clientId, accountId, sid }) => sendLogoutToken(current.provider, clientId, accountId, sid),
  }
}

interface Instance {
  /** Of its keys. */
  version: number
  provider: Provider
  callback: ReturnType<Provider['callback']>
  files: PublishedFiles
}

/** What one instance hands to the next. */
interface Lasting {
  adapter: ReturnType<typeof adapterFactory>
  refresh: RefreshRules
  events: TokenEvents
  observe: Observer
  turns: InTurn
  ahead: LookAhead
}

function build(
  parts: OidcParts,
  jwks: JWK[],
  { adapter, refresh, events, observe, turns, ahead, files }: Lasting & Pick<Instance, 'files'>,
): Provider {
  const provider = new Provider(parts.issuer, configuration(parts, jwks, adapter))
  override(provider, {
    clients: parts.clients,
    noteUse(clientId, secretId) {
      // What the doctor does in an application's name was not the application.
      if (Provider.ctx?.get('user-agent') !== parts.doctorAgent) parts.noteUse(clientId, secretId)
    },
    log: parts.log,
    seats: parts.seats,
    requests: parts.requests,
    now: parts.now,
    refresh,
    queueLogout: (clientId, accountId, sid) =>
      parts.store.enqueue([parts.wrap('logout', { clientId, accountId, sid })]),
  })
  // The front end has made sure that scheme and host are the issuer's, whatever the request said.
  provider.proxy = true
  provider.use((ctx, next) =>
    durably(ctx, next).catch((fault: Error) => {
      // Before or after the library's own routes: theirs is its own business, and Koa would send a bare text.
      const at = ctx as unknown as KoaContextWithOIDC
      provider.emit('server_error', at, fault)
      at.status = 500
      return parts.pages.error(at, { error: 'server_error' }, fault)
    }),
  )
  provider.use(async (ctx, next) => {
    // Programs have no sitting, and it would make a jar for cookies that they do not have.
    if (ctx.path.startsWith('/auth')) nameSittingByAddress(ctx as unknown as KoaContextWithOIDC, provider)
    await next()
    nameClient(ctx.req, (ctx as { oidc?: KoaContextWithOIDC['oidc'] }).oidc?.client)
    goOn(ctx as unknown as KoaContextWithOIDC, parts)
    const form = postedForm(ctx.body)
    if (form) parts.pages.post(ctx as unknown as KoaContextWithOIDC, form)
  })
  provider.use((ctx, next) => {
    // The library finds a sitting and then removes it: of several ways back at once, one is to find it.
    const sitting = sittingAt(ctx.path)
    return sitting ? turns(`sitting ${sitting}`, () => next()) : next()
  })
  provider.use((ctx, next) => {
    const session = /^\/(auth|session)(\/|$)/.test(ctx.path) && ctx.cookies.get(provider.cookieName('session'))
    if (!session) return next()
    let wasThere = false
    const isThere = async () => (await provider.Session.find(session)) !== undefined
    const answer = async () => {
      await ahead({ sitting: sittingAt(ctx.path), session })
      // The one before it gave the session a new id: this browser has a new cookie by now, so let it ask again. Who comes
      // with a cookie of long ago has no other.
      if (!wasThere || ctx.method !== 'GET' || (await isThere())) return next()
      ctx.status = 303
      ctx.redirect(ctx.url)
    }
    return turns(session, answer, async () => {
      wasThere = await isThere()
    })
  })
  provider.use(async (ctx, next) => {
    await next()
    const { route } = (ctx as { oidc?: { route?: string } }).oidc ?? {}
    if (route === 'discovery') Object.assign(ctx.body as object, { response_modes_supported: RESPONSE_MODES })
    files.keep(ctx as unknown as KoaContextWithOIDC)
    // Nothing is of no type: applications that take only JSON would refuse the empty text, and never sign out.
    if (route === 'revocation' && ctx.body === '') ctx.remove('Content-Type')
    if (ctx.status === 404 && !ctx.body) await parts.pages.notFound(ctx as unknown as KoaContextWithOIDC)
  })
  // As of every Koa; its types know only the library's own events.
  ;(provider as EventEmitter).on('error', unanswered(parts.log))
  boundSittings(provider, parts.leftOpen, { onRefused: parts.onTooManySittings, now: parts.now })
  boundPushed(provider, parts.leftOpen, { onRefused: parts.onTooManyPushed, now: parts.now })
  events(provider)
  observe(provider)
  return provider
}

/** The library's answer leaves before the front end's unit of work ends. */
async function durably(ctx: { remove(header: string): void }, next: () => Promise<void>): Promise<void> {
  try {
    await next()
  } finally {
    await settled(() => {
      ctx.remove('Set-Cookie')
      ctx.remove('Location')
    })
  }
}

/** Where the chain of a form ends: coming back from a page of ours, and from the one that asks whether to sign out. */
function goOn(ctx: KoaContextWithOIDC, { pages, requests }: Pick<OidcParts, 'pages' | 'requests'>): void {
  const oidc = ctx.oidc as KoaContextWithOIDC['oidc'] | undefined
  // Answered before the library looked at it.
  if (!oidc) return
  const { route, entities } = oidc
  const goodbye = goodbyeToNobody(ctx)
  if (goodbye !== undefined) {
    // Another site's image does not take the seat of whoever is about to sign in here.
    if (isToBeShown(ctx)) pages.leave(ctx)
    pages.onward(ctx, goodbye)
    return
  }
  // By a form that posts itself, where the application wants that.
  if (entities.AuthorizationCode && ctx.status !== 303) noteAnswered(ctx, requests)
  if (ctx.status !== 303) return
  const address = ctx.response.get('location')
  // Whoever signs in as somebody else signs out in the middle of a sitting, and goes on with it.
  const sitting = address.startsWith(`${oidc.urlFor('authorization')}/`)
  const page = address.startsWith('/') || sitting
  if ((route === 'resume' || route === 'authorization') && !page) noteAnswered(ctx, requests)
  // What was asked for by a form of ours, on a page that is gone, goes on as its answer does.
  if (route !== 'resume' && route !== 'end_session_confirm' && continuationOf(ctx) === undefined) return
  if (route === 'end_session_confirm' && oidc.params?.logout && !sitting) pages.leave(ctx)
  pages.onward(ctx, address)
}

/** The application's own words for itself, as pages show them. */
export function clientName(provider: Provider, id: unknown): Promise<ClientMetadata | undefined> {
  if (typeof id !== 'string') return Promise.resolve(undefined)
  return provider.Client.find(id).then((client) => client?.metadata())
}

/** An interaction that is over, or is not this browser's. */
export function isSessionNotFound(error: unknown): boolean {
  return error instanceof errors.SessionNotFound
}
