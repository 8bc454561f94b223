/** The navigation of administration: only what this person may open, and what waits there. */
import { listApprovals } from '../../admin/approvals.ts'
import { showCampaign } from '../../admin/campaign.ts'
import { listCases } from '../../admin/cases.ts'
import { listClients } from '../../admin/client-looks.ts'
import { listDeliveries } from '../../admin/deliveries.ts'
import { listInvitations } from '../../admin/invitations.ts'
import { listKeys } from '../../admin/keys.ts'
import { listOrganizations } from '../../admin/organizations.ts'
import { findPeople } from '../../admin/people.ts'
import { listResources } from '../../admin/resources.ts'
import { listAudit } from '../../admin/trail.ts'
import type { AdminContext, Verb } from '../../admin/verb.ts'

interface Section {
  name: string
  href: string
  verb?: Pick<Verb, 'roles'>
  /** How many wait there: it is shown only where some do. */
  waiting?: (context: AdminContext) => number
}

const SECTIONS: Section[] = [
  { name: 'home', href: '/admin' },
  { name: 'people', href: '/admin/people', verb: findPeople },
  { name: 'invitations', href: '/admin/invitations', verb: listInvitations },
  { name: 'cases', href: '/admin/cases', verb: listCases },
  { name: 'applications', href: '/admin/applications', verb: listClients },
  {
    name: 'approvals',
    href: '/admin/approvals',
    verb: listApprovals,
    waiting: ({ approvals }) => approvals.waiting(),
  },
  { name: 'apis', href: '/admin/apis', verb: listResources },
  { name: 'organizations', href: '/admin/organizations', verb: listOrganizations },
  { name: 'campaign', href: '/admin/campaign', verb: showCampaign },
  { name: 'audit', href: '/admin/audit', verb: listAudit },
  { name: 'deliveries', href: '/admin/deliveries', verb: listDeliveries },
  { name: 'keys', href: '/admin/keys', verb: listKeys },
]

export interface ShownSection {
  name: string
  href: string
  /** `page`, or `true` for one that is inside it. */
  current: unknown
  count?: number
}

export function sectionsFor(
  context: AdminContext,
  path: string,
  may: (verb: Pick<Verb, 'roles'>) => boolean,
): ShownSection[] {
  return SECTIONS.filter(({ verb }) => !verb || may(verb)).flatMap(({ name, href, waiting }) => {
    const inside = href !== '/admin' && path.startsWith(`${href}/`) && 'true'
    const current = path === href ? 'page' : inside
    const count = waiting?.(context)
    return count === 0 && !current ? [] : [{ name, href, current, ...(count && { count }) }]
  })
}
