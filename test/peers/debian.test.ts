/** Applications that Debian has, each by its own quick start; see docs/applications.md. */
import { randomBytes } from 'node:crypto'
import { peers } from '../support/peers/peer.ts'

const passphrase = randomBytes(32).toString('base64url')

peers([
  {
    library: 'mod-auth-openidc',
    needs: ['apache'],
    run: ['./run'],
    env: () => ({ PASSPHRASE: passphrase }),
    paths: ({ BASE_URL }) => ({
      signIn: '/',
      signOut: `/signed-in?logout=${encodeURIComponent(`${BASE_URL}/goodbye`)}`,
    }),
  },
  {
    library: 'omniauth-openid-connect',
    needs: ['ruby'],
    run: ['./run'],
    paths: { signIn: '/auth/sigma', silent: '/auth/silent', stepUp: '/auth/payroll' },
  },
])
