/** Where password managers lead somebody who wants another password (W3C, A Well-Known URL for Changing Passwords). */
import Router from '@koa/router'

export function changePasswordRoute(): Router {
  const router = new Router()
  router.get('/.well-known/change-password', (ctx) => {
    // Not for ever: where the page is may change.
    ctx.status = 302
    ctx.redirect('/account/password')
  })
  return router
}
