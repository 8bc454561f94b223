/** Merging two that are the same: look for the other one, see what moves, confirm. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { listOrganizations, mergeOrganizations, showOrganization } from '../../../admin/organizations.ts'
import { mayRun } from '../../../admin/role.ts'
import { insist } from '../../../admin/verb.ts'
import { AppError } from '../../../lib/errors.ts'
import { seeOther } from '../../page.ts'
import { addressOf, asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import type { FormPages } from './form.ts'
import { organizationAddress } from './list.ts'

/** Fields of the form that confirms. */
export const MERGED = ['into', 'version']

/** More than fit on a page are too many to choose from: a longer text finds fewer. */
const MOST = 20
const LONGEST = 80

export function mergePages(at: Desk): FormPages {
  const load = (ctx: RouterContext, requester: Requester, organization: string) =>
    at.run(ctx, requester, showOrganization, { organization })

  async function confirm(ctx: RouterContext, requester: Requester, into: string, refused?: string): Promise<void> {
    const [organization, other] = [await load(ctx, requester, ctx.params.id ?? ''), await load(ctx, requester, into)]
    const back = organizationAddress(organization.id)
    const action = `${back}/merge`
    const data = { organization, other, action, back, again: action, refused }
    const self = addressOf(action, { into: other.id })
    at.show(ctx, requester, { view: 'organization/merge', self, status: refused ? 409 : 200, data })
  }

  async function choose(ctx: RouterContext, requester: Requester): Promise<void> {
    const organization = await load(ctx, requester, ctx.params.id ?? '')
    const back = organizationAddress(organization.id)
    if (organization.status !== 'active') return seeOther(ctx, back)
    const action = `${back}/merge`
    const text = asked(ctx, 'text').slice(0, LONGEST)
    const query = { text, status: 'active', limit: MOST + 1 }
    const found = text === '' ? [] : await at.run(ctx, requester, listOrganizations, query)
    const others = found.filter(({ id }) => id !== organization.id).slice(0, MOST)
    at.show(ctx, requester, {
      view: 'organization/other',
      self: addressOf(action, { text: text || undefined }),
      data: {
        organization,
        action,
        back,
        text,
        others: others.map((one) => ({ ...one, href: addressOf(action, { into: one.id }) })),
      },
    })
  }

  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), mergeOrganizations.roles))
      const into = asked(ctx, 'into').slice(0, LONGEST)
      if (into === '') return choose(ctx, requester)
      await confirm(ctx, requester, into)
    },

    async take(ctx, requester, { into = '', version }) {
      try {
        await at.run(ctx, requester, mergeOrganizations, { organization: ctx.params.id, into, version })
        at.leaveNotice(ctx, 'organization-merged')
        seeOther(ctx, organizationAddress(into))
      } catch (fault) {
        if (!(fault instanceof AppError && fault.status === 409)) throw fault
        await confirm(ctx, requester, into, fault.code)
      }
    },
  }
}
