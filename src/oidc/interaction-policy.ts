/**
 * The dispatcher: the ordered list of what an authorization request still needs. A page hands its result to the
 * provider, which walks this list again; no page knows the next page.
 *
 *   facts → select_account → login → assurance → consent
 *
 * `facts` and `assurance` never show a page: the first computes what the session has proven, the second refuses what
 * cannot be reached.
 */
import { decodeJwt } from 'jose'
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import { type Clock, SECOND } from '../lib/time.ts'
import { amr, atLeast, type Ladder, type Proofs, reached } from '../mfa/assurance.ts'
import { decide } from '../mfa/challenge-policy.ts'
import type { KnownAccount } from './claims.ts'
import { ownFields } from './client.ts'

const { Check, Prompt, base } = interactionPolicy

/** What our pages hand back besides the provider's own `login` and `consent`. */
export interface OwnResult {
  /** Factors proven on the page, with the time in seconds. */
  proofs?: Proofs
  /** The account's epoch when they were proven. */
  epoch?: number
  /** How often each prompt was answered within this authorization request. */
  rounds?: Record<string, number>
  /** The person chose to go on with an account that is not signed in. */
  otherAccount?: { email: string }
}

/** What we keep in the session, see overrides.ts. */
export interface SessionFacts {
  proofs?: Proofs
  epoch?: number
}

export interface PolicyParts {
  ladder: Ladder
  now: Clock
  /** Milliseconds after which a session ends however much it was used. */
  absolute: number
}

export function policy(parts: PolicyParts): interactionPolicy.DefaultPolicy {
  const prompts = base()
  const login = prompts.get('login')
  const consent = prompts.get('consent')
  if (!login || !consent) throw new Error('oidc-provider: the default policy is not what it was')
  // Compared by equality, and without end where the login cannot satisfy them: `assurance` does it with the ladder.
  login.checks.remove('essential_acr')
  login.checks.remove('essential_acrs')
  // The library forgets the hint while a page is shown, and would then answer about whoever signed in.
  login.checks.remove('id_token_hint')
  login.checks.add(check('id_token_hint', 'another person was meant', 'login_required', anotherPersonMeant))
  login.checks.add(check('account_unavailable', 'the account cannot be used', 'login_required', accountUnavailable))
  login.checks.add(check('other_account', 'another account was chosen', 'login_required', otherAccountChosen))
  login.checks.add(check('session_ended', 'the session was ended', 'login_required', sessionEnded))
  login.checks.add(
    check('session_too_old', 'the session is too old', 'login_required', ({ oidc }) => {
      const { accountId, loginTs = 0 } = oidc.session ?? {}
      return accountId !== undefined && loginTs * SECOND + parts.absolute <= parts.now()
    }),
  )
  prompts.clear()
  prompts.add(silent('facts', (ctx) => recordFacts(ctx, parts.ladder)))
  prompts.add(new Prompt({ name: 'select_account', requestable: true }))
  prompts.add(login)
  prompts.add(silent('assurance', (ctx) => assertAssurance(ctx, parts.ladder)))
  prompts.add(consent)
  return prompts
}

function check(
  reason: string,
  description: string,
  error: string,
  fails: (ctx: KoaContextWithOIDC) => boolean,
): interactionPolicy.Check {
  return new Check(reason, description, error, (ctx) => (fails(ctx) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT))
}

/** A place in the list where something happens without a page. */
function silent(name: string, act: (ctx: KoaContextWithOIDC) => void): interactionPolicy.Prompt {
  const never = new Check(name, 'never prompts', (ctx) => {
    act(ctx)
    return Check.NO_NEED_TO_PROMPT
  })
  return new Prompt({ name, requestable: false }, never)
}

/** Without this a session of a removed or disabled account is a fault of the server. */
function accountUnavailable({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.accountId !== undefined && !oidc.account && !oidc.result?.login
}

/** OpenID Connect Core 1.0 section 3.1.2.1. The hint's signature was checked when the request came in. */
function anotherPersonMeant({ oidc }: KoaContextWithOIDC): boolean {
  const hint = oidc.params?.id_token_hint
  if (typeof hint !== 'string' || oidc.session?.accountId === undefined) return false
  return decodeJwt(hint).sub !== oidc.session.accountId
}

function otherAccountChosen({ oidc }: KoaContextWithOIDC): boolean {
  return (oidc.result as OwnResult | undefined)?.otherAccount !== undefined && !oidc.result?.login
}

/** A session written back by a request that was under way when all sessions were removed holds an old epoch. */
function sessionEnded({ oidc }: KoaContextWithOIDC): boolean {
  if (oidc.session?.accountId === undefined || !oidc.account) return false
  return (oidc.session as SessionFacts).epoch !== (oidc.account as KnownAccount).epoch
}

/** Adds what was just proven, and derives `acr` and `amr` anew: freshness and policy decide, not what was stored. */
function recordFacts({ oidc }: KoaContextWithOIDC, ladder: Ladder): void {
  const session = oidc.session as (typeof oidc.session & SessionFacts) | undefined
  if (!session?.accountId) return
  const result = oidc.result as OwnResult | undefined
  if (result?.proofs) {
    session.proofs = { ...session.proofs, ...result.proofs }
    session.epoch = result.epoch
  }
  const proofs = session.proofs ?? {}
  const rung = reached(proofs)
  if (rung === undefined) return
  session.acr = ladder.answer(rung, requestedAcr(oidc.params).names)
  session.amr = amr(proofs)
}

function assertAssurance({ oidc }: KoaContextWithOIDC, ladder: Ladder): void {
  const { names, essential } = requestedAcr(oidc.params)
  const rungs = names.map((name) => ladder.rungOf(name)).filter((rung) => rung !== undefined)
  const [first] = rungs
  if (essential && first === undefined) throw unmet()
  // Any of the values will do (OpenID Connect Core 1.0 section 5.5.1.1), so the lowest is what is asked for.
  const requested = first && {
    rung: rungs.reduce((lowest, rung) => (atLeast(lowest, rung) ? rung : lowest), first),
    essential,
  }
  const rung = reached((oidc.session as SessionFacts | undefined)?.proofs ?? {})
  const floor = ownFields(oidc.client).minimum_acr
  if (rung === undefined || decide({ reached: rung, reachable: 'password', floor, requested }) === 'unmet')
    throw unmet()
}

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0. */
function unmet(): Error {
  return new errors.UnmetAuthenticationRequirements('the requested authentication cannot be reached')
}

/**
 * The `acr` values that a request names. Read from the parameters: the library lets `acr_values` silently replace an
 * essential `acr` of the `claims` parameter, which would turn a demand into a wish.
 */
export function requestedAcr(params: Record<string, unknown> | undefined): { names: string[]; essential: boolean } {
  const voluntary = typeof params?.acr_values === 'string' ? params.acr_values.split(' ').filter(Boolean) : []
  const claim = typeof params?.claims === 'string' ? JSON.parse(params.claims)?.id_token?.acr : undefined
  if (!claim) return { names: voluntary, essential: false }
  // A demand that cannot be read is still a demand: without a name that fits, it cannot be met.
  const named: unknown[] = [claim.value, claim.values].flat().filter((name) => name !== undefined && name !== null)
  const names = named.filter((name) => typeof name === 'string')
  if (claim.essential !== true) return { names: [...names, ...voluntary], essential: false }
  return named.length > 0 ? { names, essential: true } : { names: voluntary, essential: false }
}
