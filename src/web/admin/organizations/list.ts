/** Organizations as a list, narrowed by what stands in the address; and one of them as it is. */
import { showCampaign } from '../../../admin/campaign.ts'
import { PHASES, STATUSES } from '../../../admin/organization.ts'
import {
  changeOrganization,
  disableOrganization,
  enableOrganization,
  listOrganizations,
  mergeOrganizations,
  showOrganization,
} from '../../../admin/organizations.ts'
import { listAudit } from '../../../admin/trail.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, asked } from '../address.ts'
import type { Desk } from '../desk.ts'

export const ORGANIZATIONS = '/admin/organizations'

/** What narrows the list beside a text, by the names that they have in the address. */
const CHOICES = { status: STATUSES, campaign: PHASES }
const PAGE = 50
/** Of what can be asked for. */
const LONGEST = 80

export function organizationAddress(id: string, path = ''): string {
  return `${ORGANIZATIONS}/${encodeURIComponent(id)}${path}`
}

export function organizationList(at: Desk): Visit {
  return async (ctx, requester) => {
    // An address that was typed by hand, and asks for what there is not, asks for everything.
    const chosen = Object.entries(CHOICES).flatMap(([name, values]) => {
      const value = values.find((one) => one === asked(ctx, name))
      return value === undefined ? [] : [[name, value] as const]
    })
    const text = asked(ctx, 'text').slice(0, LONGEST)
    const filters: Record<string, string> = { ...(text && { text }), ...Object.fromEntries(chosen) }
    const after = asked(ctx, 'after').slice(0, LONGEST) || undefined
    // One more than is shown tells whether there is a next page.
    const found = await at.run(ctx, requester, listOrganizations, { ...filters, after, limit: PAGE + 1 })
    const shown = found.slice(0, PAGE)
    at.show(ctx, requester, {
      view: 'organization/list',
      self: addressOf(ORGANIZATIONS, { ...filters, after }),
      data: {
        typed: filters,
        narrowed: Object.keys(filters).length > 0,
        choices: CHOICES,
        organizations: shown.map((one) => ({ ...one, href: organizationAddress(one.id) })),
        first: after && addressOf(ORGANIZATIONS, filters),
        next: found.length > PAGE && addressOf(ORGANIZATIONS, { ...filters, after: shown.at(-1)?.id }),
        may: { add: at.may(requester, changeOrganization) },
      },
    })
  }
}

/** What can be done to one of this status, each a page of its own. */
const ACTIONS = [
  { name: 'forecast', path: '/campaign', verb: showCampaign, fits: ['active'] },
  { name: 'change', verb: changeOrganization, fits: ['active', 'disabled'] },
  { name: 'merge', verb: mergeOrganizations, fits: ['active'] },
  { name: 'disable', verb: disableOrganization, fits: ['active'] },
  { name: 'enable', verb: enableOrganization, fits: ['disabled'] },
]

export function organizationPage(at: Desk): Visit {
  return async (ctx, requester) => {
    const organization = await at.run(ctx, requester, showOrganization, { organization: ctx.params.id })
    const { id, status, mergedInto } = organization
    const into = mergedInto === undefined ? undefined : at.context.organizations.find(mergedInto)
    const actions = ACTIONS.filter(({ verb, fits }) => at.may(requester, verb) && fits.includes(status))
    at.show(ctx, requester, {
      view: 'organization/show',
      self: organizationAddress(id),
      data: {
        organization,
        into: into && { name: into.record.name, href: organizationAddress(into.id) },
        actions: actions.map(({ name, path = `/${name}` }) => ({ name, href: organizationAddress(id, path) })),
        auditHref: at.may(requester, listAudit) && addressOf('/admin/audit', { organization: id }),
      },
    })
  }
}
