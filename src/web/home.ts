/** The issuer's front page, for who ends up there by hand. */
import Router from '@koa/router'
import type { Clients } from '../client/client.ts'
import { ownFields } from '../client/own-fields.ts'
import type { BrowserSession } from '../oidc/browser-session.ts'
import { isBuiltIn } from '../oidc/built-in-records.ts'
import { logoAddress } from './logo-route.ts'
import type { Pages } from './page.ts'

export interface HomeParts {
  clients: Clients
  /** Whoever is signed in with the browser sees what they may open; anybody else what everybody may. */
  session: Pick<BrowserSession, 'account'>
  /** Where administration is, for people with a role. */
  administration: string
  /** Whether there is a development outbox to point to. */
  outbox: boolean
  pages: Pages
}

export function homePage({ clients, session, administration, outbox, pages }: HomeParts): Router {
  const applications = (hasRole: boolean) =>
    clients.ids
      .filter((id) => !isBuiltIn(id))
      .map((id) => clients.find(id))
      .filter((client) => client?.metadata.first_party && client.loginUri)
      .filter((client) => hasRole || !ownFields(client?.metadata).staff_only)
      .map((client) => ({
        name: client?.metadata.client_name,
        href: client?.loginUri,
        logo: client?.logo && logoAddress(client.logo),
      }))
  const router = new Router()
  router.get('/', async (ctx) => {
    const account = await session.account(ctx.req, ctx.res)
    const hasRole = (account?.roles.length ?? 0) > 0
    const data = { applications: applications(hasRole), administration: hasRole && administration, outbox }
    pages.show(ctx, { view: 'home', self: '/', data })
  })
  return router
}
