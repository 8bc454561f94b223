/** The pages of organizations: the list of their addresses. */
import type Router from '@koa/router'
import type { Desk } from '../desk.ts'
import { ENDS, endPages } from './end.ts'
import { ADDED, addPages, CHANGED, changePages } from './form.ts'
import { ORGANIZATIONS, organizationList, organizationPage } from './list.ts'
import { MERGED, mergePages } from './merge.ts'

export function organizationRoutes(router: Router, at: Desk): void {
  const add = addPages(at)
  const change = changePages(at)
  const merge = mergePages(at)
  router.get(ORGANIZATIONS, at.page(organizationList(at)))
  router.get(`${ORGANIZATIONS}/new`, at.guarded(add.show))
  router.post(`${ORGANIZATIONS}/new`, at.submit(ADDED, add.take))
  router.get(`${ORGANIZATIONS}/:id`, at.page(organizationPage(at)))
  router.get(`${ORGANIZATIONS}/:id/change`, at.guarded(change.show))
  router.post(`${ORGANIZATIONS}/:id/change`, at.submit(CHANGED, change.take))
  for (const end of ENDS) {
    const pages = endPages(at, end)
    router.get(`${ORGANIZATIONS}/:id/${end.name}`, at.guarded(pages.show))
    router.post(`${ORGANIZATIONS}/:id/${end.name}`, at.submit(['version'], pages.take))
  }
  router.get(`${ORGANIZATIONS}/:id/merge`, at.guarded(merge.show))
  router.post(`${ORGANIZATIONS}/:id/merge`, at.submit(MERGED, merge.take))
}
