/** An application of your own, as small as it can be: `node docs/roster.mjs`, then http://localhost:4000. */
import { createServer } from 'node:http'
import * as oidc from 'openid-client'

const { ISSUER = 'http://localhost:3000', BASE_URL = 'http://localhost:4000', ROSTER_CLIENT_SECRET } = process.env
const issuer = new URL(ISSUER)
// Only Sigma ID on your own machine speaks http.
const execute = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []
const secret = oidc.ClientSecretBasic(ROSTER_CLIENT_SECRET)
const sigma = await oidc.discovery(issuer, 'roster', undefined, secret, { execute })
const verifiers = new Map()

async function signIn(response) {
  const [state, verifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()]
  verifiers.set(state, verifier)
  const to = oidc.buildAuthorizationUrl(sigma, {
    redirect_uri: `${BASE_URL}/callback`,
    scope: 'openid profile email',
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  // Only the browser that began a sign-in may end it.
  response.setHeader('Set-Cookie', `roster=${state}; Path=/callback; HttpOnly; SameSite=Lax`)
  response.writeHead(303, { Location: to.href }).end()
}

async function callback(request, response) {
  const state = /roster=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'none'
  const tokens = await oidc.authorizationCodeGrant(sigma, new URL(request.url, BASE_URL), {
    expectedState: state,
    pkceCodeVerifier: verifiers.get(state),
  })
  verifiers.delete(state)
  // The ID token says who it is and how they signed in; what they are called comes from the userinfo endpoint.
  const { sub, acr, amr } = tokens.claims()
  const { name, email } = await oidc.fetchUserInfo(sigma, tokens.access_token, sub)
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify({ sub, acr, amr, name, email }))
}

createServer((request, response) => {
  const answer = request.url.startsWith('/callback?') ? callback(request, response) : signIn(response)
  answer.catch((fault) => response.writeHead(400).end(String(fault.message)))
}).listen(new URL(BASE_URL).port, '127.0.0.1', () => console.log(BASE_URL))
