/**
 * Serves the logos of applications, each at an address that only ever has that picture. They are shown by our own origin
 * and made by us (client/logo-picture.ts): whoever signs in tells nobody else so, and nothing that was sent in is served.
 * Open to everybody, as the sign-in page is.
 */
import Router from '@koa/router'
import type { Clients } from '../client/client.ts'
import type { Logos } from '../client/logos.ts'

export function logoAddress(digest: string): string {
  return `/logo/${digest}.png`
}

export function logoRoutes(logos: Pick<Logos, 'find'>): Router {
  const router = new Router()
  router.get('/logo/:name', async (ctx) => {
    const [, digest] = /^([\w-]{43})\.png$/.exec(ctx.params.name ?? '') ?? []
    const png = digest === undefined ? undefined : await logos.find(digest)
    if (!png) return
    ctx.set({
      'Cache-Control': 'public, max-age=31536000, immutable',
      ETag: `"${digest}"`,
      // Opened by itself it is a picture and nothing else, whatever it was made to look like.
      'Content-Security-Policy': "default-src 'none'; sandbox",
    })
    ctx.type = 'image/png'
    ctx.status = 200
    if (ctx.fresh) ctx.status = 304
    else ctx.body = png
  })
  return router
}

/** Where the logo of an application is, from what is in memory; undefined if it has none. */
export function logoOf(clients: Pick<Clients, 'find'>): (clientId: string) => string | undefined {
  return (clientId) => {
    const logo = clients.find(clientId)?.logo
    return logo === undefined ? undefined : logoAddress(logo)
  }
}
