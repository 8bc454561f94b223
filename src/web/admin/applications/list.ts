/** The applications as a list. What narrows it stands in the address, and so does where the page begins. */
import { listClients } from '../../../admin/client-looks.ts'
import { addClient } from '../../../admin/clients.ts'
import { KINDS } from '../../../client/kinds.ts'
import { logoAddress } from '../../logo-route.ts'
import type { Visit } from '../../signed-in.ts'
import { asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { APPLICATIONS, applicationAddress } from './head.ts'
import { NEW } from './new.ts'

/** Choices of what narrows the list, by the names that they have in the address; `text` is typed. */
const CHOICES = { status: ['active', 'disabled', 'deleted'], kind: KINDS, owner: ['file', 'store'] } as const
const PAGE = 50
const LONGEST_ID = 80

export function applicationList(at: Desk): Visit {
  return async (ctx, requester) => {
    // An address that was typed by hand, and asks for what there is not, asks for everything.
    const chosen = Object.entries(CHOICES).flatMap(([name, values]) => {
      const value = values.find((one) => one === asked(ctx, name))
      return value === undefined ? [] : [[name, value] as const]
    })
    const text = asked(ctx, 'text')
    const filters = Object.fromEntries([...(text ? [['text', text] as const] : []), ...chosen])
    const after = asked(ctx, 'after').slice(0, LONGEST_ID) || undefined
    const { clients, next } = await at.run(ctx, requester, listClients, { ...filters, after, limit: PAGE })
    at.show(ctx, requester, {
      view: 'application/list',
      self: address({ ...filters, after }),
      data: {
        typed: filters,
        narrowed: Object.keys(filters).length > 0,
        choices: CHOICES,
        applications: clients.map(({ logo, ...one }) => ({
          ...one,
          href: applicationAddress(one.client),
          logo: logo === undefined || one.status === 'deleted' ? undefined : logoAddress(logo),
        })),
        newHref: at.may(requester, addClient) && NEW,
        first: after && address(filters),
        next: next && address({ ...filters, after: next }),
      },
    })
  }
}

function address(query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length > 0 ? `${APPLICATIONS}?${new URLSearchParams(given)}` : APPLICATIONS
}
