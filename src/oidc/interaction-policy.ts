/**
 * The dispatcher: the ordered list of what an authorization request still needs. A page hands its result to the
 * provider, which walks this list again; no page knows the next page.
 *
 *   facts → select_account → login → challenge → enroll → password → assurance → consent
 *
 * `facts` and `assurance` never show a page: the first computes what the session has proven and decides (assessment.ts,
 * mfa/challenge-policy.ts), the second refuses what cannot be reached.
 */
import { decodeJwt } from 'jose'
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import { SECOND } from '../lib/time.ts'
import {
  type AssessmentParts,
  assess,
  decisionOf,
  isBindingStale,
  isPasswordJustProven,
  isSignInStale,
  otherAccountChosen,
  type SessionFacts,
  undecided,
} from './assessment.ts'
import type { KnownAccount } from './claims.ts'
import { askedOf, missingClaims } from './grant.ts'
import { isAnsweredAhead } from './kept-request.ts'

const { Check, Prompt, base } = interactionPolicy

export interface PolicyParts extends AssessmentParts {
  /** Milliseconds after which a session ends however much it was used. */
  absolute: number
  clients: Clients
}

export function policy(parts: PolicyParts): interactionPolicy.DefaultPolicy {
  const prompts = base()
  const login = prompts.get('login')
  const consent = prompts.get('consent')
  if (!login || !consent) throw new Error('oidc-provider: the default policy is not what it was')
  // Compared by equality, and without end where the login cannot satisfy them: our own checks use the ladder.
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
  login.checks.add(check('undecided', 'nothing was proven', 'login_required', undecided))
  login.checks.add(
    check('sign_in_stale', 'signing in is needed to set up a second factor', 'login_required', (ctx) => {
      if (decisionOf(ctx) === 'enroll-passkey') return isBindingStale(ctx, parts.now)
      return ['enroll', 'offer', 'offer-passkey'].includes(decisionOf(ctx)) && isSignInStale(ctx, parts.now)
    }),
  )
  login.checks.add(
    check('password_before', 'the password is needed to choose another', 'login_required', (ctx) => {
      return decisionOf(ctx) === 'replace' && !isPasswordJustProven(ctx)
    }),
  )
  login.checks.add(check('answered_ahead', 'the password was typed already', 'login_required', isAnsweredAhead))
  // The page says all that the request gives, also what was agreed to before: no more and no less comes of it.
  consent.details = (ctx) => ({ asked: askedOf(ctx, parts.clients) })
  // The library's asks about claims that are not on the record.
  consent.checks.remove('op_claims_missing')
  consent.checks.add(
    check('op_claims_missing', 'requested claims not granted', 'consent_required', (ctx) => {
      const { grant } = ctx.oidc
      return grant === undefined || missingClaims(grant, askedOf(ctx, parts.clients)).length > 0
    }),
  )
  const decided = (decision: string, description: string) =>
    check(decision, description, 'interaction_required', (ctx) => decisionOf(ctx) === decision)

  prompts.clear()
  prompts.add(silent('facts', (ctx) => assess(ctx, parts)))
  prompts.add(new Prompt({ name: 'select_account', requestable: true }))
  prompts.add(login)
  prompts.add(
    new Prompt(
      { name: 'challenge', requestable: false },
      decided('challenge', 'a second factor is needed'),
      decided('passkey', 'a passkey is needed'),
      decided('prove', 'a second factor is needed that may change others'),
    ),
  )
  prompts.add(
    new Prompt(
      { name: 'enroll', requestable: false },
      decided('enroll', 'a second factor has to be set up'),
      decided('offer', 'a second factor may be set up'),
      decided('enroll-passkey', 'a passkey has to be set up'),
      decided('offer-passkey', 'a passkey may be set up'),
      decided('backup', 'a backup code has to be saved'),
    ),
  )
  prompts.add(
    new Prompt(
      { name: 'password', requestable: false },
      decided('replace', 'another password has to be chosen'),
      decided('suggest', 'another password may be chosen'),
    ),
  )
  prompts.add(silent('assurance', async (ctx) => refuseUnmet(ctx)))
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
function silent(name: string, act: (ctx: KoaContextWithOIDC) => Promise<void>): interactionPolicy.Prompt {
  const never = new Check(name, 'never prompts', async (ctx) => {
    await act(ctx)
    return Check.NO_NEED_TO_PROMPT
  })
  return new Prompt({ name, requestable: false }, never)
}

/** Without this a session of a removed or disabled account is a fault of the server; also one disabled between two steps. */
function accountUnavailable({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.accountId !== undefined && !oidc.account
}

/** OpenID Connect Core 1.0 section 3.1.2.1. The hint's signature was checked when the request came in. */
function anotherPersonMeant({ oidc }: KoaContextWithOIDC): boolean {
  const hint = oidc.params?.id_token_hint
  if (typeof hint !== 'string' || oidc.session?.accountId === undefined) return false
  return decodeJwt(hint).sub !== oidc.session.accountId
}

/** A session written back by a request that was under way when all sessions were removed holds an old epoch. */
function sessionEnded({ oidc }: KoaContextWithOIDC): boolean {
  if (oidc.session?.accountId === undefined || !oidc.account) return false
  return (oidc.session as SessionFacts).epoch !== (oidc.account as KnownAccount).epoch
}

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0. */
function refuseUnmet(ctx: KoaContextWithOIDC): void {
  if (decisionOf(ctx) !== 'unmet') return
  throw new errors.UnmetAuthenticationRequirements('the requested authentication cannot be reached')
}
