/** Development only: what would have been sent, readable by anyone on the machine. */
import Router from '@koa/router'
import type { OutboxMessage } from '../delivery/outbox.ts'
import type { Pages } from './page.ts'

export function developmentPages(list: () => Promise<OutboxMessage[]>, pages: Pages): Router {
  const router = new Router({ prefix: '/dev' })
  router.get('/outbox', async (ctx) =>
    pages.show(ctx, { view: 'dev-outbox', self: '/dev/outbox', data: { messages: await list() } }),
  )
  router.get('/outbox.json', async (ctx) => {
    ctx.body = await list()
  })
  return router
}
