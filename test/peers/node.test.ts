/** Applications on Node, each by its library's own quick start; see docs/applications.md. */
import { randomBytes } from 'node:crypto'
import { peers } from '../support/peers/peer.ts'

const run: [string, string] = [process.execPath, 'server.js']
const secret = randomBytes(32).toString('hex')
const switched = { id_token_claims: undefined }

peers([
  { library: 'openid-client-6', run },
  { library: 'openid-client-5', run },
  { library: 'auth-js', run, env: () => ({ AUTH_SECRET: secret }), switched },
  { library: 'express-openid-connect', run, env: () => ({ SECRET: secret }), switched },
  { library: 'passport-openidconnect', run, switched },
])
