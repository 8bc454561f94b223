/** The pages of the campaign for two-step verification: the list of their addresses. */
import type Router from '@koa/router'
import type { Desk } from '../desk.ts'
import { ORGANIZATIONS } from '../organizations/list.ts'
import { DATED, datesPages } from './dates.ts'
import { campaignMigration, MIGRATION } from './migration.ts'
import { campaignOrganizations } from './organizations.ts'
import { CAMPAIGN, campaignOverview, organizationForecast } from './overview.ts'
import { campaignTexts } from './texts.ts'

export function campaignRoutes(router: Router, at: Desk): void {
  const dates = datesPages(at)
  router.get(CAMPAIGN, at.page(campaignOverview(at)))
  router.get(`${CAMPAIGN}/organizations`, at.page(campaignOrganizations(at)))
  router.get(`${CAMPAIGN}/dates`, at.guarded(dates.show))
  router.post(`${CAMPAIGN}/dates`, at.submit(DATED, dates.take))
  router.get(MIGRATION, at.page(campaignMigration(at)))
  router.get(`${CAMPAIGN}/texts`, at.page(campaignTexts(at)))
  router.get(`${ORGANIZATIONS}/:id/campaign`, at.page(organizationForecast(at)))
}
