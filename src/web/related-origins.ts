/**
 * `/.well-known/webauthn`: which other origins may use the RP id that is this host's name (WebAuthn Level 3 section 5.11). A
 * browser asks it at the RP id's own host, so whoever has moved serves it there too.
 */
import Router from '@koa/router'

export function relatedOriginsRoute({ relatedOrigins }: { relatedOrigins: string[] }): Router {
  const router = new Router()
  if (relatedOrigins.length > 0)
    router.get('/.well-known/webauthn', (ctx) => {
      ctx.body = { origins: relatedOrigins }
    })
  return router
}
