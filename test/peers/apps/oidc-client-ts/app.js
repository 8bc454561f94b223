import { UserManager } from 'oidc-client-ts'
import { CLIENT_ID, ISSUER, OWN_SWITCHES } from './settings.js'

const settings = {
  authority: ISSUER,
  client_id: CLIENT_ID,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: 'openid profile email',
  revokeTokensOnSignout: true,
  // Without this it keeps acr and amr to itself.
  filterProtocolClaims: ['nbf', 'jti', 'nonce', 'azp', 'at_hash'],
}

const manager = new UserManager({ ...settings, loadUserInfo: OWN_SWITCHES })

const buttons = {
  'Sign in': () => manager.signinRedirect(),
  Payroll: () => manager.signinRedirect({ acr_values: 'urn:sigma:acr:mfa' }),
  Silent: () => manager.signinRedirect({ prompt: 'none' }),
  Refresh: () => manager.signinSilent(),
  'Sign out': () => manager.signoutRedirect(),
}

if (location.pathname === '/callback') {
  const error = await manager.signinCallback().catch((refusal) => refusal.error ?? refusal.message)
  history.replaceState(null, '', '/')
  if (typeof error === 'string') document.querySelector('output').textContent = error
}

async function show() {
  const user = await manager.getUser()
  document.querySelector('pre').textContent = JSON.stringify(user?.profile ?? null)
}

for (const [name, act] of Object.entries(buttons)) {
  const button = document.createElement('button')
  button.textContent = name
  button.onclick = () =>
    act()
      .then(show)
      .catch((fault) => {
        document.querySelector('output').textContent = fault.message
      })
  document.querySelector('main').append(button)
}
await show()
document.querySelector('main').hidden = false
