/**
 * Serves the public files from memory, as small as the browser can read them; with the right version in the address
 * they may be kept for ever.
 *
 * Pages are not compressed, see docs/architecture.md.
 */
import Router from '@koa/router'
import type { Asset } from '../render/assets.ts'
import { type Coding, codingFor } from './content-coding.ts'

export function assetRoutes(files: Map<string, Asset>): Router {
  const router = new Router()
  router.get('/assets/:name', async (ctx) => {
    const asset = files.get(ctx.path)
    if (!asset) return
    const { body, etag, type, version, compressed } = asset
    ctx.vary('Accept-Encoding')
    const coding = codingFor(ctx.get('Accept-Encoding'), compressed ? undefined : ['identity'])
    if (!coding) {
      ctx.status = 406
      return
    }
    const forever = ctx.query.v === version
    ctx.set('Cache-Control', forever ? 'public, max-age=31536000, immutable' : 'public, max-age=300')
    ctx.set('ETag', etagIn(coding, etag))
    ctx.type = type
    ctx.status = 200
    if (ctx.fresh) {
      ctx.status = 304
      return
    }
    if (coding === 'identity' || !compressed) {
      ctx.body = body
      return
    }
    ctx.set('Content-Encoding', coding)
    ctx.body = await compressed[coding]()
  })
  router.get('/favicon.ico', (ctx) => {
    ctx.status = 301
    ctx.redirect('/assets/favicon.svg')
  })
  return router
}

/** Other bytes are another representation, with a tag of its own (RFC 9110 section 8.8.3.3). */
function etagIn(coding: Coding, etag: string): string {
  return coding === 'identity' ? etag : etag.replace(/"$/, `-${coding}"`)
}
