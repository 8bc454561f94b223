/** What administration does to one person: each act has a page of its own that asks once more, with one button. */
import type { Requester } from '../../accounts/requester.ts'
import {
  deletePerson,
  disablePerson,
  enablePerson,
  exportPerson,
  resendActivation,
  signOutPerson,
} from '../../admin/life.ts'
import { showPerson } from '../../admin/people.ts'
import type { PersonFacts } from '../../admin/person.ts'
import { mayActOn } from '../../admin/role.ts'
import { insist, type Verb } from '../../admin/verb.ts'
import { seeOther } from '../page.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { personAddress } from './address.ts'
import type { Desk } from './desk.ts'
import type { AdminNotice } from './notices.ts'

type Status = PersonFacts['status']

interface Action {
  /** The last part of its address, and its words: `admin.do.<name>`. */
  name: string
  verb: Verb
  /** Status of people that it makes sense for. */
  fits: Status[]
  /** What is said of it afterwards. Without a notice, the verb's own answer is sent as a file. */
  notice?: AdminNotice
}

export const ACTIONS: Action[] = [
  { name: 'resend-activation', verb: resendActivation, fits: ['invited'], notice: 'resent' },
  { name: 'sign-out', verb: signOutPerson, fits: ['active'], notice: 'signed-out' },
  { name: 'disable', verb: disablePerson, fits: ['invited', 'active'], notice: 'disabled' },
  { name: 'enable', verb: enablePerson, fits: ['disabled'], notice: 'enabled' },
  { name: 'data', verb: exportPerson, fits: ['invited', 'active', 'disabled'] },
  { name: 'delete', verb: deletePerson, fits: ['invited', 'active', 'disabled'], notice: 'deleted' },
]

/** Names of what this requester's role does, and makes sense for this person. Whether to this person is not asked here. */
export function actionsFor(at: Desk, requester: Requester, { status }: { status: Status }): string[] {
  return ACTIONS.filter(({ verb, fits }) => at.may(requester, verb) && fits.includes(status)).map(({ name }) => name)
}

export interface ActionPages {
  show(name: string): Visit
  act(name: string): Submission
}

export function actionPages(at: Desk): ActionPages {
  return {
    show: (name) => async (ctx, requester) => {
      const actor = at.actor(ctx, requester)
      const person = await at.run(ctx, requester, showPerson, { person: ctx.params.id })
      // Better told here than after the button.
      insist(mayActOn(actor, person))
      const base = personAddress(person.id)
      // Done already, by a colleague or in another tab.
      if (!actionsFor(at, requester, person).includes(name)) return seeOther(ctx, base)
      const self = `${base}/${name}`
      at.show(ctx, requester, { view: 'action', self, data: { person, does: name, action: self, back: base } })
    },

    act: (name) => async (ctx, requester) => {
      const action = ACTIONS.find((one) => one.name === name)
      if (!action) throw new Error(`no action ${name}`)
      const { id = '' } = ctx.params
      const answer = await at.run(ctx, requester, action.verb, { person: id })
      if (!action.notice) {
        ctx.attachment('sigma-id-person.json')
        ctx.type = 'json'
        ctx.body = `${JSON.stringify(answer, null, 2)}\n`
        return
      }
      at.leaveNotice(ctx, action.notice)
      seeOther(ctx, action.notice === 'deleted' ? '/admin/people' : personAddress(id))
    },
  }
}
