/**
 * The least an OpenID Connect provider can be, for testing a client without the real one: discovery, keys, token,
 * introspection and userinfo endpoint. It does not judge anybody; a test says what it claims and may let it claim wrong
 * things.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

export interface StubIssuer {
  issuer: string
  /** Answers 503 to everything while false. */
  available: boolean
  /** Signs the next ID tokens in place of the issuer's own key. */
  idTokenKey: CryptoKey | undefined
  /** Paths that were asked for, in order. */
  asked: string[]
  /** Whether the next access tokens come with a refresh token, good for one use. */
  refreshable: boolean
  /** Goes over what the introspection endpoint says of every token. */
  introspected: Record<string, unknown>
  /** Who the userinfo endpoint tells about, in place of STUB_PERSON. */
  person: { sub: string; name: string; email: string } | undefined
  /** Goes over the claims of tokens that are refreshed. */
  refreshedClaims: JWTPayload
  /** Every access and refresh token that was handed out. */
  issued: string[]
  /** An access token without a sign-in. */
  token(): string
  /** Ends every access token there is. */
  expireTokens(): void
  expireRefreshTokens(): void
  /** What the browser would come back with after a sign-in at `location`; `claims` go over those of the ID token. */
  authorize(location: string, claims?: JWTPayload): URL
  /** Signs as the issuer, or with another key that says it is the issuer's. */
  sign(payload: JWTPayload, typ: string, key?: CryptoKey): Promise<string>
  close(): Promise<void>
}

export const STUB_CLIENT = { clientId: 'portal', clientSecret: 'a-secret-of-the-portal' }
export const STUB_PERSON = { sub: 'sub-sanne', name: 'Sanne de Vries', email: 'sanne@sigma.example' }

interface Code {
  challenge: string
  redirectUri: string
  claims: JWTPayload
}

/** Listens on a free port of this machine, and says which. */
export async function listenLocally(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { address, port } = server.address() as AddressInfo
  return `http://${address}:${port}`
}

/** The form of a request that carries the client's credentials. */
async function authenticated(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  // Both halves are form-encoded first (RFC 6749 section 2.3.1).
  const basic = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
  if (decodeURIComponent(basic) !== `${STUB_CLIENT.clientId}:${STUB_CLIENT.clientSecret}`) return undefined
  return new URLSearchParams(Buffer.concat(await request.toArray()).toString())
}

export async function stubIssuer(): Promise<StubIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'stub', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, Code>()
  const accessTokens = new Map<string, JWTPayload>()
  const refreshTokens = new Map<string, JWTPayload>()
  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) => ({
        status: 400,
        body: { error: 'invalid_request', error_description: String(error) },
      }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
  })
  const issuer = await listenLocally(server)

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { pathname } = new URL(request.url ?? '/', issuer)
    stub.asked.push(pathname)
    if (!stub.available) return { status: 503, body: {} }
    if (pathname === '/.well-known/openid-configuration') return { status: 200, body: metadata(issuer) }
    if (pathname === '/jwks') return { status: 200, body: { keys: [jwk] } }
    if (pathname === '/me') return { status: 200, body: stub.person ?? STUB_PERSON }
    if (pathname !== '/token' && pathname !== '/introspect') return { status: 404, body: {} }
    const form = await authenticated(request)
    if (!form) return { status: 401, body: { error: 'invalid_client' } }
    return pathname === '/token' ? token(form) : introspect(form.get('token') ?? '')
  }

  function introspect(token: string): { status: number; body: unknown } {
    const claims = accessTokens.get(token)
    if (!claims) return { status: 200, body: { active: false } }
    const { sub, acr, auth_time } = claims
    const client_id = STUB_CLIENT.clientId
    return {
      status: 200,
      body: { active: true, token_type: 'Bearer', client_id, sub, acr, auth_time, ...stub.introspected },
    }
  }

  async function token(form: URLSearchParams): Promise<{ status: number; body: unknown }> {
    const claims = form.has('refresh_token') ? refreshed(form) : redeem(form)
    if (!claims) return { status: 400, body: { error: 'invalid_grant' } }
    const access_token = issue(accessTokens, claims)
    const refresh_token = stub.refreshable ? issue(refreshTokens, claims) : undefined
    const id_token = await stub.sign(claims, 'JWT', stub.idTokenKey)
    return { status: 200, body: { access_token, refresh_token, token_type: 'Bearer', expires_in: 60, id_token } }
  }

  function issue(kept: Map<string, JWTPayload>, claims: JWTPayload): string {
    const token = randomUUID()
    kept.set(token, claims)
    stub.issued.push(token)
    return token
  }

  function refreshed(form: URLSearchParams): JWTPayload | undefined {
    const claims = take(refreshTokens, form.get('refresh_token'))
    return claims && { ...claims, nonce: undefined, ...stub.refreshedClaims }
  }

  function redeem(form: URLSearchParams): JWTPayload | undefined {
    const code = take(codes, form.get('code'))
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (code?.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) return undefined
    return code.claims
  }

  const stub: StubIssuer = {
    issuer,
    available: true,
    idTokenKey: undefined,
    asked: [],
    refreshable: false,
    introspected: {},
    person: undefined,
    refreshedClaims: {},
    issued: [],
    token: () => issue(accessTokens, { sub: STUB_PERSON.sub }),
    expireTokens: () => accessTokens.clear(),
    expireRefreshTokens: () => refreshTokens.clear(),
    authorize(location, claims) {
      const asked = new URL(location).searchParams
      const redirectUri = asked.get('redirect_uri') ?? ''
      const code = randomUUID()
      const iat = Math.floor(Date.now() / 1000)
      codes.set(code, {
        challenge: asked.get('code_challenge') ?? '',
        redirectUri,
        claims: {
          iss: issuer,
          aud: STUB_CLIENT.clientId,
          sub: STUB_PERSON.sub,
          iat,
          exp: iat + 300,
          auth_time: iat,
          nonce: asked.get('nonce') ?? undefined,
          sid: randomUUID(),
          acr: 'urn:sigma:acr:password',
          amr: ['pwd'],
          ...claims,
        },
      })
      const callback = new URL(redirectUri)
      callback.search = new URLSearchParams({ code, state: asked.get('state') ?? '', iss: issuer }).toString()
      return callback
    },
    sign: (payload, typ, key = privateKey) =>
      new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'stub', typ }).sign(key),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return stub
}

function take<V>(entries: Map<string, V>, key: string | null): V | undefined {
  const value = entries.get(key ?? '')
  entries.delete(key ?? '')
  return value
}

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    userinfo_endpoint: `${issuer}/me`,
    jwks_uri: `${issuer}/jwks`,
    end_session_endpoint: `${issuer}/session/end`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
    code_challenge_methods_supported: ['S256'],
  }
}
