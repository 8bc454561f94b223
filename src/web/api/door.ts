/**
 * The door to the API: who comes (RFC 6750), whether they may, what they ask, in this order, so that a stranger costs one
 * look and is told nothing. No cookie opens it, and no page of another origin may read what it says.
 */
import { Readable } from 'node:stream'
import type { RouterContext } from '@koa/router'
import { type Actor, mayRun } from '../../admin/role.ts'
import { type AdminContext, type MadeFile, NotAllowed, runVerb } from '../../admin/verb.ts'
import { clientActor } from '../../audit/actor.ts'
import { AppError } from '../../lib/errors.ts'
import { ration } from '../../lib/ration.ts'
import { type Clock, MINUTE, SECOND, seconds } from '../../lib/time.ts'
import { ADMIN_API } from '../../oidc/admin-api.ts'
import type { Admission, Admitted, NotAdmitted } from '../../oidc/admission.ts'
import { sourceOf } from '../request.ts'
import { insistShape, told } from './answer.ts'
import { challenge } from './challenge.ts'
import { givesParts, inputOf, PART, placeOf } from './input.ts'
import type { Once } from './once.ts'
import { isKnown, tagOf } from './preconditions.ts'
import { answerProblem, problemOf } from './problem.ts'
import type { Route } from './routes.ts'

export interface DoorParts {
  admit: Admission
  context: AdminContext
  once: Once
  /** Scheme and host of the API. */
  origin: string
  /** What the ladder calls two factors. */
  mfa: string
  /** Milliseconds that a second factor may be old for an act. */
  fresh: number
  /** Every answer is held to its shape. */
  checksAnswers: boolean
  now: Clock
}

export type Handle = (ctx: RouterContext) => Promise<void>

/** For one application, or one person by it, on one node: a loop that went wrong, not what anybody needs. */
const RATE = { each: 600, all: 30_000, window: MINUTE }

export function door(parts: DoorParts): (route: Route) => Handle {
  const { admit, context, now } = parts
  const realm = `${parts.origin}${ADMIN_API}`
  const tells = ration(RATE, now)

  function refuseToken(ctx: RouterContext, { error, reason, maxAge }: NotAdmitted): void {
    const schemes = error === undefined ? SCHEMES : SCHEMES.filter((scheme) => isSchemeOf(ctx, scheme))
    const weak = error === 'insufficient_user_authentication'
    for (const scheme of schemes)
      challenge(ctx, realm, { scheme, error, description: reason, maxAge, ...(weak && { acrValues: parts.mfa }) })
    const status = error === 'invalid_request' ? 400 : 401
    const code = (error ?? 'token-required').replaceAll('_', '-')
    log(ctx, code)
    answerProblem(ctx, { status, code, detail: reason })
  }

  function log(ctx: RouterContext, reason: string, client?: string): void {
    context.log.warn({ reason, client, correlation: sourceOf(ctx).correlation }, 'api refused')
  }

  /** Whoever has a token and asks for more than it is for. */
  async function refuseHolder(ctx: RouterContext, route: Route, actor: Actor, reason: string): Promise<void> {
    const { id, source, client } = actor
    const details = { verb: route.verb.name, via: 'api', reason }
    await context.audit({ type: 'admin.refused', outcome: 'refused', actor: id, client, source, details })
    log(ctx, reason, client)
  }

  async function admittedBy(ctx: RouterContext): Promise<Admitted | NotAdmitted> {
    // RFC 6750 section 5.3: addresses are in logs and histories.
    if (new URLSearchParams(ctx.querystring).has('access_token')) return IN_ADDRESS
    const authorization = headers(ctx, 'authorization')
    const proof = ctx.get('DPoP') || undefined
    return admit({ method: ctx.method, address: `${parts.origin}${ctx.path}`, authorization, proof })
  }

  /** Undefined where the answer says why not. */
  async function enter(ctx: RouterContext, route: Route): Promise<Actor | undefined> {
    const admitted = await admittedBy(ctx)
    if (!admitted.ok) {
      refuseToken(ctx, admitted)
      return undefined
    }
    const actor = actorOf(ctx, admitted)
    if (!tells(`${admitted.clientId} ${actor.id}`)) {
      answerProblem(ctx, { ...TOO_OFTEN, retryAfter: RATE.window / SECOND })
      return undefined
    }
    if (!admitted.scopes.has(route.scope)) {
      await refuseHolder(ctx, route, actor, 'insufficient-scope')
      const description = `this needs the scope ${route.scope}`
      const [scheme = 'Bearer'] = SCHEMES.filter((one) => isSchemeOf(ctx, one))
      challenge(ctx, realm, { scheme, error: 'insufficient_scope', description, scope: route.scope })
      answerProblem(ctx, { status: 403, code: 'insufficient-scope', detail: description })
      return undefined
    }
    const { who } = admitted
    if (who.kind === 'service' && route.people) {
      await refuseHolder(ctx, route, actor, 'people-only')
      answerProblem(ctx, { status: 403, code: 'people-only', detail: 'no application does this: somebody has to' })
      return undefined
    }
    const asksFresh = route.verb.sensitive || route.fresh
    if (who.kind === 'person' && asksFresh && seconds(now()) - who.provenAt > parts.fresh / SECOND) {
      refuseToken(ctx, { ...STALE, maxAge: parts.fresh / SECOND })
      return undefined
    }
    return actor
  }

  async function run(ctx: RouterContext, route: Route, actor: Actor): Promise<void> {
    const { verb } = route
    // Somebody without the role learns nothing from what is not in order.
    if (!mayRun(actor, verb.roles).ok) throw await refusal(runVerb(context, verb, {}, actor))
    if (!verb.file && ctx.accepts('application/json', 'application/problem+json') === false)
      throw new AppError('not-acceptable', 'the answer is application/json', { status: 406 })
    const { input, part } = await inputOf(ctx, route)
    if (verb.file) return send(ctx, (await runVerb(context, verb, input, actor)) as MadeFile)
    const make = async (request?: string) => {
      const limit = Number(input.limit ?? PART.limit.def.defaultValue)
      const asked = givesParts(route) && route.list !== undefined ? { ...input, limit } : input
      const answer = await runVerb(context, verb, asked, { ...actor, ...(request !== undefined && { request }) })
      const plain = told(answer, route, part, limit)
      if (parts.checksAnswers) insistShape(plain, route)
      return plain
    }
    const answer = route.makes ? await parts.once(ctx, { route, input, actor, make }) : await make()
    respond(ctx, route, answer)
  }

  return (route) => async (ctx) => {
    try {
      const actor = await enter(ctx, route)
      if (actor) await run(ctx, route, actor)
    } catch (fault) {
      const problem = problemOf(fault, placeOf(route), now())
      if (!problem) throw fault
      // Of a file it is no precondition that failed.
      if (problem.code === 'changed-meanwhile' && route.versioned) problem.status = 412
      answerProblem(ctx, problem)
    }
  }
}

