/**
 * One sitting of one person with one prompt of one authorization request, as our pages see it. The address names it, and
 * only the browser that began it opens it (seat.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ownFields } from '../client/own-fields.ts'
import { AppError } from '../lib/errors.ts'
import { primaryAt } from '../mfa/assurance.ts'
import type { Holding } from '../person/held-code.ts'
import { opening, type SecondFactor } from '../person/second-factor.ts'
import type { OwnResult, SessionFacts } from './assessment.ts'
import { type Asked, add } from './grant.ts'
import type { Oidc } from './provider.ts'
import { assertSeat, digestOf } from './seat.ts'
import { joinSignIn, nameClient } from './sign-in-name.ts'

type Details = Awaited<ReturnType<ReturnType<Oidc['provider']>['interactionDetails']>>

export interface Interaction {
  uid: string
  prompt: string
  reasons: string[]
  params: Record<string, unknown>
  /** Who is signed in already, if anyone. */
  accountId: string | undefined
  client: { id: string; name: string; secondFactors: readonly SecondFactor[] }
  /** The authorization request that all of its interactions belong to. */
  sitting: string
  /** Names the browser that it belongs to. */
  browser: string
  /** The provider's session, once there is one; it outlives changes of its id. */
  session: string | undefined
  /** The address of whoever the session is of, on every page but those that sign in. */
  email: string | undefined
  /** They signed in within this request, whether with the password or with a passkey. */
  justSignedIn: boolean
  /** With the password: what is proven beside it may make the browser remembered. */
  passwordJustProven: boolean
  /** When this session last proved a second factor that may change others, in seconds; undefined if it never did. */
  provenSecondAt(): Promise<number | undefined>
  /** Seconds: when the session last proved who it is, by password or passkey. */
  provenAt: number | undefined
  /** The account's epoch that the session was in when this page was asked for; of a past one only a sign-in leads on. */
  epoch: number | undefined
  /** The epoch that it is in now: setting up a factor moves it on. */
  sessionEpoch(): Promise<number | undefined>
  /** Codes that the session has proven, and that are not spent yet. */
  holding: Holding
  /** What was handed back earlier within the same authorization request. */
  earlier: OwnResult
  /** What consent is asked for. */
  asked: Asked
  /**
   * Hands the result of this prompt to the provider; the address returned is where the browser goes next. Undefined if
   * the provider has answered the browser itself.
   */
  finish(result: Record<string, unknown>): Promise<string | undefined>
  /**
   * Somebody else signs in, for the same request. Nothing that was proven in it goes along. The address is that of `finish`.
   */
  switchAccount(): Promise<string | undefined>
  /** Ends the request with an error for the application (OpenID Connect Core 1.0 section 3.1.2.6). */
  refuse(error: string, description: string): Promise<string | undefined>
  /** The person picked a language: the pages after this one are in it too. */
  speak(locale: string): Promise<void>
  /** Records that the person agreed, and returns the grant's id. */
  consent(): Promise<string>
}

/** Whoever it is, they are not the one who is signed in. */
export const OTHER_ACCOUNT = { select_account: {}, otherAccount: { email: '' } }

/** Times that one prompt may come up in one request before it ends with an error: never a loop. */
const MOST_ROUNDS = 2

/** The browser that sends a request, and the sitting that its address names. */
export interface Arrival {
  request: IncomingMessage
  response: ServerResponse
  uid: string
  seat: string | undefined
}

