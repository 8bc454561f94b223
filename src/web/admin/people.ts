/** Administration of people: looking at one, inviting somebody. Lists and changes are in people/, what is done to them in actions.ts. */

import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { showClient } from '../../admin/client-looks.ts'
import { LooksAlike } from '../../admin/look-alike.ts'
import { movePerson } from '../../admin/move.ts'
import { invitePerson, NoSuchOrganization, showPerson } from '../../admin/people.ts'
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
import { personAddress } from './address.ts'
import { applicationAddress } from './applications/head.ts'
import type { Desk } from './desk.ts'
import { CHANGES } from './people/changes.ts'
import { proposedNames } from './proposals.ts'

export interface PeoplePages {
  show: Visit
  showInvite: Visit
  invite: Submission
}

/** Fields of the form that invites. */
export const INVITATION = [
  ...['email', 'name', 'givenName', 'familyName', 'organization', 'locale'],
  ...ROLES.map((role) => `role-${role}`),
  'lookAlike',
]

const INVITE = '/admin/people/invite'

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
    async show(ctx, requester) {
      const person = await at.run(ctx, requester, showPerson, { person: ctx.params.id })
      const allowed = mayActOn(at.actor(ctx, requester), person)
      const pages = [...CHANGES, { name: 'move', verb: movePerson }].filter(({ verb }) => at.may(requester, verb))
      const actions = [...pages.map(({ name }) => name), ...actionsFor(at, requester, person)]
      at.show(ctx, requester, {
        view: 'person',
        self: personAddress(person.id),
        data: {
          person,
          applications: person.applications.map((one) => ({
            ...one,
            href: at.may(requester, showClient) && applicationAddress(one.client),
          })),
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
        ...(fields.lookAlike !== undefined && { lookAlike: 'accept' }),
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
  /** What the address could be taken for. */
  alike?: LooksAlike['alike']
}

function refusalOf(fault: unknown): Refused | undefined {
  if (fault instanceof NoSuchOrganization) return { status: 400, faults: ['organization'], nearest: fault.nearest }
  if (fault instanceof InputError) return { status: 400, faults: fault.faults.map(({ path }) => path) }
  if (fault instanceof LooksAlike) return { status: 409, alike: fault.alike }
  if (fault instanceof AppError && fault.code === 'address-taken') return { status: 409, taken: true }
  return undefined
}
