/** What is done to an application as a whole: each act has a page of its own that says what it means, with one button. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { adoptClient, releaseClient } from '../../../admin/client-file.ts'
import { deleteClient, disableClient, enableClient } from '../../../admin/clients.ts'
import type { Verb } from '../../../admin/verb.ts'
import type { Fields } from '../../form.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { goToApproval } from '../approvals.ts'
import type { Desk } from '../desk.ts'
import type { AdminNotice } from '../notices.ts'
import { APPLICATIONS, applicationAddress, changeable, headOf, type Shown } from './head.ts'
import { reasonIn, type Trouble, troubleIn } from './refused.ts'
import { shownAt, type Whole } from './shown.ts'

interface Act {
  /** The last part of its address, and its words: `admin.application.do.<name>`. */
  name: string
  verb: Verb
  /** What it makes sense for. */
  fits(application: Shown): boolean
  notice: AdminNotice
  /** Whether the id has to be typed. */
  typed?: true
}

const inFile = ({ owner, status }: Shown) => owner.kind === 'file' && status !== 'deleted'

export const ACTS: readonly Act[] = [
  {
    name: 'disable',
    verb: disableClient,
    // Also what a file owns: in an emergency nobody waits for a file.
    fits: ({ status }) => status === 'active',
    notice: 'application-disabled',
  },
  {
    name: 'enable',
    verb: enableClient,
    // Not what left its file, which brings it back.
    fits: ({ status, owner }) => status === 'disabled' && (owner.kind === 'store' || owner.line !== undefined),
    notice: 'application-enabled',
  },
  { name: 'adopt', verb: adoptClient, fits: changeable, notice: 'application-adopted' },
  { name: 'release', verb: releaseClient, fits: inFile, notice: 'application-released' },
  { name: 'delete', verb: deleteClient, fits: changeable, notice: 'application-deleted', typed: true },
]

/** Fields of their forms. */
export const ACT = ['version', 'id']

/** Names of what this requester may do with it. */
export function actsFor(at: Desk, requester: Requester, application: Shown): string[] {
  return ACTS.filter(({ verb, fits }) => at.may(requester, verb) && fits(application)).map(({ name }) => name)
}

export interface ActPages {
  show(name: string): Visit
  act(name: string): Submission
}

export function actPages(at: Desk): ActPages {
  function actCalled(name: string): Act {
    const act = ACTS.find((one) => one.name === name)
    if (!act) throw new Error(`no act ${name}`)
    return act
  }

  function showAct(
    ctx: RouterContext,
    requester: Requester,
    application: Whole,
    act: Act,
    more: Record<string, unknown> = {},
  ) {
    const { client, version, owner } = application
    const self = applicationAddress(client, `/${act.name}`)
    at.show(ctx, requester, {
      view: 'application/act',
      self,
      status: typeof more.status === 'number' ? more.status : 200,
      data: {
        head: headOf(at, requester, application, ''),
        does: act.name,
        action: self,
        back: applicationAddress(client),
        asksId: act.typed,
        owner,
        version,
        ...more,
      },
    })
  }

  async function run(
    ctx: RouterContext,
    requester: Requester,
    act: Act,
    fields: Fields,
  ): Promise<{ trouble?: Trouble; approval?: string }> {
    try {
      const { id: client = '' } = ctx.params
      const answer = await at.run(ctx, requester, act.verb, { client, version: fields.version ?? '' })
      return answer as { approval?: string }
    } catch (fault) {
      return { trouble: await troubleIn(at, fault) }
    }
  }

  return {
    show: (name) => async (ctx, requester) => {
      const act = actCalled(name)
      at.insistMay(ctx, requester, act.verb)
      const application = await shownAt(at, ctx, requester)
      // Done already, by a colleague or in another tab.
      if (!act.fits(application)) return seeOther(ctx, applicationAddress(application.client))
      showAct(ctx, requester, application, act)
    },

    act: (name) => async (ctx, requester, fields) => {
      const act = actCalled(name)
      await at.insistSent(ctx, requester, act.verb)
      const application = await shownAt(at, ctx, requester)
      const { client } = application
      if (!act.fits(application)) return seeOther(ctx, applicationAddress(client))
      const typed = fields.id ?? ''
      if (act.typed && typed.trim() !== client)
        return showAct(ctx, requester, application, act, { status: 400, typed, wrongId: true })
      const { trouble, approval } = await run(ctx, requester, act, fields)
      if (trouble) {
        const newest = await shownAt(at, ctx, requester)
        const meanwhile = trouble.kind === 'meanwhile' ? trouble.since : undefined
        return showAct(ctx, requester, newest, act, {
          status: trouble.status,
          typed,
          meanwhile,
          refused: meanwhile ? undefined : reasonIn(trouble),
        })
      }
      if (approval !== undefined) return goToApproval(at, ctx, approval)
      at.leaveNotice(ctx, act.notice)
      seeOther(ctx, name === 'delete' ? APPLICATIONS : applicationAddress(client, name === 'adopt' ? '/yaml' : ''))
    },
  }
}
