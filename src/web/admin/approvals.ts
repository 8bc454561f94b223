/** Changes of protected applications that wait for a second person, as pages: which, what they change, and deciding. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { approveChange, declineChange, listApprovals, showApproval } from '../../admin/approvals.ts'
import type { Approval } from '../../client/approvals.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import { seeOther } from '../page.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { shownChanges } from './applications/diff.ts'
import type { Desk } from './desk.ts'
import { namesOf, nobody } from './named.ts'

export interface ApprovalPages {
  list: Visit
  show: Visit
  decide: Submission
}

/** Fields of the form that decides. */
export const DECIDED = ['decision']

const APPROVALS = '/admin/approvals'

export function approvalAddress(id: string): string {
  return `${APPROVALS}/${encodeURIComponent(id)}`
}

/** A form asked for something that waits for a second person: to where it waits. */
export function goToApproval(at: Desk, ctx: RouterContext, id: string): void {
  at.leaveNotice(ctx, 'change-proposed')
  seeOther(ctx, approvalAddress(id))
}

export function approvalPages(at: Desk): ApprovalPages {
  async function seen(approvals: Approval[]) {
    const names = await namesOf(
      at.context,
      approvals.flatMap(({ actor, decided }) => [actor, decided?.actor]),
    )
    const who = (actor: string) => names.get(actor) ?? nobody(actor)
    return approvals.map(({ actor, decided, ...one }) => ({
      ...one,
      href: approvalAddress(one.id),
      by: who(actor),
      decided: decided && { ...decided, by: who(decided.actor) },
    }))
  }

  async function showOne(ctx: RouterContext, requester: Requester, faults: string[] = []): Promise<void> {
    const found = await at.run(ctx, requester, showApproval, { approval: ctx.params.id })
    const [approval] = await seen([found])
    const own = found.actor === requester.account.id
    const decides = found.state === 'open' && at.may(requester, approveChange)
    const self = approvalAddress(found.id)
    at.show(ctx, requester, {
      view: 'approval',
      self,
      status: faults.length > 0 ? 409 : 200,
      data: { approval, changes: shownChanges(found.changes), own, decides, faults, action: self, back: APPROVALS },
    })
  }

  return {
    async list(ctx, requester) {
      const approvals = await seen(await at.run(ctx, requester, listApprovals, {}))
      at.show(ctx, requester, { view: 'approvals', self: APPROVALS, data: { approvals } })
    },

    show: (ctx, requester) => showOne(ctx, requester),

    async decide(ctx, requester, { decision }) {
      const approval = ctx.params.id ?? ''
      const verb = decision === 'approve' ? approveChange : declineChange
      try {
        const { state, secret, name } = await at.run(ctx, requester, verb, { approval })
        if (secret) {
          const data = { made: secret.value, application: name, back: approvalAddress(approval) }
          return at.show(ctx, requester, { view: 'approval-secret', self: '', data })
        }
        at.leaveNotice(
          ctx,
          state === 'approved' ? 'change-approved' : `change-${state === 'withdrawn' ? state : 'declined'}`,
        )
      } catch (fault) {
        if (fault instanceof InputError && fault.faults.every(({ path }) => path !== 'approval'))
          return showOne(
            ctx,
            requester,
            fault.faults.map(({ path, reason }) => `${path} ${reason}`),
          )
        // A colleague was first, or it has changed meanwhile: the page says what became of it.
        if (!(fault instanceof AppError && fault.code.startsWith('approval-'))) throw fault
        at.leaveNotice(ctx, 'change-over')
      }
      seeOther(ctx, approvalAddress(approval))
    },
  }
}
