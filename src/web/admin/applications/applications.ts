/** The pages of applications: the list of their addresses. */
import type Router from '@koa/router'
import type { Desk } from '../desk.ts'
import { ACT, ACTS, actPages } from './acts.ts'
import { CHANGE, changePages } from './change.ts'
import { connectPage } from './connect.ts'
import { doctorPages } from './doctor.ts'
import { APPLICATIONS } from './head.ts'
import { applicationList } from './list.ts'
import { LOGO, logoPages, PICTURE } from './logo.ts'
import { BEGINNING, NEW, newPages } from './new.ts'
import { SECRET, secretPages } from './secrets.ts'
import { applicationPages } from './show.ts'
import { signInsPage } from './sign-ins.ts'
import { PUT_BACK, versionPages } from './versions.ts'

/** Of a form with a whole definition in it, bytes: a hundred addresses and a set of keys fit. */
const MOST = 128 * 1024
const ONE = `${APPLICATIONS}/:id`

export function applicationRoutes(router: Router, at: Desk): void {
  const one = applicationPages(at)
  const fresh = newPages(at)
  const change = changePages(at)
  const secrets = secretPages(at)
  const versions = versionPages(at)
  const logo = logoPages(at)
  const acts = actPages(at)
  const doctor = doctorPages(at)
  router.get(APPLICATIONS, at.page(applicationList(at)))
  router.get(NEW, at.guarded(fresh.show))
  router.post(NEW, at.submit(BEGINNING, fresh.send, { most: MOST, stale: fresh.stale }))
  router.get(ONE, at.page(one.show))
  router.get(`${ONE}/yaml`, at.page(one.yaml))
  router.get(`${ONE}/connect`, at.page(connectPage(at)))
  router.get(`${ONE}/change`, at.guarded(change.show))
  router.post(`${ONE}/change`, at.submit(CHANGE, change.send, { most: MOST, stale: change.stale }))
  router.get(`${ONE}/logo`, at.guarded(logo.show))
  router.post(`${ONE}/logo`, at.upload(LOGO, logo.set, { ...PICTURE, tooLarge: logo.showTooLarge }))
  router.get(`${ONE}/logo/remove`, at.guarded(logo.showRemove))
  router.post(`${ONE}/logo/remove`, at.submit(LOGO, logo.remove))
  router.get(`${ONE}/secrets`, at.page(secrets.list))
  router.post(`${ONE}/secrets`, at.submit(SECRET, secrets.add))
  router.get(`${ONE}/secrets/:secret`, at.guarded(secrets.showRemove))
  router.post(`${ONE}/secrets/:secret`, at.submit(SECRET, secrets.remove))
  router.get(`${ONE}/versions`, at.page(versions.list))
  router.get(`${ONE}/versions/:version`, at.page(versions.show))
  router.post(`${ONE}/versions/:version`, at.submit(PUT_BACK, versions.putBack))
  router.get(`${ONE}/sign-ins`, at.page(signInsPage(at)))
  router.get(`${ONE}/doctor`, at.page(doctor.show))
  router.post(`${ONE}/doctor`, at.submit([], doctor.act))
  for (const { name } of ACTS) {
    router.get(`${ONE}/${name}`, at.guarded(acts.show(name)))
    router.post(`${ONE}/${name}`, at.submit(ACT, acts.act(name)))
  }
}
