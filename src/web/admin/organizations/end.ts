/** Disabling an organization and enabling it again: a page that says what it means for its people, with one button. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { disableOrganization, enableOrganization, showOrganization } from '../../../admin/organizations.ts'
import { mayRun } from '../../../admin/role.ts'
import { insist, type Verb } from '../../../admin/verb.ts'
import { AppError } from '../../../lib/errors.ts'
import { seeOther } from '../../page.ts'
import type { Desk } from '../desk.ts'
import type { AdminNotice } from '../notices.ts'
import type { FormPages } from './form.ts'
import { organizationAddress } from './list.ts'

interface End {
  /** The last part of its address, and its words: `admin.organization.<name>`. */
  name: 'disable' | 'enable'
  verb: Verb
  /** Of what it is done to. */
  status: 'active' | 'disabled'
  notice: AdminNotice
}

export const ENDS: End[] = [
  { name: 'disable', verb: disableOrganization, status: 'active', notice: 'organization-disabled' },
  { name: 'enable', verb: enableOrganization, status: 'disabled', notice: 'organization-enabled' },
]

export function endPages(at: Desk, { name, verb, status, notice }: End): FormPages {
  async function show(ctx: RouterContext, requester: Requester, changed: boolean): Promise<void> {
    const organization = await at.run(ctx, requester, showOrganization, { organization: ctx.params.id })
    const back = organizationAddress(organization.id)
    // Done already, by a colleague or in another tab.
    if (organization.status !== status) return seeOther(ctx, back)
    const self = `${back}/${name}`
    const data = { organization, does: name, action: self, back, changed }
    at.show(ctx, requester, { view: 'organization/end', self, status: changed ? 409 : 200, data })
  }

  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), verb.roles))
      await show(ctx, requester, false)
    },
    async take(ctx, requester, { version }) {
      const { id } = ctx.params
      try {
        // Enabling ends what was left to end first, so it looks at nothing that may be old.
        await at.run(ctx, requester, verb, { organization: id, ...(name === 'disable' && { version }) })
        at.leaveNotice(ctx, notice)
        seeOther(ctx, organizationAddress(id ?? ''))
      } catch (fault) {
        if (!(fault instanceof AppError && fault.status === 409)) throw fault
        await show(ctx, requester, true)
      }
    },
  }
}
