/** Who signed in to an application lately; for whoever may not look at people, how many. */
import { listClientSignIns } from '../../../admin/client-sign-ins.ts'
import { listAudit } from '../../../admin/trail.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, personAddress } from '../address.ts'
import type { Desk } from '../desk.ts'
import { applicationAddress, headOf } from './head.ts'
import { shownAt } from './shown.ts'

export function signInsPage(at: Desk): Visit {
  return async (ctx, requester) => {
    const application = await shownAt(at, ctx, requester)
    const { client } = application
    const { newest, ...lately } = await at.run(ctx, requester, listClientSignIns, { client })
    at.show(ctx, requester, {
      view: 'application/sign-ins',
      self: applicationAddress(client, '/sign-ins'),
      data: {
        head: headOf(at, requester, application, 'signIns'),
        lately,
        visitors: newest?.map((one) => ({ ...one, href: one.name !== undefined && personAddress(one.id) })),
        auditHref:
          at.may(requester, listAudit) && addressOf('/admin/audit', { application: client, kind: 'sign-in.completed' }),
      },
    })
  }
}
