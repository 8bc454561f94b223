/** The issuer's front page, for who ends up there by hand. */
import Router from '@koa/router'
import type { Clients } from '../client/client.ts'
import { isBuiltIn } from '../oidc/built-in-records.ts'
import { logoAddress } from './logo-route.ts'
import type { Pages } from './page.ts'

export interface HomeParts {
  clients: Clients
  /** Whether there is a development outbox to point to. */
  outbox: boolean
  pages: Pages
}

export function homePage({ clients, outbox, pages }: HomeParts): Router {
  const applications = () =>
    clients.ids
      .filter((id) => !isBuiltIn(id))
      .map((id) => clients.find(id))
      .filter((client) => client?.metadata.first_party && client.loginUri)
      .map((client) => ({
        name: client?.metadata.client_name,
        href: client?.loginUri,
        logo: client?.logo && logoAddress(client.logo),
      }))
  const router = new Router()
  router.get('/', (ctx) => pages.show(ctx, { view: 'home', self: '/', data: { applications: applications(), outbox } }))
  return router
}
