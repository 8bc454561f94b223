/** Rounds of invitations, the newest first; and one of them: how far it is, and who has not come. */

import {
  listAbsent,
  listInvitations,
  resendInvitations,
  sendInvitations,
  showInvitations,
  withdrawInvitations,
} from '../../../admin/invitations.ts'
import { invitePerson } from '../../../admin/people.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, asked, personAddress } from '../address.ts'
import type { Desk } from '../desk.ts'
import { namesOf, nobody } from '../named.ts'

export const INVITATIONS = '/admin/invitations'

const PAGE = 50
const LONGEST_ID = 80

export function roundAddress(round: string, path = ''): string {
  return `${INVITATIONS}/${encodeURIComponent(round)}${path}`
}

export function invitationList(at: Desk): Visit {
  return async (ctx, requester) => {
    const after = asked(ctx, 'after').slice(0, LONGEST_ID) || undefined
    // One more than is shown tells whether there is a next page.
    const found = await at.run(ctx, requester, listInvitations, { after, limit: PAGE + 1 })
    const shown = found.slice(0, PAGE)
    const names = await namesOf(
      at.context,
      shown.map(({ actor }) => actor),
    )
    at.show(ctx, requester, {
      view: 'invitation/list',
      self: addressOf(INVITATIONS, { after }),
      data: {
        rounds: shown.map((one) => ({
          ...one,
          href: roundAddress(one.round),
          by: names.get(one.actor) ?? nobody(one.actor),
        })),
        newHref: at.may(requester, sendInvitations) && `${INVITATIONS}/new`,
        oneHref: at.may(requester, invitePerson) && '/admin/people/invite',
        first: after && INVITATIONS,
        next: found.length > PAGE && addressOf(INVITATIONS, { after: shown.at(-1)?.round }),
      },
    })
  }
}

/** What can be done to a round of which some have not come, each a page of its own. */
export const ACTS = [
  { name: 'resend', verb: resendInvitations, counts: ['sent'] },
  { name: 'withdraw', verb: withdrawInvitations, counts: ['sent', 'due'] },
] as const
export type Act = (typeof ACTS)[number]

export function roundPage(at: Desk): Visit {
  return async (ctx, requester) => {
    const { round: id = '' } = ctx.params
    const round = await at.run(ctx, requester, showInvitations, { round: id })
    const after = asked(ctx, 'after').slice(0, LONGEST_ID) || undefined
    const found = await at.run(ctx, requester, listAbsent, { round: id, after, limit: PAGE + 1 })
    const shown = found.slice(0, PAGE)
    const names = await namesOf(at.context, [round.actor])
    const self = roundAddress(round.round)
    const acts = ACTS.filter(({ verb, counts }) => at.may(requester, verb) && counts.some((state) => round[state] > 0))
    at.show(ctx, requester, {
      view: 'invitation/round',
      self: addressOf(self, { after }),
      data: {
        round,
        by: names.get(round.actor) ?? nobody(round.actor),
        absent: shown.map((one) => ({
          ...one,
          href: personAddress(one.id),
          expired: one.dueAt === undefined && (one.expiresAt ?? 0) <= at.now(),
        })),
        acts: acts.map(({ name }) => ({ name, href: `${self}/${name}` })),
        first: after && self,
        next: found.length > PAGE && addressOf(self, { after: shown.at(-1)?.id }),
      },
    })
  }
}
