/**
 * The least an OpenID Connect provider can be, for testing a client without the real one: discovery, keys, token and
 * userinfo endpoint. It does not judge anybody; a test says what it claims and may let it claim wrong things.
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

export async function stubIssuer(): Promise<StubIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'stub', alg: 'RS256', use: 'sig' }
  const codes = new Map<string, Code>()
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
    if (pathname === '/me') return { status: 200, body: STUB_PERSON }
    if (pathname === '/token') return token(request)
    return { status: 404, body: {} }
  }

  async function token(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    // Both halves are form-encoded first (RFC 6749 section 2.3.1).
    const basic = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    if (decodeURIComponent(basic) !== `${STUB_CLIENT.clientId}:${STUB_CLIENT.clientSecret}`) {
      return { status: 401, body: { error: 'invalid_client' } }
    }
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString())
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!code || code.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) {
      return { status: 400, body: { error: 'invalid_grant' } }
    }
    const id_token = await stub.sign(code.claims, 'JWT', stub.idTokenKey)
    return { status: 200, body: { access_token: randomUUID(), token_type: 'Bearer', expires_in: 60, id_token } }
  }

  const stub: StubIssuer = {
    issuer,
    available: true,
    idTokenKey: undefined,
    asked: [],
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

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
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
