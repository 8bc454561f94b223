/** Serves the public files from memory; with the right version in the address they may be kept for ever. */
import Router from '@koa/router'
import type { Asset } from '../render/assets.ts'

export function assetRoutes(files: Map<string, Asset>): Router {
  const router = new Router()
  router.get('/assets/:name', (ctx) => {
    const asset = files.get(ctx.path)
    if (!asset) return
    const forever = ctx.query.v === asset.version
    ctx.set('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'public, max-age=300')
    ctx.set('ETag', asset.etag)
    ctx.type = asset.type
    ctx.status = 200
    if (ctx.fresh) ctx.status = 304
    else ctx.body = asset.body
  })
  router.get('/favicon.ico', (ctx) => {
    ctx.status = 301
    ctx.redirect('/assets/favicon.svg')
  })
  return router
}
