import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT } = process.env

const sigma = {
  id: 'sigma',
  name: 'Sigma ID',
  type: 'oidc',
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
}

// What Auth.js leaves out of a session by itself.
const callbacks = {
  jwt: ({ token, profile }) => (profile ? { ...token, acr: profile.acr } : token),
  session: ({ session, token }) => ({ ...session, acr: token.acr }),
}

if (process.env.OWN_SWITCHES) sigma.idToken = false

const config = { providers: [sigma], callbacks, trustHost: true }

const app = express()
app.use('/auth/*', ExpressAuth(config))

app.get('/', async (request, response) => response.json((await getSession(request, config)) ?? null))

/** A button; parameters in its address become those of the authorization request. */
async function button(request, response, parameters = {}) {
  const answer = await fetch(`${BASE_URL}/auth/csrf`, { headers: { cookie: request.headers.cookie ?? '' } })
  const { csrfToken } = await answer.json()
  for (const cookie of answer.headers.getSetCookie()) response.append('set-cookie', cookie)
  response.send(`<form method="post" action="/auth/signin/sigma?${new URLSearchParams(parameters)}">
    <input type="hidden" name="csrfToken" value="${csrfToken}"><input type="hidden" name="callbackUrl" value="/">
    <button>Sign in</button></form>`)
}

app.get('/login', (request, response) => button(request, response))
app.get('/silent', (request, response) => button(request, response, { prompt: 'none' }))
app.get('/payroll', (request, response) => button(request, response, { acr_values: 'urn:sigma:acr:mfa' }))

app.listen(PORT, '127.0.0.1')
