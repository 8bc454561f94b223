/** Administration of people: looking for them, looking at one, inviting somebody. What is done to them is admin-actions.ts. */

import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { movePerson } from '../../admin/move.ts'
import { findPeople, invitePerson, NoSuchOrganization, showPerson } from '../../admin/people.ts'
import { mayActOn, mayGive, mayRun, ROLES } from '../../admin/role.ts'
import { listAudit } from '../../admin/trail.ts'
import { insist } from '../../admin/verb.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import { LOCALES } from '../../lib/locales.ts'
import type { Fields } from '../form.ts'
import { seeOther } from '../page.ts'
import { readOut } from '../sign-in/recovery-request.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { actionsFor } from './actions.ts'
import { asked, type Desk, personAddress } from './desk.ts'
import { proposedNames } from './proposals.ts'

export interface PeoplePages {
  search: Visit
  show: Visit
  showInvite: Visit
  invite: Submission
}

/** Fields of the form that invites. */
export const INVITATION = [
  ...['email', 'name', 'givenName', 'familyName', 'organization', 'locale'],
  ...ROLES.map((role) => `role-${role}`),
]

const INVITE = '/admin/people/invite'
/** A search for less finds too many to choose from; the verb refuses it. */
const LEAST = 2

export function peoplePages(at: Desk): PeoplePages {
  function showInvite(ctx: RouterContext, requester: Requester, typed: Fields = {}, refused: Refused = {}): void {
    const actor = at.actor(ctx, requester)
    at.show(ctx, requester, {
      view: 'invite',
      self: INVITE,
      status: refused.status,
      data: {
        action: INVITE,
        locales: LOCALES,
        names: proposedNames(at.context, typed.organization ?? ''),
        grantable: ROLES.filter((role) => mayGive(actor, [role]).ok),
        typed: { locale: 'nl', ...typed },
        ...refused,
      },
    })
  }

  return {
    async search(ctx, requester) {
      at.insistMay(ctx, requester, findPeople)
      const q = asked(ctx, 'q')
      const tooShort = [...q].length < LEAST
      const people = tooShort ? [] : await at.run(ctx, requester, findPeople, { text: q })
      at.show(ctx, requester, {
        view: 'people',
        self: q ? `/admin/people?${new URLSearchParams({ q })}` : '/admin/people',
        data: {
          q,
          tooShort: q !== '' && tooShort,
          people: people.map((person) => ({ ...person, href: personAddress(person.id) })),
          may: { invite: at.may(requester, invitePerson) },
        },
      })
    },

    async show(ctx, requester) {
      const person = await at.run(ctx, requester, showPerson, { person: ctx.params.id })
      const allowed = mayActOn(at.actor(ctx, requester), person)
      const may = at.may(requester, movePerson) ? ['move'] : []
      const actions = [...may, ...actionsFor(at, requester, person)]
      at.show(ctx, requester, {
        view: 'person',
        self: personAddress(person.id),
        data: {
          person,
          openCase: person.openCase && { href: `/admin/cases/${person.openCase}`, spoken: readOut(person.openCase) },
          actions: allowed.ok ? actions : [],
          refused: allowed.ok || actions.length === 0 ? undefined : allowed.reason,
          base: personAddress(person.id),
          auditHref: at.may(requester, listAudit) && `/admin/audit?${new URLSearchParams({ person: person.id })}`,
        },
      })
    },

    async showInvite(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), invitePerson.roles))
      showInvite(ctx, requester)
    },

    async invite(ctx, requester, fields) {
      const { email = '', name = '', givenName = '', familyName = '', organization = '', locale = '' } = fields
      const role = ROLES.filter((one) => fields[`role-${one}`] !== undefined)
      const given = {
        email: email.trim(),
        name: name.trim(),
        givenName: givenName.trim() || undefined,
        familyName: familyName.trim() || undefined,
        locale: locale || undefined,
        organization: organization.trim() || undefined,
        role,
      }
      try {
        const { id } = await at.run(ctx, requester, invitePerson, given)
        at.leaveNotice(ctx, 'invited')
        seeOther(ctx, personAddress(id))
      } catch (fault) {
        const refused = refusalOf(fault)
        if (!refused) throw fault
        showInvite(ctx, requester, fields, refused)
      }
    },
  }
}

interface Refused {
  status?: number
  /** Fields that are not in order. */
  faults?: string[]
  /** The name of an organization that may have been meant. */
  nearest?: string | undefined
  /** The address has an account already. */
  taken?: boolean
}

function refusalOf(fault: unknown): Refused | undefined {
  if (fault instanceof NoSuchOrganization) return { status: 400, faults: ['organization'], nearest: fault.nearest }
  if (fault instanceof InputError) return { status: 400, faults: fault.faults.map(({ path }) => path) }
  if (fault instanceof AppError && fault.code === 'address-taken') return { status: 409, taken: true }
  return undefined
}
