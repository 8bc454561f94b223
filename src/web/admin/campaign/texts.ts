/** What people are mailed before the deadline, in every language, as it is written to them. */
import { showTexts } from '../../../admin/campaign.ts'
import type { Visit } from '../../signed-in.ts'
import type { Desk } from '../desk.ts'
import { CAMPAIGN } from './overview.ts'

export function campaignTexts(at: Desk): Visit {
  return async (ctx, requester) => {
    const told = await at.run(ctx, requester, showTexts, {})
    at.show(ctx, requester, { view: 'campaign/texts', self: `${CAMPAIGN}/texts`, data: { ...told, back: CAMPAIGN } })
  }
}
