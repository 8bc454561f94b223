import { randomUUID } from 'node:crypto'
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy from 'passport-openidconnect'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL, PORT } = process.env

const settings = {
  issuer: ISSUER,
  authorizationURL: `${ISSUER}/auth`,
  tokenURL: `${ISSUER}/token`,
  userInfoURL: `${ISSUER}/me`,
  clientID: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  callbackURL: `${BASE_URL}/callback`,
  scope: ['profile', 'email'],
  nonce: true,
}

if (process.env.OWN_SWITCHES) settings.skipUserProfile = false

function verify(_issuer, profile, context, done) {
  return done(null, { ...profile, acr: context.class })
}

passport.use(new OpenIDConnectStrategy(settings, verify))
passport.use('payroll', new OpenIDConnectStrategy({ ...settings, acrValues: 'urn:sigma:acr:mfa' }, verify))

passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(session({ name: 'passport', secret: randomUUID(), resave: false, saveUninitialized: false }))
app.use(passport.session())
app.get('/', (request, response) => response.json(request.user ?? null))
app.get('/login', passport.authenticate('openidconnect'))
app.get('/silent', passport.authenticate('openidconnect', { prompt: 'none' }))
app.get('/payroll', passport.authenticate('payroll'))
app.get('/callback', passport.authenticate('openidconnect', { successRedirect: '/', failureRedirect: '/' }))
app.listen(PORT, '127.0.0.1')
