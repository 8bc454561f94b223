/** The pages of APIs: the list of their addresses. */
import type Router from '@koa/router'
import type { Desk } from '../desk.ts'
import { ACT, ACTS, actPages } from './acts.ts'
import { APIS } from './api.ts'
import { addPages, CHANGE, changePages, NEW } from './form.ts'
import { apiList, apiPage } from './list.ts'
import { PUT_BACK, versionPages } from './versions.ts'

const ONE = `${APIS}/:id`

export function apiRoutes(router: Router, at: Desk): void {
  const add = addPages(at)
  const change = changePages(at)
  const versions = versionPages(at)
  const acts = actPages(at)
  router.get(APIS, at.page(apiList(at)))
  router.get(`${APIS}/new`, at.guarded(add.show))
  router.post(`${APIS}/new`, at.submit(NEW, add.take))
  router.get(ONE, at.page(apiPage(at)))
  router.get(`${ONE}/change`, at.guarded(change.show))
  router.post(`${ONE}/change`, at.submit(CHANGE, change.take))
  router.get(`${ONE}/versions`, at.page(versions.list))
  router.get(`${ONE}/versions/:version`, at.guarded(versions.show))
  router.post(`${ONE}/versions/:version`, at.submit(PUT_BACK, versions.putBack))
  for (const { name } of ACTS) {
    router.get(`${ONE}/${name}`, at.guarded(acts.show(name)))
    router.post(`${ONE}/${name}`, at.submit(ACT, acts.take(name)))
  }
}
