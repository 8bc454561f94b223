import { randomUUID } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT } = process.env

const issuer = new URL(ISSUER)
// Only Sigma ID on your own machine speaks http.
const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : []
const sigma = await client.discovery(issuer, CLIENT_ID, CLIENT_SECRET, undefined, { execute })

async function signIn(request, response, more = {}) {
  const verifier = client.randomPKCECodeVerifier()
  request.session.verifier = verifier
  const to = client.buildAuthorizationUrl(sigma, {
    redirect_uri: `${BASE_URL}/callback`,
    scope: 'openid profile email organization',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  })
  response.redirect(to.href)
}

async function callback(request, response) {
  const tokens = await client.authorizationCodeGrant(sigma, new URL(request.originalUrl, BASE_URL), {
    pkceCodeVerifier: request.session.verifier,
  })
  const claims = tokens.claims()
  const details = await client.fetchUserInfo(sigma, tokens.access_token, claims.sub)
  request.session.user = { ...claims, ...details }
  request.session.tokens = tokens
  response.redirect('/')
}

function signOut(request, response) {
  const to = client.buildEndSessionUrl(sigma, {
    id_token_hint: request.session.tokens.id_token,
    post_logout_redirect_uri: `${BASE_URL}/`,
  })
  request.session.destroy(() => response.redirect(to.href))
}

const app = express()
app.use(session({ name: 'openid-client-6', secret: randomUUID(), resave: false, saveUninitialized: false }))
app.get('/', (request, response) => response.json(request.session.user ?? null))
app.get('/login', (request, response) => signIn(request, response))
app.get('/callback', callback)
app.get('/logout', signOut)
app.get('/silent', (request, response) => signIn(request, response, { prompt: 'none' }))
app.get('/payroll', (request, response) => signIn(request, response, { acr_values: 'urn:sigma:acr:mfa' }))
app.get('/refresh', async (request, response) => {
  request.session.tokens = await client.refreshTokenGrant(sigma, request.session.tokens.refresh_token)
  response.json(request.session.user)
})
app.listen(PORT, '127.0.0.1')
