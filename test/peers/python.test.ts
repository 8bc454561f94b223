/** Applications in Python, each by its library's own quick start; see docs/applications.md. */
import { PYTHON, peers } from '../support/peers/peer.ts'

const needs = ['python' as const]
const run: [string, string] = [PYTHON, 'server.py']

peers([
  { library: 'authlib', run, needs, switched: { require_pkce: undefined, id_token_claims: undefined } },
  { library: 'flask-pyoidc', run, needs, paths: { signIn: '/' } },
  {
    library: 'mozilla-django-oidc',
    run,
    needs,
    paths: { signIn: '/oidc/authenticate/' },
    switched: { require_pkce: undefined },
  },
  {
    library: 'social-auth',
    run,
    needs,
    switched: { require_pkce: undefined, token_endpoint_auth_method: 'client_secret_post' },
  },
])