/** Throws `interaction-expired` for a sitting that is over, and OtherBrowser for one that is not this browser's. */
export async function openInteraction(oidc: Oidc, { request, response, uid, seat }: Arrival): Promise<Interaction> {
  const provider = oidc.provider()
  const { cookies } = provider.createContext(request, response)
  await oidc.lookAhead({ sitting: uid, session: cookies.get(provider.cookieName('session'), { signed: true }) })
  const found = await provider.Interaction.find(uid)
  if (!found) throw new AppError('interaction-expired', 'there is no such interaction', { status: 400 })
  const details = found as Details
  assertSeat(details, seat)
  joinSignIn(request, details)
  const { facts: session, email } = await sessionOf(oidc, request, response, details)
  const client = await provider.Client.find(String(details.params.client_id))
  if (!client) throw new AppError('interaction-expired', 'the client is gone', { status: 400 })
  nameClient(request, client)
  const earlier = (details.lastSubmission ?? {}) as OwnResult
  const signedIn = details.lastSubmission?.login !== undefined

  async function sessionFacts(): Promise<SessionFacts> {
    const uid = details.session?.uid
    return ((uid === undefined ? undefined : await provider.Session.findByUid(uid)) as SessionFacts | undefined) ?? {}
  }

  return {
    uid,
    prompt: details.prompt.name,
    reasons: details.prompt.reasons,
    params: details.params,
    accountId: details.session?.accountId,
    client: clientOf(client),
    sitting: details.cid,
    browser: digestOf(seat ?? ''),
    session: details.session?.uid,
    email,
    justSignedIn: signedIn,
    passwordJustProven: signedIn && earlier.proofs?.password !== undefined,
    async provenSecondAt() {
      const { proofs = {} } = await sessionFacts()
      const times = opening('account').map((factor) => proofs[factor] ?? 0)
      return Math.max(...times) || undefined
    },
    provenAt: primaryAt(session?.proofs ?? {}),
    epoch: session?.epoch,
    sessionEpoch: async () => (await sessionFacts()).epoch,
    holding: session?.holding ?? {},
    earlier,
    asked: askedIn(details),
    finish(result) {
      const rounds = { ...earlier.rounds, [details.prompt.name]: (earlier.rounds?.[details.prompt.name] ?? 0) + 1 }
      // The library merges results one level deep; what was proven earlier in this request stays proven. Not over a
      // sign-in: it may be somebody else's, and their remembered device says nothing of the one before.
      const proofs = { ...(result.login ? {} : earlier.proofs), ...(result as OwnResult).proofs }
      // The sign-in of this request may be of an epoch that another tab of the same session has moved on from.
      const epoch = result.login || session?.epoch === undefined ? {} : { epoch: session.epoch }
      return handBack(details, { ...details.lastSubmission, ...epoch, ...result, rounds, proofs })
    },
    switchAccount: () => handBack(details, OTHER_ACCOUNT),
    refuse: (error, error_description) => handBack(details, { error, error_description }),
    async speak(locale) {
      details.params.ui_locales = locale
      await details.persist()
    },
    consent: () => recordConsent(provider, details),
  }
}

export function clientOf(client: { clientId: string; clientName?: string | undefined }): Interaction['client'] {
  const { clientId: id, clientName: name } = client
  return { id, name: name ?? id, secondFactors: ownFields(client).second_factors }
}

/** As `interactionResult` of the library, which would ask for its cookie. */
async function handBack(details: Details, result: Record<string, unknown>): Promise<string> {
  details.result = result
  await details.persist()
  return details.returnTo
}

/**
 * The session that the sitting goes on in. The library asks only whether there is one of that uid, which outlives every
 * change of its id: a copy of the cookie from before a change of password would still be let in.
 */
async function sessionOf(
  oidc: Oidc,
  req: IncomingMessage,
  res: ServerResponse,
  { session: known, prompt }: Details,
): Promise<{ facts?: SessionFacts; email?: string | undefined }> {
  if (known?.uid === undefined) return {}
  const provider = oidc.provider()
  const found = await provider.Session.get(provider.createContext(req, res) as never)
  const facts = found as typeof found & SessionFacts
  // A sign-in is how the sitting of an ended session goes on.
  const signingIn = prompt.name === 'login' || prompt.name === 'select_account'
  const account = signingIn ? undefined : await oidc.activeAccount(known.accountId ?? '')
  const ended = !signingIn && account?.epoch !== facts.epoch
  if (found.uid !== known.uid || found.accountId !== known.accountId || ended)
    throw new AppError('interaction-expired', 'the session of this sitting has ended', { status: 400 })
  return { facts, email: account?.email }
}

export function roundsUsedUp({ earlier, prompt }: Interaction): boolean {
  return (earlier.rounds?.[prompt] ?? 0) >= MOST_ROUNDS
}

/** Also of a sitting that a node of the release before has begun: it names only what is missing. */
function askedIn({ prompt }: Details): Asked {
  const { asked, missingOIDCScope, missingOIDCClaims, missingResourceScopes } = prompt.details as {
    asked?: Asked
    missingOIDCScope?: string[]
    missingOIDCClaims?: string[]
    missingResourceScopes?: Record<string, string[]>
  }
  const resources = Object.entries(missingResourceScopes ?? {}).map(([indicator, scopes]) => ({ indicator, scopes }))
  return asked ?? { scopes: missingOIDCScope ?? [], claims: missingOIDCClaims ?? [], resources }
}

async function recordConsent(provider: ReturnType<Oidc['provider']>, details: Details): Promise<string> {
  const known = details.grantId ? await provider.Grant.find(details.grantId) : undefined
  const grant =
    known ?? new provider.Grant({ accountId: details.session?.accountId, clientId: String(details.params.client_id) })
  add(grant, askedIn(details))
  return grant.save()
}
