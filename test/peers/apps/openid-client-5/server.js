import { randomUUID } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import { generators, Issuer } from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT } = process.env

const sigma = await Issuer.discover(ISSUER)
const client = new sigma.Client({
  client_id: CLIENT_ID,
  client_secret: CLIENT_SECRET,
  redirect_uris: [`${BASE_URL}/callback`],
  response_types: ['code'],
})

function signIn(request, response, more = {}) {
  const code_verifier = generators.codeVerifier()
  request.session.verifier = code_verifier
  const to = client.authorizationUrl({
    scope: 'openid email profile',
    code_challenge: generators.codeChallenge(code_verifier),
    code_challenge_method: 'S256',
    ...more,
  })
  response.redirect(to)
}

async function callback(request, response) {
  const params = client.callbackParams(request)
  const tokens = await client.callback(`${BASE_URL}/callback`, params, { code_verifier: request.session.verifier })
  const details = await client.userinfo(tokens.access_token)
  request.session.user = { ...tokens.claims(), ...details }
  request.session.tokens = tokens
  response.redirect('/')
}

function signOut(request, response) {
  const to = client.endSessionUrl({
    id_token_hint: request.session.tokens.id_token,
    post_logout_redirect_uri: `${BASE_URL}/`,
  })
  request.session.destroy(() => response.redirect(to))
}

const app = express()
app.use(session({ name: 'openid-client-5', secret: randomUUID(), resave: false, saveUninitialized: false }))
app.get('/', (request, response) => response.json(request.session.user ?? null))
app.get('/login', (request, response) => signIn(request, response))
app.get('/callback', callback)
app.get('/logout', signOut)
app.get('/silent', (request, response) => signIn(request, response, { prompt: 'none' }))
app.get('/payroll', (request, response) => signIn(request, response, { acr_values: 'urn:sigma:acr:mfa' }))
app.get('/refresh', async (request, response) => {
  request.session.tokens = await client.refresh(request.session.tokens.refresh_token)
  response.json(request.session.user)
})
app.listen(PORT, '127.0.0.1')
