/** The API of administration: every verb at its address (routes.ts), and the document that describes them. */
import Router, { type RouterContext } from '@koa/router'
import { digest } from '../../lib/crypto.ts'
import { AppError } from '../../lib/errors.ts'
import { ADMIN_API } from '../../oidc/admin-api.ts'
import { type DoorParts, door } from './door.ts'
import { type DocumentParts, openApi } from './openapi.ts'
import { isKnown } from './preconditions.ts'
import { ROUTES } from './routes.ts'

export interface ApiParts extends DoorParts {
  document: DocumentParts
}

/** Whatever is below this answers programs. */
const BELOW = '/admin/api'
const DOCUMENT = `${BELOW}/openapi.json`
/** Seconds that a copy of the document is good without asking. */
const DOCUMENT_LIFE = 300

export function isApi(path: string): boolean {
  return path === BELOW || path.startsWith(`${BELOW}/`)
}

export function api(parts: ApiParts): Router {
  const router = new Router({ sensitive: true, strict: true })
  const open = door(parts)
  const methods = new Map<string, string[]>()
  for (const route of ROUTES) {
    const address = ADMIN_API + route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    const known = methods.get(address) ?? []
    methods.set(address, [...known, route.method, ...(route.method === 'GET' ? ['HEAD'] : [])])
    router.register(address, [route.method, ...(route.method === 'GET' ? ['HEAD'] : [])], open(route))
  }
  router.get(DOCUMENT, documentOf(parts.document))
  methods.set(DOCUMENT, ['GET', 'HEAD'])
  for (const [address, allowed] of methods) router.all(address, refuseMethod(allowed))
  return router
}

/** RFC 9110 section 15.5.6. */
function refuseMethod(allowed: string[]): (ctx: RouterContext) => void {
  return (ctx) => {
    ctx.set('Allow', allowed.join(', '))
    throw new AppError('method-not-allowed', `only ${allowed.join(', ')}`, { status: 405 })
  }
}

function documentOf(parts: DocumentParts): (ctx: RouterContext) => void {
  let made: { text: string; tag: string } | undefined
  return (ctx) => {
    if (!made) {
      const text = JSON.stringify(openApi(parts))
      made = { text, tag: `"${digest(text)}"` }
    }
    ctx.set({ 'Cache-Control': `public, max-age=${DOCUMENT_LIFE}`, ETag: made.tag })
    if (isKnown(ctx.get('If-None-Match'), made.tag)) {
      ctx.status = 304
      return
    }
    ctx.type = 'application/json'
    ctx.body = made.text
  }
}
