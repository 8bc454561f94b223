/**
 * A session of somebody whom the doctor made for a trial (person/trial.ts). It is opened without a password, because there is
 * none: so it opens for nobody else, whoever asks.
 */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Clients } from '../client/client.ts'
import { claimsOf, OWN_SCOPES } from '../client/scopes.ts'
import type { CookieSigner } from '../lib/cookie-signer.ts'
import { AppError } from '../lib/errors.ts'
import { type Clock, seconds } from '../lib/time.ts'
import type { Proofs } from '../mfa/assurance.ts'
import type { People } from '../person/kind.ts'
import type { GrantFacts } from './claims.ts'
import { sessionCookie } from './profile.ts'
import type { Oidc } from './provider.ts'

export interface TrialSessionParts {
  oidc: Pick<Oidc, 'provider'>
  people: Pick<People, 'find'>
  clients: Pick<Clients, 'find' | 'resources'>
  cookieSigner: CookieSigner
  secure: boolean
  now: Clock
}

export interface TrialSession {
  uid: string
  /** As a browser sends it. */
  cookie: string
}

type Session = InstanceType<Provider['Session']> & {
  jti: string
  uid: string
  accountId?: string
  loginTs?: number
  proofs?: Proofs
  prover?: string
  epoch?: number
  grantIdFor(client: string, grant?: string): string | undefined
  save(ttl: number): Promise<string>
}
type Grant = NonNullable<KoaContextWithOIDC['oidc']['grant']> & GrantFacts & { save(ttl: number): Promise<string> }

/** Seconds: longer than any trial. */
const LIFE = 5 * 60

export interface TrialSessions {
  /** With everything agreed to that the application may ask for, so that no page stands in between. */
  open(accountId: string, clientId: string, proofs: Proofs): Promise<TrialSession>
  /** It has proven this as well. */
  prove(uid: string, proofs: Proofs): Promise<void>
}

export function trialSessions({ oidc, people, clients, cookieSigner, secure, now }: TrialSessionParts): TrialSessions {
  async function epochOf(accountId: string): Promise<number> {
    const { trialUntil, account } = (await people.find(accountId)) ?? {}
    if (trialUntil === undefined || trialUntil <= now() || !account)
      throw new AppError('no-trial', 'a session is opened like this for nobody but whom the doctor made')
    return account.epoch
  }

  async function agreed(accountId: string, clientId: string, epoch: number): Promise<string> {
    const { Grant: Model } = oidc.provider() as unknown as { Grant: new (payload: object) => Grant }
    const scopes = clients.find(clientId)?.scopes ?? new Set()
    const grant = new Model({ accountId, clientId })
    grant.epoch = epoch
    const own = [...scopes].filter((scope) => OWN_SCOPES.has(scope))
    if (own.length > 0) grant.addOIDCScope(own.join(' '))
    grant.addOIDCClaims([...claimsOf(own)])
    for (const { indicator, scopes: offered } of clients.resources) {
      const both = offered.filter((scope) => scopes.has(scope))
      if (both.length > 0) grant.addResourceScope(indicator, both.join(' '))
    }
    return grant.save(LIFE)
  }

  return {
    async open(accountId, clientId, proofs) {
      const epoch = await epochOf(accountId)
      const { Session: Model } = oidc.provider() as unknown as { Session: new (payload: object) => Session }
      const session = new Model({ accountId, loginTs: seconds(now()) })
      Object.assign(session, { proofs, prover: accountId, epoch })
      session.grantIdFor(clientId, await agreed(accountId, clientId, epoch))
      await session.save(LIFE)
      return { uid: session.uid, cookie: signed(`${sessionCookie(secure)}=${session.jti}`, cookieSigner) }
    },

    async prove(uid, proofs) {
      const session = (await oidc.provider().Session.findByUid(uid)) as Session | undefined
      if (!session?.accountId) return
      await epochOf(session.accountId)
      session.proofs = { ...session.proofs, ...proofs }
      await session.save(LIFE)
    },
  }
}

/** As the library of cookies does it: the cookie, and beside it what proves that it is ours. */
function signed(pair: string, signer: CookieSigner): string {
  return `${pair}; ${pair.slice(0, pair.indexOf('='))}.sig=${signer.sign(pair)}`
}
