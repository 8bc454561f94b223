/** The pages under `/admin`: the list of their addresses, and the page that they begin at. */

import Router from '@koa/router'
import { showCampaign } from '../../admin/campaign.ts'
import { listCases } from '../../admin/cases.ts'
import { listClients } from '../../admin/client-looks.ts'
import { listDeliveries } from '../../admin/deliveries.ts'
import { listInvitations } from '../../admin/invitations.ts'
import { listKeys } from '../../admin/keys.ts'
import { listOrganizations } from '../../admin/organizations.ts'
import { findPeople, invitePerson } from '../../admin/people.ts'
import { listResources } from '../../admin/resources.ts'
import { listAudit } from '../../admin/trail.ts'
import type { Visit } from '../signed-in.ts'
import { ACTIONS, actionPages } from './actions.ts'
import { apiRoutes } from './apis/apis.ts'
import { applicationRoutes } from './applications/applications.ts'
import { approvalPages, DECIDED } from './approvals.ts'
import { auditPages, EXPORTED } from './audit.ts'
import { campaignRoutes } from './campaign/campaign.ts'
import { caseEntry, casePages, DECISION } from './cases.ts'
import { deliveryPages } from './deliveries.ts'
import { type DeskParts, desk } from './desk.ts'
import { invitationRoutes } from './invitations/invitations.ts'
import { keyPages, ROTATION } from './keys.ts'
import { MOVE, movePages } from './move.ts'
import { organizationRoutes } from './organizations/organizations.ts'
import { CHANGES } from './people/changes.ts'
import { changingPage } from './people/changing.ts'
import { EXPORTED as EXPORTED_PEOPLE, peopleFile, peopleList } from './people/list.ts'
import { INVITATION, peoplePages } from './people.ts'

/** Open cases that the first page shows. */
const MOST_SHOWN = 5

export function adminPages(parts: DeskParts): Router {
  const at = desk(parts)
  const people = peoplePages(at)
  const actions = actionPages(at)
  const move = movePages(at)
  const cases = casePages(at)
  const approvals = approvalPages(at)
  const audit = auditPages(at)
  const deliveries = deliveryPages(at)
  const keys = keyPages(at)
  const router = new Router()
  router.get('/admin', at.page(showHome))
  // For whoever has a form open in another tab.
  router.get('/admin/confirmed', at.guarded(showConfirmed))
  router.get('/admin/people', at.page(peopleList(at)))
  const file = peopleFile(at)
  router.get('/admin/people/export', at.guarded(file.show))
  router.post('/admin/people/export', at.submit(EXPORTED_PEOPLE, file.send))
  router.get('/admin/people/invite', at.guarded(people.showInvite))
  router.post('/admin/people/invite', at.submit(INVITATION, people.invite))
  router.get('/admin/people/:id', at.page(people.show))
  router.get('/admin/people/:id/move', at.guarded(move.show))
  router.post('/admin/people/:id/move', at.submit(MOVE, move.take))
  for (const change of CHANGES) {
    const pages = changingPage(at, change)
    router.get(`/admin/people/:id/${change.name}`, at.guarded(pages.show))
    router.post(`/admin/people/:id/${change.name}`, at.submit(change.fields, pages.take))
  }
  for (const { name } of ACTIONS) {
    router.get(`/admin/people/:id/${name}`, at.guarded(actions.show(name)))
    router.post(`/admin/people/:id/${name}`, at.submit([], actions.act(name)))
  }
  router.get('/admin/cases', at.page(cases.list))
  router.get('/admin/cases/:number', at.page(cases.show))
  router.post('/admin/cases/:number', at.submit(DECISION, cases.decide))
  invitationRoutes(router, at)
  applicationRoutes(router, at)
  router.get('/admin/approvals', at.page(approvals.list))
  router.get('/admin/approvals/:id', at.page(approvals.show))
  router.post('/admin/approvals/:id', at.submit(DECIDED, approvals.decide))
  apiRoutes(router, at)
  organizationRoutes(router, at)
  campaignRoutes(router, at)
  router.get('/admin/deliveries', at.page(deliveries.list))
  router.get('/admin/deliveries/:id', at.guarded(deliveries.show))
  router.post('/admin/deliveries/:id', at.submit([], deliveries.retry))
  router.get('/admin/keys', at.page(keys.list))
  router.get('/admin/keys/rotate', at.guarded(keys.showRotate))
  router.post('/admin/keys/rotate', at.submit(ROTATION, keys.rotate))
  router.get('/admin/audit', at.page(audit.list))
  router.get('/admin/audit/export', at.guarded(audit.showExport))
  router.post('/admin/audit/export', at.submit(EXPORTED, audit.send))
  return router

  async function showConfirmed(...[ctx, requester]: Parameters<Visit>): Promise<void> {
    at.show(ctx, requester, { view: 'confirmed', self: '/admin/confirmed' })
  }

  async function showHome(...[ctx, requester]: Parameters<Visit>): Promise<void> {
    const may = {
      find: at.may(requester, findPeople),
      invite: at.may(requester, invitePerson),
      cases: at.may(requester, listCases),
      invitations: at.may(requester, listInvitations),
      applications: at.may(requester, listClients),
      apis: at.may(requester, listResources),
      organizations: at.may(requester, listOrganizations),
      campaign: at.may(requester, showCampaign),
      audit: at.may(requester, listAudit),
      deliveries: at.may(requester, listDeliveries),
      keys: at.may(requester, listKeys),
    }
    const open = may.cases ? await at.run(ctx, requester, listCases, {}) : []
    const data = {
      may,
      roles: requester.account.roles,
      open: open.slice(0, MOST_SHOWN).map(caseEntry),
      waiting: open.length,
    }
    at.show(ctx, requester, { view: 'home', self: '/admin', data })
  }
}
