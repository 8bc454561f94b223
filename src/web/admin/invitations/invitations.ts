/** The pages of invitations of many: the list of their addresses. */
import type Router from '@koa/router'
import type { Desk } from '../desk.ts'
import { actPages } from './acts.ts'
import { ACTS, INVITATIONS, invitationList, roundPage } from './list.ts'
import { FILE, MOST_FORM, NEW, newInvitationPages, PLAN, PLANNED, SETTINGS } from './new.ts'

const ONE = `${INVITATIONS}/:round`

export function invitationRoutes(router: Router, at: Desk): void {
  const fresh = newInvitationPages(at)
  router.get(INVITATIONS, at.page(invitationList(at)))
  router.get(NEW, at.guarded(fresh.show))
  router.post(NEW, at.upload(SETTINGS, fresh.take, { ...FILE, tooLarge: fresh.showTooLarge }))
  router.get(PLAN, at.page(fresh.showAgain))
  router.post(PLAN, at.submit(PLANNED, fresh.send, { most: MOST_FORM, stale: fresh.stale }))
  router.get(ONE, at.page(roundPage(at)))
  for (const act of ACTS) {
    const pages = actPages(at, act)
    router.get(`${ONE}/${act.name}`, at.guarded(pages.show))
    router.post(`${ONE}/${act.name}`, at.submit([], pages.act))
  }
}
