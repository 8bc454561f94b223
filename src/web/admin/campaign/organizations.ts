/** Organizations in the campaign, narrowed by what stands in the address; those that are ticked get dates of their own. */
import { listCampaign, setDates } from '../../../admin/campaign.ts'
import { PHASES } from '../../../admin/organization.ts'
import { moment } from '../../../lib/moment.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { organizationAddress } from '../organizations/list.ts'
import { CAMPAIGN } from './overview.ts'

const LIST = `${CAMPAIGN}/organizations`
const CHOICES = { campaign: PHASES, todo: ['yes', 'no'] as const }
const PAGE = 50
/** Of what can be asked for. */
const LONGEST = 80

export function campaignOrganizations(at: Desk): Visit {
  return async (ctx, requester) => {
    // An address that was typed by hand, and asks for what there is not, asks for everything.
    const chosen = Object.entries(CHOICES).flatMap(([name, values]) => {
      const value = values.find((one) => one === asked(ctx, name))
      return value === undefined ? [] : [[name, value] as const]
    })
    const text = asked(ctx, 'text').slice(0, LONGEST)
    const deadline = moment.safeParse(asked(ctx, 'deadline')).success ? asked(ctx, 'deadline') : undefined
    const filters: Record<string, string> = {
      ...(text && { text }),
      ...Object.fromEntries(chosen),
      ...(deadline !== undefined && { deadline }),
    }
    const after = asked(ctx, 'after').slice(0, LONGEST) || undefined
    // One more than is shown tells whether there is a next page.
    const found = await at.run(ctx, requester, listCampaign, { ...filters, after, limit: PAGE + 1 })
    const shown = found.slice(0, PAGE)
    at.show(ctx, requester, {
      view: 'campaign/organizations',
      self: addressOf(LIST, { ...filters, after }),
      data: {
        action: LIST,
        typed: filters,
        deadline: deadline === undefined ? undefined : Date.parse(deadline),
        narrowed: Object.keys(filters).length > 0,
        choices: CHOICES,
        organizations: shown.map((one) => ({ ...one, href: organizationAddress(one.id, '/campaign') })),
        first: after && addressOf(LIST, filters),
        next: found.length > PAGE && addressOf(LIST, { ...filters, after: shown.at(-1)?.id }),
        may: { dates: at.may(requester, setDates) },
      },
    })
  }
}
