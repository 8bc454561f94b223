/** Development only: what would have been sent, readable by anyone on the machine. */
import Router from '@koa/router'
import type { OutboxMessage } from '../delivery/outbox.ts'
import type { Pages } from './page.ts'

/** Messages that the page shows; a round of invitations leaves hundreds. */
const MOST = 50

export function developmentPages(list: () => Promise<OutboxMessage[]>, pages: Pages): Router {
  const router = new Router({ prefix: '/dev' })
  router.get('/outbox', async (ctx) => {
    const all = await list()
    const data = { messages: all.slice(0, MOST), more: all.length > MOST }
    pages.show(ctx, { view: 'dev-outbox', self: '/dev/outbox', data })
  })
  router.get('/outbox.json', async (ctx) => {
    ctx.body = await list()
  })
  return router
}
