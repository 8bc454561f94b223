/**
 * The few places where oidc-provider's own classes are changed, kept together because they rest on its internals; those
 * of client authentication are in client-auth-overrides.ts. Each has a test in test/flow; read them before moving to
 * another version.
 */
import { errors, Provider } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import type { Log } from '../lib/log.ts'
import type { Clock } from '../lib/time.ts'
import { READ, Replayed } from './adapter.ts'
import { MOST_AHEAD } from './client-auth.ts'
import { type NoteUse, overrideClientAuth } from './client-auth-overrides.ts'
import { type KeptRequests, keepRequests } from './kept-request.ts'
import { keepNothingOfNobody } from './nobody-leaves.ts'
import type { Refreshed, RefreshRules } from './refresh.ts'
import { SEAT, type Seats, seatSittings } from './seat.ts'
import { nameSignIns, SIGN_IN } from './sign-in-name.ts'

/** What we keep in the provider's session besides what it keeps itself. */
export const SESSION_FIELDS = [
  'proofs',
  'prover',
  'deviceMethod',
  'epoch',
  'postponed',
  'passwordLater',
  'agent',
  'holding',
] as const
/** And in its grants: see claims.ts. */
export const GRANT_FIELDS = ['epoch', 'house'] as const

export interface Overrides {
  clients: Clients
  noteUse: NoteUse
  seats: Seats
  requests: KeptRequests
  now: Clock
  refresh: RefreshRules
  /** Puts one logout token in the queue instead of sending it while the person waits. */
  queueLogout: (clientId: string, accountId: string, sid: string | undefined) => Promise<void>
  log: Log
}

interface SessionInternals {
  oldId?: string
  touched?: boolean
}

export function override(provider: Provider, parts: Overrides): void {
  keepFields(provider.Session, [...SESSION_FIELDS, READ])
  keepFields(provider.Interaction, [SEAT, SIGN_IN, READ])
  for (const model of [provider.PushedAuthorizationRequest, provider.AuthorizationCode, provider.RefreshToken])
    keepFields(model, [SIGN_IN])
  keepFields(provider.Grant, [...GRANT_FIELDS, READ])
  seatSittings(provider, parts.seats)
  nameSignIns(provider, parts.now)
  keepRequests(provider, parts.requests, parts.now)
  keepOthersCookie(provider)
  keepNothingOfNobody(provider)
  keepIdsFromObjects(provider)
  containListeners(provider, parts.log)
  saveOnce(provider)
  refuseReplays(provider)
  findInMemory(provider, parts.clients)
  overrideClientAuth(provider, parts.clients, parts.noteUse)
  queueLogouts(provider, parts.queueLogout)
  nameTheSession(provider)
  nameTheResponseType(provider)
  nameTheSuccessor(provider, parts.refresh)
}

/** A model's payload is an allow-list; the maintainer's advice is to widen the getter before its first use. */
function keepFields(model: object, fields: readonly string[]): void {
  const original = Object.getOwnPropertyDescriptor(model, 'IN_PAYLOAD')?.get
  if (!original) throw new Error('oidc-provider: IN_PAYLOAD is not where it was')
  Object.defineProperty(model, 'IN_PAYLOAD', {
    configurable: true,
    get: () => [...(original.call(model) as string[]), ...fields],
  })
}

/**
 * The library would digest all that is known of a client at each request, and remember a hundred of them. Ours is the same
 * object until it changes, so what the library makes of it is kept beside it.
 */
function findInMemory(provider: Provider, clients: Clients): void {
  const model = provider.Client as unknown as {
    new (metadata: object): object
    find(id: unknown): Promise<object | undefined>
  }
  const made = new WeakMap<object, object>()
  model.find = async (id) => {
    const metadata = typeof id === 'string' ? clients.find(id)?.metadata : undefined
    if (!metadata) return undefined
    const known = made.get(metadata) ?? new model(metadata)
    made.set(metadata, known)
    return known
  }
}

/**
 * A request whose cookie names a session that is gone gets an empty one, which the library would save and give to the
 * browser: in the place of the cookie that another tab has just been given for the renewed one. Marked as new, it is
 * left alone unless somebody signs in with it.
 */
function keepOthersCookie(provider: Provider): void {
  const model = provider.Session as unknown as { get(ctx: unknown): Promise<{ exp?: number; new?: boolean }> }
  const get = model.get
  model.get = async function (ctx) {
    const session = await get.call(this, ctx)
    if (session.exp === undefined && !session.new) Object.defineProperty(session, 'new', { value: true })
    return session
  }
}

/**
 * A session that gets a new id: the adapter stores it before the old one goes. One that somebody else has changed
 * meanwhile is not written, and not tried again at the end of the request.
 */
function saveOnce(provider: Provider): void {
  const prototype = provider.Session.prototype as { save(ttl: number): Promise<string> }
  const save = prototype.save
  prototype.save = async function (this: SessionInternals & typeof prototype, ttl: number) {
    delete this.oldId
    try {
      return await save.call(this, ttl)
    } finally {
      this.touched = false
    }
  }
}

