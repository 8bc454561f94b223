/** Applications in Java, by their library's own quick start; see docs/applications.md. */
import { expect } from 'vitest'
import { type Peer, peers } from '../support/peers/peer.ts'

peers([
  {
    library: 'spring-boot',
    needs: ['java'],
    run: ['java', '-XX:TieredStopAtLevel=1', '-jar', '.made/roster.jar'],
    paths: {
      signIn: '/oauth2/authorization/sigma',
      silent: '/oauth2/authorization/sigma?prompt=none',
      stepUp: '/oauth2/authorization/sigma?acr_values=urn:sigma:acr:mfa',
    },
    besides: {
      'the API takes the token that was made for it': async (peer) => {
        expect(await call(peer, await token(peer, 'payroll:read', `${peer.origin}/api`))).toBe(200)
      },
      'the API refuses the token of another API': async (peer) => {
        expect(await call(peer, await token(peer, 'reports:read', 'https://reports.example.org/'))).toBe(401)
      },
    },
  },
])

/** The application's own token for an API. */
async function token({ app, given }: Peer, scope: string, resource: string): Promise<string> {
  const answer = await fetch(`${app.origin}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${given.CLIENT_ID}:${given.CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  return access_token
}

async function call({ origin }: Peer, bearer: string): Promise<number> {
  const { status } = await fetch(`${origin}/api/payroll`, { headers: { authorization: `Bearer ${bearer}` } })
  return status
}
