/**
 * What an application was seen to do, for whoever wants to know why it does not work (doctor/). Names of things and moments
 * only, and what could be decided while the rest was in hand: never a secret, a code, a token, a state, a hint, or a person.
 */

/** Where a request came from. Kept in memory only; what is written of it is a keyed digest. */
export interface Whence {
  ip: string
  /** `User-Agent`. */
  agent: string
}

export type Endpoint =
  | 'authorization'
  | 'pushed'
  | 'token'
  | 'userinfo'
  | 'introspection'
  | 'revocation'
  | 'sign-out'
  | 'back-channel'

/** How a request said who it is. */
export type MethodSeen = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'both'

/** What the library told us and not the application. */
export type Reason =
  | 'code-used'
  | 'code-expired'
  | 'code-unknown'
  | 'redirect-differs'
  | 'verifier-differs'
  | 'verifier-missing'
  | 'refresh-used'
  | 'refresh-unknown'
  | 'wrong-secret'
  | 'wrong-method'
  | 'both-methods'
  | 'bad-encoding'
  | 'no-pkce'
  | 'plain-pkce'
  | 'grant-missing'
  | 'origin-unknown'
  | 'assertion-time'
  | 'no-hint'

export interface SeenRefusal {
  endpoint: Endpoint
  /** OAuth's code; of the back channel what became of it, such as `http-403`. */
  error: string
  reason?: Reason | undefined
  /** The parameter that was refused. */
  parameter?: string | undefined
  /** Its value, as far as it is kept: an address without its query, or a name. */
  refused?: string | undefined
  /** The address is what was sent, to the sign: nothing was left out of it. */
  whole?: boolean | undefined
  /** The address is on a host that the record has: a stranger's do not take the room of those. */
  own?: boolean | undefined
  /** Names of the parameters that were sent, of those that there are. */
  names?: string[] | undefined
  grant?: string | undefined
  method?: MethodSeen | undefined
  /** What it showed is its secret, in the wrong place or not encoded. */
  rightSecret?: boolean | undefined
  /** `Origin`: a script asked. */
  origin?: string | undefined
  /** Milliseconds since the code was made or used, or the refresh token was used. */
  after?: number | undefined
  /** Whoever used it first had the same address and the same agent. */
  same?: boolean | undefined
  /** Seconds by which the application's clock is ahead of ours. */
  skew?: number | undefined
}

export type Observed =
  | { what: 'refused'; client: string; whence?: Whence | undefined; refusal: SeenRefusal }
  /** An authorization request as it came, before anybody signed in. */
  | { what: 'asked'; client: string; scopes: string[] }
  /** `browser` names the session, and nobody. */
  | {
      what: 'authorized'
      client: string
      browser: string
      /** The request wished for a higher rung than there was. */
      below?: { asked: string; given: string } | undefined
    }
  | {
      what: 'token'
      client: string
      whence: Whence | undefined
      grant: string
      browser?: string | undefined
      skew?: number | undefined
    }
  | { what: 'userinfo'; client: string }
  /** Who asks for our keys does not say who it is. */
  | { what: 'fetched'; file: 'keys' | 'discovery'; whence: Whence; as: 'ours' | 'other-host' | 'double-slash' }
  /** A session ended, and it asked to be told of none. */
  | { what: 'untold'; client: string }
  /** It asked for a sign-out, and people got there. */
  | { what: 'left'; client: string }
  /** It took a logout token. */
  | { what: 'told'; client: string }

export type Tell = (observed: Observed) => void
