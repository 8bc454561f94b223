/** What goes out, as pages: what waits and what could not be delivered, and sending one of them all the same. */

import { findAccount } from '../../accounts/people.ts'
import { DELIVERY_STATES, listDeliveries, retryDelivery } from '../../admin/deliveries.ts'
import { mayActOn, mayRun } from '../../admin/role.ts'
import { insist } from '../../admin/verb.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import { seeOther } from '../page.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { asked } from './address.ts'
import type { Desk } from './desk.ts'

export interface DeliveryPages {
  list: Visit
  show: Visit
  retry: Submission
}

const DELIVERIES = '/admin/deliveries'

export function deliveryPages(at: Desk): DeliveryPages {
  return {
    async list(ctx, requester) {
      const state = DELIVERY_STATES.find((one) => one === asked(ctx, 'state')) ?? 'waiting'
      const after = asked(ctx, 'after') || undefined
      const { deliveries, next } = await at
        .run(ctx, requester, listDeliveries, { state, after })
        // An address that was typed by hand begins at the beginning.
        .catch((fault: unknown) => {
          if (!(fault instanceof InputError)) throw fault
          return at.run(ctx, requester, listDeliveries, { state })
        })
      const mayRetry = at.may(requester, retryDelivery)
      at.show(ctx, requester, {
        view: 'deliveries',
        self: address(state, after),
        data: {
          state,
          states: DELIVERY_STATES.map((name) => ({ name, href: address(name), current: name === state && 'page' })),
          deliveries: deliveries.map((one) => ({
            ...one,
            href: mayRetry && `${DELIVERIES}/${encodeURIComponent(one.id)}`,
            inHand: one.leasedUntil > at.now(),
          })),
          first: after && address(state),
          next: next && address(state, next),
        },
      })
    },

    async show(ctx, requester) {
      const actor = at.actor(ctx, requester)
      insist(mayRun(actor, retryDelivery.roles))
      const found = await at.context.deliveries.findParcel(ctx.params.id ?? '')
      if (!found) throw new AppError('not-found', 'there is no such delivery', { status: 404 })
      const account = found.accountId === undefined ? undefined : await findAccount(at.context.people, found.accountId)
      if (account) insist(mayActOn(actor, account))
      const self = `${DELIVERIES}/${encodeURIComponent(found.id)}`
      const back = address(found.failedAt === undefined ? 'waiting' : 'failed')
      const person = account && { name: account.name, email: account.email }
      at.show(ctx, requester, { view: 'delivery', self, data: { delivery: found, person, action: self, back } })
    },

    async retry(ctx, requester) {
      await at.run(ctx, requester, retryDelivery, { id: ctx.params.id })
      at.leaveNotice(ctx, 'retried')
      seeOther(ctx, DELIVERIES)
    },
  }
}

function address(state: string, after?: string): string {
  const query = new URLSearchParams({ ...(state !== 'waiting' && { state }), ...(after !== undefined && { after }) })
  return query.size > 0 ? `${DELIVERIES}?${query}` : DELIVERIES
}