function respond(ctx: RouterContext, route: Route, answer: Record<string, unknown>): void {
  const { version, next } = answer
  if (typeof version === 'number') ctx.set('ETag', tagOf(version))
  const isSame = typeof version === 'number' && isKnown(ctx.get('If-None-Match'), tagOf(version))
  if (ctx.method !== 'POST' && !route.lively && isSame) {
    ctx.status = 304
    return
  }
  if (route.makes) ctx.status = 201
  // It waits for a second person: nothing was made or changed yet.
  if (typeof answer.approval === 'string') ctx.status = 202
  if (route.made) ctx.set('Location', `${ADMIN_API}${route.made(answer)}`)
  if (route.list !== undefined && typeof next === 'string') {
    const query = new URLSearchParams(ctx.querystring)
    query.set('after', next)
    ctx.set('Link', `<${ctx.path}?${query}>; rel="next"`)
  }
  ctx.body = answer
}

function send(ctx: RouterContext, { name, type, lines }: MadeFile): void {
  ctx.attachment(name)
  ctx.type = type
  ctx.body = Readable.from(lines)
}

/** What it is refused with. */
async function refusal(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => new NotAllowed('role-missing'),
    (fault: unknown) => fault,
  )
}

const SCHEMES = ['Bearer', 'DPoP'] as const
const IN_ADDRESS: NotAdmitted = {
  ok: false,
  error: 'invalid_request',
  reason: 'a token in the address is not looked at: send it as Authorization',
}
const STALE: NotAdmitted = {
  ok: false,
  error: 'insufficient_user_authentication',
  reason: 'a second factor has to be proven again for this',
}
const TOO_OFTEN = { status: 429, code: 'too-often', detail: 'more than anybody needs: wait a minute' }

function isSchemeOf(ctx: RouterContext, scheme: (typeof SCHEMES)[number]): boolean {
  return /^DPoP /i.test(ctx.get('Authorization')) === (scheme === 'DPoP')
}

function actorOf(ctx: RouterContext, { clientId, scopes, who }: Admitted): Actor {
  const at = { via: 'api', scopes, source: sourceOf(ctx) } as const
  if (who.kind === 'service') return { ...at, id: clientActor(clientId), roles: [who.role] }
  const { id, roles } = who.account
  return { ...at, id, roles, client: clientId }
}

/** Each time that it came: Node keeps one of several, or joins them. */
export function headers(ctx: RouterContext, name: string): string[] {
  const { rawHeaders } = ctx.req
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}
