/** What is done to all of a round who have not come: a page that says what it means, with one button. */
import { showInvitations } from '../../../admin/invitations.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import type { Desk } from '../desk.ts'
import { type Act, roundAddress } from './list.ts'

export interface ActPages {
  show: Visit
  act: Submission
}

export function actPages(at: Desk, { name, verb, counts }: Act): ActPages {
  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, verb)
      const round = await at.run(ctx, requester, showInvitations, { round: ctx.params.round })
      const back = roundAddress(round.round)
      const count = counts.reduce((sum, state) => sum + round[state], 0)
      // All of them have come meanwhile, or a colleague was first.
      if (count === 0) return seeOther(ctx, back)
      const self = `${back}/${name}`
      at.show(ctx, requester, {
        view: 'invitation/act',
        self,
        data: { round, does: name, count, action: self, back },
      })
    },
    async act(ctx, requester) {
      const { round = '' } = ctx.params
      if (name === 'withdraw') {
        await at.run(ctx, requester, verb, { round })
        at.leaveNotice(ctx, 'invitations-withdrawn')
      } else {
        const { due } = await at.run(ctx, requester, verb, { round })
        at.leaveNotice(ctx, due > 0 ? 'invitations-resent' : 'invitations-rested')
      }
      seeOther(ctx, roundAddress(round))
    },
  }
}
