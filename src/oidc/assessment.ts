/**
 * What one authorization request finds: what the session has proven that counts here, what the person has set up, what
 * is asked. From these the policy decides; `acr` and `amr` are derived from the same, so they cannot disagree with it.
 */

import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { ownFields } from '../client/own-fields.ts'
import { type Clock, MINUTE, SECOND, seconds } from '../lib/time.ts'
import { amr, type Ladder, type Proofs, primaryAt, reached } from '../mfa/assurance.ts'
import { type Decision, decide } from '../mfa/challenge-policy.ts'
import type { SecondFactors } from '../mfa/second-factors.ts'
import type { Account } from '../person/account.ts'
import { HELD_FACTORS, type HeldFactor, type Holding } from '../person/held-code.ts'
import { opening, PASSKEY, type RememberedFactor, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'
import { isKeptOut, type KnownAccount } from './claims.ts'
import { bindingIn, countedFor, lasting, type Presented, provable, spent, without } from './counting.ts'
import { continuesWizard, isPutOff, type KeptRequests } from './kept-request.ts'
import { requestedAcr, requestedRung } from './requested-acr.ts'

/** What our pages hand back besides the provider's own `login` and `consent`. */
export interface OwnResult {
  /** Factors proven within this authorization request, with the time in seconds. */
  proofs?: Proofs
  /** How the device that was recognized had been remembered. */
  deviceMethod?: RememberedFactor | undefined
  /** The account's epoch when they were proven. */
  epoch?: number
  /** The person chose to set a second factor up later. */
  postponed?: boolean
  /** The person chose to keep the password for now. */
  passwordLater?: boolean
  /** How often each prompt was answered within this authorization request. */
  rounds?: Record<string, number>
  /** The person chose to go on with an account that is not signed in. */
  otherAccount?: { email: string }
  /** The browser that signed in can keep a passkey, and as far as it shows nobody else uses it. */
  passkeyHere?: boolean
  /** Browser and system that signed in, as a person would name them. */
  agent?: string
  /** Codes that the session has proven, and that are not spent yet; all of them. */
  holding?: Holding
}

/** What we keep in the session, see overrides.ts. */
export interface SessionFacts {
  proofs?: Proofs
  /** The account that proved it. */
  prover?: string
  deviceMethod?: RememberedFactor | undefined
  epoch?: number
  postponed?: boolean
  passwordLater?: boolean
  agent?: string
  holding?: Holding | undefined
}

export interface AssessmentParts {
  ladder: Ladder
  now: Clock
  secondFactors: (account: Account) => Promise<SecondFactors>
  /** They are reminded later. */
  postpone: (accountId: string) => Promise<unknown>
  requests: KeptRequests
}

/** The error for an application that this person may not open. */
export const NOT_ALLOWED = 'not_allowed'

const decisions = new WeakMap<KoaContextWithOIDC, Decision>()

/** The decision for this walk through the list; `proceed` while nobody is signed in, for that is another prompt's matter. */
export function decisionOf(ctx: KoaContextWithOIDC): Decision {
  return decisions.get(ctx) ?? 'proceed'
}

/** Nothing was found out, so nothing may go on: the password is asked for. */
export function undecided(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.session?.accountId !== undefined && ctx.oidc.account !== undefined && !decisions.has(ctx)
}

/** Seconds for which a sign-in is enough to set up a first factor (NIST SP 800-63B-4 section 4.1.2.1). */
export const ENROLLMENT_WINDOW = (10 * MINUTE) / SECOND

/** Whoever finds a session open must not bind a factor of their own to it: who they are was proven too long ago. */
export function isSignInStale({ oidc }: KoaContextWithOIDC, now: Clock): boolean {
  const provenAt = primaryAt((oidc.session as SessionFacts | undefined)?.proofs ?? {}) ?? 0
  return !oidc.result?.login && seconds(now()) - provenAt > ENROLLMENT_WINDOW
}

/** The same where something is set up beside what there is: a factor that may change others will do as well. */
export function isBindingStale({ oidc }: KoaContextWithOIDC, now: Clock): boolean {
  const { proofs = {} } = (oidc.session ?? {}) as SessionFacts
  const times = [primaryAt(proofs), ...opening('account').map((factor) => proofs[factor])]
  const provenAt = Math.max(0, ...times.filter((at) => at !== undefined))
  return !oidc.result?.login && seconds(now()) - provenAt > ENROLLMENT_WINDOW
}

/**
 * Another password is taken of whoever has just typed the one before, in this very request, and of nobody else: not of
 * whoever signed in with a passkey.
 */
export function isPasswordJustProven({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.result?.login !== undefined && (oidc.result as OwnResult).proofs?.password !== undefined
}

/** Another account was chosen, and has not signed in yet. */
export function otherAccountChosen({ oidc }: KoaContextWithOIDC): boolean {
  return (oidc.result as OwnResult | undefined)?.otherAccount !== undefined && !oidc.result?.login
}

/** The next page is the one where an account is chosen, or where the chosen one signs in (interaction-policy.ts). */
function takesAnother(ctx: KoaContextWithOIDC): boolean {
  return ctx.oidc.promptPending('select_account') || otherAccountChosen(ctx)
}

/** Adds what was just proven to the session, derives `acr` and `amr`, and decides. */
export async function assess(ctx: KoaContextWithOIDC, parts: AssessmentParts): Promise<void> {
  const { ladder, now, secondFactors, requests } = parts
  const { oidc } = ctx
  const session = oidc.session as (typeof oidc.session & SessionFacts) | undefined
  decisions.delete(ctx)
  if (!session?.accountId || !oidc.account) return
  const result = oidc.result as OwnResult | undefined
  if (result?.proofs) {
    // What somebody else proved, or what was proven before everything was ended, never counts for this sign-in.
    const continued = session.prover === session.accountId && session.epoch === (result.epoch ?? session.epoch)
    session.proofs = { ...(continued ? session.proofs : {}), ...result.proofs }
    session.prover = session.accountId
    session.holding = result.holding ?? (continued ? session.holding : undefined)
    if (result.proofs.device !== undefined) session.deviceMethod = result.deviceMethod
  }
  if (result?.epoch !== undefined) session.epoch = result.epoch
  if (result?.agent !== undefined) session.agent = result.agent
  if (result?.postponed) session.postponed = true
  if (result?.passwordLater || isPutOff(ctx, requests, 'password')) session.passwordLater = true
  // A session of before that somebody wrote back: the login prompt sees to it.
  if (session.epoch !== (oidc.account as KnownAccount).epoch) return

  const asked = requestedAcr(oidc.params)
  const client = ownFields(oidc.client)
  // Before anything is asked for or set up that would lead nowhere. But whoever takes another account is let through to it.
  if (!takesAnother(ctx) && isKeptOut(oidc.client, (oidc.account as KnownAccount).person))
    throw new errors.CustomOIDCProviderError(NOT_ALLOWED, 'this application is for people with a role')
  const anew = oidc.prompts.has('login')
  const person = await secondFactors((oidc.account as KnownAccount).person)
  const silent = oidc.promptPending('none')
  const lost = dropLost(session, person)
  const just = without(result?.proofs ?? {}, lost)
  // A code that is held counts within the request that it was typed in: of whoever finds the session open it is asked again.
  const own = session.prover === session.accountId ? spent(session, session.proofs ?? {}) : {}
  const presented: Presented = {
    // With `prompt=login` only what was proven within this request counts.
    proofs: anew ? just : lasting(own, person),
    deviceMethod: session.deviceMethod,
    now: now(),
    limits: [number(oidc.params?.mfa_max_age), number(oidc.params?.max_age)],
    // However long the pages took that came in between.
    just,
  }
  const counting = countedFor(client, presented)
  const rung = reached(counting)
  if (rung === undefined) return
  session.acr = ladder.answer(rung, asked.names)
  session.amr = amr(counting)

  const later = isPutOff(ctx, requests, 'enroll')
  const binding = bindingIn(client, presented)
  const stale = isSignInStale(ctx, now)
  const sure = binding.some(({ factor, at }) => just[factor] !== undefined || seconds(now()) - at <= ENROLLMENT_WINDOW)
  const justSecond = justProven(result, SECOND_FACTORS)
  const signIn = {
    ...person,
    reached: rung,
    provable: provable(person, client),
    settable: person.settable.filter((factor) => client.second_factors.includes(factor)),
    // What can wait is no reason to fail a request that may show no page. And a code that opens the account is shown only
    // to whoever has just proven a second factor, not to whoever finds a session open; where there is a passkey, that one:
    // the code leads to another.
    backupOwed:
      person.backupOwed && !silent && justProven(result, person.has.includes(PASSKEY) ? BINDING : SECOND_FACTORS),
    // To whoever has just signed in with more than a text message, and was asked for nothing else.
    passkeyOffer: person.passkeyOffer && !silent && justSecond && sure && isOfferable(result),
    binds: binding.length > 0,
    sure,
    holding: HELD_FACTORS.some((held) => binding.some(({ factor }) => factor === held) && session.holding?.[held]),
    // Nor to set up anything in a session that somebody may have found open. Whoever was at it is asked for the password.
    postponed: session.postponed === true || person.postponed || silent || (stale && !later && !continuesWizard(ctx)),
    passwordLater: session.passwordLater === true || silent || !isPasswordJustProven(ctx),
    floor: client.minimum_acr,
    fresh: anew || oidc.params?.max_age !== undefined || oidc.params?.mfa_max_age !== undefined,
    requested: requestedRung(asked, ladder),
  }
  const decision = decide(signIn)
  if (decision !== 'offer' || !later) {
    decisions.set(ctx, decision)
    return
  }
  // They have seen the offer, and answered it, on a page that was gone by then.
  await parts.postpone(session.accountId)
  session.postponed = true
  decisions.set(ctx, decide({ ...signIn, postponed: true }))
}

/** Takes out of the session what another one has taken over since, and says which. */
function dropLost(session: SessionFacts & { uid: string }, { held }: SecondFactors): HeldFactor[] {
  const { holding = {}, uid } = session
  const still = held({ by: uid, holding })
  const lost = HELD_FACTORS.filter((factor) => holding[factor] !== still[factor])
  if (lost.length > 0) Object.assign(session, { proofs: without(session.proofs ?? {}, lost), holding: still })
  return lost
}

/** Of whoever has a passkey, what changes factors: it, or what may take the place of everything. */
const BINDING: readonly SecondFactor[] = [PASSKEY, ...HELD_FACTORS]

function justProven(result: OwnResult | undefined, factors: readonly SecondFactor[]): boolean {
  return factors.some((factor) => result?.proofs?.[factor] !== undefined)
}

/** They signed in within this request, by such a browser, and no other page came up that sets something up. */
function isOfferable({ passkeyHere, rounds = {} }: OwnResult = {}): boolean {
  return passkeyHere === true && rounds.enroll === undefined && rounds.password === undefined
}

function number(parameter: unknown): number | undefined {
  return parameter === undefined ? undefined : Number(parameter)
}
