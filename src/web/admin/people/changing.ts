/** What the pages have in common that change something of one person: whom they are about, and what is wrong with what was sent. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { LooksAlike } from '../../../admin/look-alike.ts'
import { showPerson } from '../../../admin/people.ts'
import type { PersonFacts } from '../../../admin/person.ts'
import { mayActOn, mayRun } from '../../../admin/role.ts'
import { insist, type Verb } from '../../../admin/verb.ts'
import { AppError, InputError } from '../../../lib/errors.ts'
import type { Fields } from '../../form.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { personAddress } from '../address.ts'
import type { Desk } from '../desk.ts'
import type { AdminNotice } from '../notices.ts'

export interface Refused {
  status: number
  /** Fields that are not in order, by the names that they have in the form. */
  faults: string[]
  /** What there is does not go with it; its words: `admin.change.error.<clash>`. */
  clash?: string
  /** What the address could be taken for. */
  alike?: LooksAlike['alike']
}

/** A page that shows a form about one person, and takes it. */
export interface Changing {
  /** The last part of its address, and its view in views/admin/person. */
  name: string
  verb: Verb
  /** Fields of the form. */
  fields: readonly string[]
  /** Of what is there, as the form has it. */
  typed(person: PersonFacts): Fields
  /** What else the view shows. */
  data?(at: Desk, ctx: RouterContext, requester: Requester, person: PersonFacts): Record<string, unknown>
  /** The input of the verb; undefined where nothing was changed. */
  input(fields: Fields): Record<string, unknown> | undefined
  notice: AdminNotice
}

export function changingPage(at: Desk, page: Changing): { show: Visit; take: Submission } {
  async function personOf(ctx: RouterContext, requester: Requester): Promise<PersonFacts> {
    const person = await at.run(ctx, requester, showPerson, { person: ctx.params.id })
    // Better told here than after the button.
    insist(mayActOn(at.actor(ctx, requester), person))
    return person
  }

  function show(
    ctx: RouterContext,
    requester: Requester,
    person: PersonFacts,
    typed: Fields,
    refused: Refused = { status: 200, faults: [] },
  ): void {
    const back = personAddress(person.id)
    const self = `${back}/${page.name}`
    at.show(ctx, requester, {
      view: `person/${page.name}`,
      self,
      status: refused.status,
      data: { person, action: self, back, typed, ...page.data?.(at, ctx, requester, person), ...refused },
    })
  }

  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), page.verb.roles))
      const person = await personOf(ctx, requester)
      show(ctx, requester, person, page.typed(person))
    },

    async take(ctx, requester, fields) {
      const { id = '' } = ctx.params
      const input = page.input(fields)
      try {
        // Also where nothing was changed: who may not do it is told so whatever they sent.
        await at.run(ctx, requester, page.verb, { person: id, ...input })
        if (input) at.leaveNotice(ctx, page.notice)
        seeOther(ctx, personAddress(id))
      } catch (fault) {
        const refused = refusalOf(fault)
        if (!refused) throw fault
        const person = await personOf(ctx, requester)
        // Whoever sends it once more does it over what is there now.
        show(ctx, requester, person, refused.clash === 'roles-moved' ? page.typed(person) : fields, refused)
      }
    },
  }
}

/** What the pages have words for. */
const CODES = ['same-address', 'address-taken', 'changed-meanwhile', 'same-roles', 'roles-moved', 'no-extension']

function refusalOf(fault: unknown): Refused | undefined {
  if (fault instanceof InputError) return { status: 400, faults: fault.faults.map(({ path }) => path) }
  if (fault instanceof LooksAlike) return { status: 409, faults: [], alike: fault.alike }
  if (fault instanceof AppError && CODES.includes(fault.code)) return { status: 409, faults: [], clash: fault.code }
  return undefined
}
