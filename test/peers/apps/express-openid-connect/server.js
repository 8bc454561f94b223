import { createRequire } from 'node:module'
import express from 'express'

const require = createRequire(import.meta.url)
const { auth } = require('express-openid-connect')
const MemoryStore = require('memorystore')(auth)

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT, SECRET, OWN_SWITCHES } = process.env

const app = express()
app.use(
  auth({
    issuerBaseURL: ISSUER,
    baseURL: BASE_URL,
    clientID: CLIENT_ID,
    secret: SECRET,
    idpLogout: true,
    // Without these two it asks for an ID token by the implicit flow.
    clientSecret: CLIENT_SECRET,
    authorizationParams: { response_type: 'code', scope: 'openid profile email' },
    authRequired: false,
    backchannelLogout: { store: new MemoryStore({ checkPeriod: 3_600_000 }) },
  }),
)

app.get('/', async (request, response) => {
  const details = OWN_SWITCHES && request.oidc.user ? await request.oidc.fetchUserInfo() : undefined
  response.json(details ?? request.oidc.user ?? null)
})
app.get('/silent', (_request, response) =>
  response.oidc.login({ returnTo: '/', authorizationParams: { prompt: 'none' } }),
)
app.get('/payroll', (_request, response) =>
  response.oidc.login({ returnTo: '/', authorizationParams: { acr_values: 'urn:sigma:acr:mfa' } }),
)
app.get('/refresh', async (request, response) => {
  await request.oidc.accessToken.refresh()
  response.json(request.oidc.user)
})
app.listen(PORT, '127.0.0.1')
