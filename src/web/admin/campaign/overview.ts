/** How far the campaign is and whom it would stop: of everybody, and of one organization. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { setDates, showCampaign } from '../../../admin/campaign.ts'
import { migrationStatus } from '../../../admin/import.ts'
import { exportPeople, listPeople } from '../../../admin/people-list.ts'
import { moment } from '../../../lib/moment.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { organizationAddress } from '../organizations/list.ts'

export const CAMPAIGN = '/admin/campaign'

/** Days to come that are shown; a campaign of more has them in the list of its waves. */
const MOST_STOPS = 12

/** The day that is asked about; what cannot be one is asked again, beside the field. */
function dayAsked(ctx: RouterContext): { on?: string; typed: string; wrong: boolean } {
  const typed = asked(ctx, 'on')
  const wrong = typed !== '' && !moment.safeParse(typed).success
  return { ...(typed !== '' && !wrong && { on: typed }), typed, wrong }
}

export function campaignOverview(at: Desk): Visit {
  return async (ctx, requester) => {
    const { on, typed, wrong } = dayAsked(ctx)
    const told = await at.run(ctx, requester, showCampaign, { on })
    at.show(ctx, requester, {
      view: 'campaign/overview',
      self: addressOf(CAMPAIGN, { on: typed || undefined }),
      status: wrong ? 400 : 200,
      data: {
        told: { ...told, stops: told.stops.slice(0, MOST_STOPS) },
        typed,
        wrong,
        action: CAMPAIGN,
        lists: listsOf(at, requester),
        may: { migration: at.may(requester, migrationStatus) },
        waves: told.waves?.map((wave) => ({ ...wave, href: waveAddress(wave.deadlineAt) })),
      },
    })
  }
}

/** Where those are listed who have something to do, or have not come, for whoever may look at people. */
function listsOf(at: Desk, requester: Requester, organization?: string): Record<string, string> {
  // The help desk lists people of one organization, or looks for somebody.
  const lists = organization === undefined ? exportPeople : listPeople
  if (!at.may(requester, lists)) return {}
  const listed = (query: Record<string, string>) => addressOf('/admin/people', { ...query, organization })
  return {
    missing: listed({ status: 'active', twoStep: 'off' }),
    old: listed({ status: 'active', twoStep: 'old' }),
    invited: listed({ status: 'invited' }),
  }
}

function waveAddress(deadline: number | undefined): string | undefined {
  if (deadline === undefined) return undefined
  return addressOf(`${CAMPAIGN}/organizations`, { deadline: new Date(deadline).toISOString() })
}

export function organizationForecast(at: Desk): Visit {
  return async (ctx, requester) => {
    const { on, typed, wrong } = dayAsked(ctx)
    const told = await at.run(ctx, requester, showCampaign, { organization: ctx.params.id, on })
    const id = told.organization?.id ?? ''
    const self = organizationAddress(id, '/campaign')
    const isOpen = told.organization?.status === 'active' && at.may(requester, setDates)
    at.show(ctx, requester, {
      view: 'campaign/organization',
      self: addressOf(self, { on: typed || undefined }),
      status: wrong ? 400 : 200,
      data: {
        told: { ...told, stops: told.stops.slice(0, MOST_STOPS) },
        typed,
        wrong,
        action: self,
        lists: listsOf(at, requester, id),
        back: organizationAddress(id),
        change: isOpen && addressOf(`${CAMPAIGN}/dates`, { organization: id }),
      },
    })
  }
}
