/** What is done to an API as a whole: each act has a page of its own that says what it means, with one button. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { deleteResource, disableResource, enableResource } from '../../../admin/resources.ts'
import type { Verb } from '../../../admin/verb.ts'
import { AppError } from '../../../lib/errors.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { type Trouble, troubleIn } from '../applications/refused.ts'
import type { Desk } from '../desk.ts'
import type { AdminNotice } from '../notices.ts'
import { APIS, type Api, apiAddress, apiAt, changeable } from './api.ts'

interface Act {
  /** The last part of its address, and its words: `admin.api.do.<name>`. */
  name: string
  verb: Verb
  fits: (api: Pick<Api, 'status' | 'owner'>) => boolean
  notice: AdminNotice
}

export const ACTS: readonly Act[] = [
  {
    name: 'disable',
    verb: disableResource, // Also what a file owns: in an emergency nobody waits for a file.
    fits: ({ status }) => status === 'active',
    notice: 'api-disabled',
  },
  {
    name: 'enable',
    verb: enableResource, // Not what left its file, which brings it back.
    fits: ({ status, owner }) => status === 'disabled' && (owner.kind === 'store' || owner.line !== undefined),
    notice: 'api-enabled',
  },
  { name: 'delete', verb: deleteResource, fits: changeable, notice: 'api-deleted' },
]

/** Fields of their forms. */
export const ACT = ['version']

/** Names of what this requester may do with it. */
export function actsFor(at: Desk, requester: Requester, api: Pick<Api, 'status' | 'owner'>): string[] {
  return ACTS.filter(({ verb, fits }) => at.may(requester, verb) && fits(api)).map(({ name }) => name)
}

export function actPages(at: Desk): { show(name: string): Visit; take(name: string): Submission } {
  function actCalled(name: string): Act {
    const act = ACTS.find((one) => one.name === name)
    if (!act) throw new Error(`no act ${name}`)
    return act
  }

  async function show(ctx: RouterContext, requester: Requester, act: Act, late?: Late): Promise<void> {
    const api = await apiAt(at, ctx, requester)
    const back = apiAddress(api.resource)
    // Done already, by a colleague or in another tab.
    if (!act.fits(api)) return seeOther(ctx, back)
    const self = `${back}/${act.name}`
    const meanwhile = late?.trouble?.kind === 'meanwhile' ? late.trouble.since : undefined
    const data = { api, does: act.name, action: self, back, meanwhile, taken: late?.taken }
    at.show(ctx, requester, { view: 'api/act', self, status: late ? 409 : 200, data })
  }

  return {
    show: (name) => async (ctx, requester) => {
      const act = actCalled(name)
      at.insistMay(ctx, requester, act.verb)
      await show(ctx, requester, act)
    },
    take:
      (name) =>
      async (ctx, requester, { version }) => {
        const act = actCalled(name)
        await at.insistSent(ctx, requester, act.verb)
        const { resource } = await apiAt(at, ctx, requester)
        try {
          await at.run(ctx, requester, act.verb, { resource, version })
        } catch (fault) {
          // Another API has one of its scopes by now.
          const taken = fault instanceof AppError && fault.code === 'scope-taken'
          return show(ctx, requester, act, taken ? { taken } : { trouble: await troubleIn(at, fault) })
        }
        at.leaveNotice(ctx, act.notice)
        seeOther(ctx, name === 'delete' ? APIS : apiAddress(resource))
      },
  }
}

interface Late {
  trouble?: Trouble
  taken?: boolean
}
