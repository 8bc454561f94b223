/**
 * The settings and administration as clients of our own provider: the two ends of the code flow that are inside this process,
 * where nothing has to go over the network. Everything between those ends is the same as for any application. What they are
 * registered as is in built-in-records.ts.
 */

import { createHash } from 'node:crypto'
import type { AuthorizationCode } from 'oidc-provider'
import { findAccount } from '../accounts/people.ts'
import type { Clients } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import { sameSecret } from '../lib/crypto.ts'
import { type Clock, SECOND, seconds } from '../lib/time.ts'
import { primaryAt, reached } from '../mfa/assurance.ts'
import { decide } from '../mfa/challenge-policy.ts'
import type { SecondFactors } from '../mfa/second-factors.ts'
import type { Account } from '../person/account.ts'
import { HELD_FACTORS } from '../person/held-code.ts'
import type { People } from '../person/kind.ts'
import { PASSKEY, SECOND_FACTORS, type SecondFactor } from '../person/second-factor.ts'
import { isMoved } from './adapter.ts'
import type { BuiltInId } from './built-in-records.ts'
import { countedFor, lasting, spent } from './counting.ts'
import type { Oidc } from './provider.ts'
import type { SessionLife } from './session-life.ts'
import type { LiveSession } from './sessions.ts'

/** A session that was found and is as good as its person owes to these pages. */
export interface BuiltInSession {
  account: Account
  uid: string
  id: string
  /** Seconds: when they signed in last. */
  loginTs: number
  /** Second factors that this session has proven and the client accepts, with the time in seconds. */
  factors: Partial<Record<SecondFactor, number>>
  /** Seconds: when the best was proven that the person has. */
  bestAt: number
  /**
   * Seconds: the same, for changes of second factors. Of whoever has a passkey only that counts, or what may take the place
   * of everything: with a code that was phished nobody gets to a passkey of their own.
   */
  bindingAt: number
  /** They have a passkey that can be used here. */
  resistant: boolean
  enrolled: boolean
}

/** `ended` opens nothing any more; `weak` has not proven enough for these pages. */
export type Opened = { ok: true; session: BuiltInSession } | { ok: false; reason: 'ended' | 'weak' }

export interface Begin {
  state: string
  verifier: string
  locale: string
  /** More that the request asks for: `max_age`, `mfa_max_age`. */
  demands: Record<string, string>
}

export interface BuiltInClient {
  /** Address of an authorization request (OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636). */
  authorize(begin: Begin): string
  /** Redeems a code, once; the id of the session that it was given in. */
  redeem(code: string, verifier: string): Promise<string | undefined>
  /** The session with this id, unless it has ended or does not open these pages. */
  find(sessionId: string): Promise<BuiltInSession | undefined>
  /** The same by what stays the same of a session, for a token that was given in it. */
  findByUid(uid: string): Promise<Opened>
  /** Use of these pages is use of the session. True if it lives longer now. Not to be called in the session's turn. */
  keepAlive(sessionId: string): Promise<boolean>
}

export interface BuiltInClientParts {
  id: BuiltInId
  issuer: string
  oidc: Oidc
  clients: Clients
  people: Pick<People, 'find'>
  secondFactors: (account: Account) => Promise<SecondFactors>
  life: SessionLife
  /** Milliseconds after which a session ends however much it was used. */
  absolute: number
  now: Clock
}

const ENDED = { ok: false, reason: 'ended' } as const
const WEAK = { ok: false, reason: 'weak' } as const

/** Seconds by which the use of these pages has to prolong a session before it is written. */
const WORTH_WRITING = 5 * 60

export function builtInClient(parts: BuiltInClientParts): BuiltInClient {
  const { id, issuer, oidc, clients, people, now } = parts
  const metadata = clients.find(id)?.metadata
  const [redirectUri = ''] = metadata?.redirect_uris ?? []
  const own = ownFields(metadata)

  function fits(code: AuthorizationCode, verifier: string): boolean {
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    return code.clientId === id && code.redirectUri === redirectUri && sameSecret(code.codeChallenge ?? '', challenge)
  }

  async function open(session: LiveSession | undefined): Promise<Opened> {
    if (!session?.accountId || session.prover !== session.accountId) return ENDED
    const account = await findAccount(people, session.accountId)
    if (account?.status !== 'active' || session.epoch !== account.epoch) return ENDED
    const { loginTs = 0 } = session
    if (loginTs * SECOND + parts.absolute <= now()) return ENDED

    const person = await parts.secondFactors(account)
    const proofs = countedFor(
      // How old it may be at the door is asked there; whoever is in stays in by coming back in time.
      { ...own, mfa_max_age: undefined },
      { proofs: spent(session, lasting(session.proofs ?? {}, person)), deviceMethod: session.deviceMethod, now: now() },
    )
    const rung = reached(proofs)
    if (rung === undefined) return WEAK
    // What only may be done can wait: these pages are where people come to do it.
    const decision = decide({
      ...person,
      campaign: person.campaign === 'required' ? 'required' : 'none',
      reached: rung,
      ...{ provable: rung, settable: [], sure: false, passkeyOffer: false },
      backupOwed: false,
      holding: false,
      binds: true,
      postponed: true,
      passwordLater: true,
      floor: own.minimum_acr,
      fresh: false,
      requested: undefined,
    })
    if (decision !== 'proceed') return WEAK
    const factors = Object.fromEntries(
      SECOND_FACTORS.map((factor) => [factor, proofs[factor]]).filter(([, at]) => at !== undefined),
    ) as BuiltInSession['factors']
    const { enrolled, has } = person
    const resistant = has.includes(PASSKEY)
    const newest = (of: readonly SecondFactor[]) => Math.max(0, ...of.map((factor) => factors[factor] ?? 0))
    const bestOf = own.minimum_acr === 'phishingResistant' ? [PASSKEY] : SECOND_FACTORS
    const bestAt = enrolled ? newest(bestOf) : (primaryAt(proofs) ?? 0)
    const bindingAt = resistant ? newest([PASSKEY, ...HELD_FACTORS]) : bestAt
    const { uid, jti: id } = session
    return { ok: true, session: { account, uid, id, loginTs, factors, bestAt, bindingAt, resistant, enrolled } }
  }

  return {
    authorize({ state, verifier, locale, demands }) {
      const request = new URLSearchParams({
        client_id: id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'openid',
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ui_locales: locale,
        ...demands,
      })
      return `${issuer}/auth?${request}`
    },

    async redeem(presented, verifier) {
      const provider = oidc.provider()
      const code = await provider.AuthorizationCode.find(presented)
      if (!code?.isValid || !fits(code, verifier) || !code.sessionUid) return undefined
      // Before the code is used up: what the session is renewed to after that is another browser's.
      const session = await provider.Session.findByUid(code.sessionUid)
      try {
        await code.consume()
      } catch {
        return undefined
      }
      return session?.jti
    },

    async find(sessionId) {
      const opened = await open(await oidc.provider().Session.find(sessionId))
      return opened.ok ? opened.session : undefined
    },

    findByUid: async (uid) => open(await oidc.provider().Session.findByUid(uid)),

    keepAlive: (sessionId) =>
      oidc.inTurn(sessionId, async () => {
        const session: LiveSession | undefined = await oidc.provider().Session.find(sessionId)
        const left = session ? parts.life(session) : 0
        if (!session || (session.exp ?? 0) + WORTH_WRITING >= seconds(now()) + left) return false
        try {
          await session.save(left)
          return true
        } catch (fault) {
          // Written by another request meanwhile: that one has kept it alive.
          if (isMoved(fault)) return false
          throw fault
        }
      }),
  }
}
