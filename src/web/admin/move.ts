/** Moving one person to another organization, as a page: what it means, and the name of that one. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { movePerson } from '../../admin/move.ts'
import { NoSuchOrganization, showPerson } from '../../admin/people.ts'
import { mayActOn, mayRun } from '../../admin/role.ts'
import { insist } from '../../admin/verb.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import { seeOther } from '../page.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { personAddress } from './address.ts'
import type { Desk } from './desk.ts'
import { proposedNames } from './proposals.ts'

/** Fields of the form. */
export const MOVE = ['organization']

interface Refused {
  status: number
  /** Words: `admin.move.error.<error>`. */
  error: 'organization' | 'disabled' | 'same'
  nearest?: string | undefined
}

export function movePages(at: Desk): { show: Visit; take: Submission } {
  async function show(ctx: RouterContext, requester: Requester, typed: string, refused?: Refused): Promise<void> {
    const person = await at.run(ctx, requester, showPerson, { person: ctx.params.id })
    // Better told here than after the button.
    insist(mayActOn(at.actor(ctx, requester), person))
    const back = personAddress(person.id)
    const self = `${back}/move`
    const data = { person, action: self, back, typed, names: proposedNames(at.context, typed), ...refused }
    at.show(ctx, requester, { view: 'move', self, status: refused?.status, data })
  }

  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), movePerson.roles))
      await show(ctx, requester, '')
    },

    async take(ctx, requester, { organization = '' }) {
      const { id = '' } = ctx.params
      try {
        await at.run(ctx, requester, movePerson, { person: id, organization })
        at.leaveNotice(ctx, 'moved')
        seeOther(ctx, personAddress(id))
      } catch (fault) {
        const refused = refusalOf(fault)
        if (!refused) throw fault
        await show(ctx, requester, organization, refused)
      }
    },
  }
}

function refusalOf(fault: unknown): Refused | undefined {
  if (fault instanceof NoSuchOrganization)
    return { status: 400, error: fault.disabled ? 'disabled' : 'organization', nearest: fault.nearest }
  if (fault instanceof InputError && fault.faults.some(({ path }) => path === 'organization'))
    return { status: 400, error: 'organization' }
  return fault instanceof AppError && fault.code === 'same-organization' ? { status: 409, error: 'same' } : undefined
}