/**
 * In a session the ids of clients are keys. An object without a prototype has nothing under any name that was not put
 * there.
 */
function keepIdsFromObjects(provider: Provider): void {
  const prototype = provider.Session.prototype as unknown as {
    authorizations?: object
    authorizationFor(clientId: string, value?: unknown): unknown
  }
  const authorizationFor = prototype.authorizationFor
  prototype.authorizationFor = function (clientId, value) {
    if (this.authorizations) Object.setPrototypeOf(this.authorizations, null)
    else if (value !== undefined) this.authorizations = Object.create(null) as object
    return authorizationFor.call(this, clientId, value)
  }
}

/** What a listener throws would turn a request that was answered into a fault, or end the process. */
function containListeners(provider: Provider, log: Pick<Log, 'error'>): void {
  const emit = provider.emit.bind(provider)
  provider.emit = (event: string | symbol, ...args: unknown[]) => {
    try {
      return emit(event, ...args)
    } catch (fault) {
      log.error({ fault, event: String(event) }, 'listener')
      return true
    }
  }
}

/**
 * The library asks «is it there?» and then saves; only the save can tell which of two was first. It keeps the id of a
 * proof for as long as one of now is taken: one that is from a little ahead is taken for longer.
 */
function refuseReplays(provider: Provider): void {
  const model = (
    provider as unknown as { ReplayDetection: { unique(iss: string, jti: string, exp: number): Promise<boolean> } }
  ).ReplayDetection
  const unique = model.unique
  model.unique = async function (iss, jti, exp) {
    try {
      return await unique.call(this, iss, jti, exp + MOST_AHEAD)
    } catch (error) {
      if (error instanceof Replayed) return false
      throw error
    }
  }
}

/** The library posts a logout token once and forgets it; ours waits in the durable queue until it was taken. */
function queueLogouts(provider: Provider, queueLogout: Overrides['queueLogout']): void {
  const prototype = provider.Client.prototype as unknown as {
    clientId: string
    backchannelLogout(accountId: string, sid?: string): Promise<void>
    sendLogoutToken(accountId: string, sid?: string): Promise<void>
  }
  prototype.sendLogoutToken = prototype.backchannelLogout
  prototype.backchannelLogout = function (accountId, sid) {
    return queueLogout(this.clientId, accountId, sid)
  }
}

/**
 * `sid` in every ID token (Front-Channel Logout 1.0 section 3), also of applications that want no logout tokens: with it
 * they prove whose sign-out they ask for, and the person is not asked once more.
 */
function nameTheSession(provider: Provider): void {
  const prototype = provider.Client.prototype as unknown as { includeSid(): boolean }
  prototype.includeSid = () => true
}

/**
 * The library asks first whether the response mode suits, and of a response type that is missing or needs a fragment says
 * that the mode is wrong. What a developer has to set is the type; several libraries ask for an ID token by themselves.
 */
function nameTheResponseType(provider: Provider): void {
  const prototype = provider.Client.prototype as unknown as {
    responseModeAllowed(mode: string | undefined, type: string | undefined, profile: unknown): boolean
  }
  const allowed = prototype.responseModeAllowed
  prototype.responseModeAllowed = function (mode, type, profile) {
    if (type === undefined) throw new errors.InvalidRequest('response_type is missing: set it to code')
    if (type !== 'code')
      throw new errors.UnsupportedResponseType(
        'response_type must be code: set the library to the authorization code flow, with the client secret or PKCE',
      )
    return allowed.call(this, mode, type, profile)
  }
}

/** Whatever comes with one refresh token within its grace is given one and the same in its place (refresh.ts). */
function nameTheSuccessor(provider: Provider, { successorsOf, named }: RefreshRules): void {
  const prototype = provider.RefreshToken.prototype as unknown as { generateTokenId(): string }
  const generate = prototype.generateTokenId
  prototype.generateTokenId = function () {
    const { ctx } = Provider
    const { RotatedRefreshToken: before } = (ctx?.oidc.entities ?? {}) as Rotation
    if (!ctx || !before) return generate.call(this)
    return named.get(ctx) ?? successorsOf(before.jti, before)[0] ?? generate.call(this)
  }
}

interface Rotation {
  RotatedRefreshToken?: Refreshed & { jti: string }
}

/** Sends one logout token now, with a fresh `jti` and `exp` (Back-Channel Logout 1.0 section 2.4). Rejects if it was not taken. */
export async function sendLogoutToken(
  provider: Provider,
  clientId: string,
  accountId: string,
  sid: string | undefined,
): Promise<void> {
  const client = await provider.Client.find(clientId)
  if (!client?.backchannelLogoutUri) return
  await (client as unknown as { sendLogoutToken(accountId: string, sid?: string): Promise<void> }).sendLogoutToken(
    accountId,
    sid,
  )
}
