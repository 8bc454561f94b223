/** Applications in Go, each by its library's own quick start; see docs/applications.md. */
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { SECOND } from '../../src/lib/time.ts'
import { ACR } from '../support/oidc/relying-party.ts'
import { enter, type Peer, peers, signedIn, signOutHere, startPeer, told } from '../support/peers/peer.ts'
import { somebody } from '../support/people/step-up.ts'

const needs: ['go'] = ['go']
const secret = randomBytes(16).toString('hex')
const switched = { require_pkce: undefined, require_nonce: undefined }

const proxy = {
  library: 'oauth2-proxy',
  needs,
  env: () => ({ COOKIE_SECRET: secret }),
  switched,
  paths({ ISSUER, BASE_URL = '' }: Record<string, string>) {
    const back = encodeURIComponent(`${BASE_URL}/`)
    const to = `${ISSUER}/session/end?id_token_hint={id_token}&post_logout_redirect_uri=${back}`
    return {
      home: '/oauth2/userinfo',
      signIn: '/oauth2/start?rd=/oauth2/userinfo',
      refresh: '/oauth2/userinfo',
      signOut: `/oauth2/sign_out?rd=${encodeURIComponent(to)}`,
    }
  },
}

peers([
  { library: 'go-oidc', needs, run: ['.made/roster'] },
  { library: 'zitadel-oidc', needs, run: ['.made/roster'], switched },
  {
    library: 'goth',
    needs,
    run: ['.made/roster'],
    env: () => ({ SESSION_SECRET: secret }),
    paths: { signIn: '/auth/openid-connect', silent: '/auth/silent-oidc', stepUp: '/auth/payroll-oidc' },
  },
  {
    ...proxy,
    run: ['./run'],
    besides: {
      'signed out elsewhere, it is out when it refreshes': async (peer) => {
        const who = await signedIn(peer)
        expect(await told(peer, who)).toContain(who.email)
        await signOutHere(who, peer.app)
        for (const end = Date.now() + 3 * SECOND; Date.now() < end && (await told(peer, who)) !== ''; );
        expect(await told(peer, who)).toBe('')
      },
      'a step-up for all that is behind it': async () => {
        const peer: Peer = await startPeer({ ...proxy, run: ['./run', '--acr-values', ACR.mfa] })
        const pages = await enter(peer, await somebody(peer.app), 'signIn').finally(peer.stop)
        expect(pages).toEqual(['password', 'enroll'])
      },
    },
  },
])
