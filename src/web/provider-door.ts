/**
 * The way in to the provider: one spelling of each address, nothing longer than its door admits, whatever the library
 * reads of it. A form that another site posts for a person goes on as a GET.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Middleware, ParameterizedContext } from 'koa'
import { AppError } from '../lib/errors.ts'
import { type Door, doorAt } from '../oidc/doors.ts'
import type { Tell } from '../oidc/observed.ts'
import { sentFromHere } from './csrf.ts'
import { letIn, tooLong } from './door-body.ts'
import { readPairs } from './form.ts'
import { type Pages, seeOther } from './page.ts'
import { factsOf } from './request.ts'

export interface ProviderDoorParts {
  provider: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  pages: Pages
  /** Told of who asks for our discovery document as if our name ended in a slash: that application calls us so. */
  tell: Tell
}

/** The longest query that we lead a browser to: some proxies refuse a request line of 8 KiB. */
const LONGEST_QUERY = 4 * 1024

/** What a browser makes a page of (Fetch Metadata, `Sec-Fetch-Dest`). Silent sign-in is in an `iframe`. */
const PAGES = new Set(['document', 'iframe', 'frame', 'fencedframe', 'object', 'embed'])

/** What comes of an issuer with a slash at its end. */
const TWO_SLASHES = '//.well-known/openid-configuration'

export function providerDoor({ provider, pages, tell }: ProviderDoorParts): Middleware {
  return async (ctx, next) => {
    const found = doorAt(ctx.path)
    if (ctx.path === TWO_SLASHES) tellOfSlash(ctx)
    if (!found) return next()
    const { door, path } = found
    ctx.req.url = path + ctx.search
    if (ctx.querystring.length > door.most) throw tooLong(door)
    if (ctx.method === 'POST') {
      if (door.byForm) return passForm(ctx, door)
      await letIn(ctx.req, door)
    } else if (door.path === '/auth' && isForeignPart(ctx)) {
      throw new AppError('foreign-form', 'begun by a part of the page of another site', { status: 403 })
    }
    await enter(ctx)
  }

  function tellOfSlash(ctx: ParameterizedContext): void {
    const whence = { ip: factsOf(ctx.req).ip, agent: ctx.get('user-agent').slice(0, 200) }
    tell({ what: 'fetched', file: 'discovery', whence, as: 'double-slash' })
  }

  function enter(ctx: ParameterizedContext): Promise<void> {
    ctx.respond = false
    return provider(ctx.req, ctx.res)
  }

  /**
   * A form of another site comes without this browser's cookies (SameSite=Lax), as if nobody were signed in; the GET that
   * it is sent on to comes with them. Fields that are too long for an address go on from a page of ours.
   */
  async function passForm(ctx: ParameterizedContext, door: Door): Promise<void> {
    const fields = await readPairs(ctx, door.most)
    const query = fields.toString()
    if (query.length > door.most) throw tooLong(door)
    const address = query === '' ? door.path : `${door.path}?${query}`
    if (query.length <= LONGEST_QUERY) return seeOther(ctx, address)
    if (!sentFromHere(ctx))
      return pages.show(ctx, {
        view: 'forward',
        self: door.path,
        uiLocales: fields.get('ui_locales') ?? undefined,
        data: { action: door.path, fields: [...fields] },
      })
    ctx.req.method = 'GET'
    ctx.req.url = address
    await enter(ctx)
  }
}

/**
 * By the browser's own word, an image, a script or the like on the page of another site: no person is led anywhere by it,
 * and it would begin one sign-in after the other in the name of whoever looks at that page. Who says nothing is let in.
 */
function isForeignPart(ctx: ParameterizedContext): boolean {
  const site = ctx.get('Sec-Fetch-Site')
  if (site !== 'cross-site' && site !== 'same-site') return false
  const part = ctx.get('Sec-Fetch-Dest')
  return part === '' ? ctx.get('Sec-Fetch-Mode') === 'no-cors' : !PAGES.has(part)
}
