/** People as a list. What narrows it stands in the address, and so does where the page begins; the same goes for the file. */
import { Readable } from 'node:stream'
import type { RouterContext } from '@koa/router'
import { INVITATIONS, LAST_SIGN_INS } from '../../../accounts/people-list.ts'
import type { Requester } from '../../../accounts/requester.ts'
import { invitePerson, NoSuchOrganization } from '../../../admin/people.ts'
import {
  ANY_ROLE,
  exportPeople,
  FACTORS,
  listPeople,
  mayList,
  PEOPLE_FILTERS,
  PERSON_STATUSES,
  type PeopleListed,
  SEPARATORS,
} from '../../../admin/people-list.ts'
import { mayRun, ROLES } from '../../../admin/role.ts'
import { insist } from '../../../admin/verb.ts'
import { InputError } from '../../../lib/errors.ts'
import { TWO_STEP_STATES } from '../../../person/listing.ts'
import type { Fields } from '../../form.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { addressOf, asked, personAddress } from '../address.ts'
import type { Desk } from '../desk.ts'
import { proposedNames } from '../proposals.ts'

const PEOPLE = '/admin/people'
const EXPORT = '/admin/people/export'
const PAGE = 50
/** A text that is shorter finds too many; the verb refuses it. */
const LEAST = 2

/** What is chosen from, by the names that it has in the address; text and organization are typed. */
const CHOICES = {
  status: PERSON_STATUSES,
  twoStep: TWO_STEP_STATES,
  factor: FACTORS,
  role: [ANY_ROLE, ...ROLES],
  lastSignIn: LAST_SIGN_INS,
  invitation: INVITATIONS,
}
/** A search that another page leads to is called like it everywhere. */
const TEXT = 'q'

type Filters = Record<string, string>

/** Fields of the form that exports. */
export const EXPORTED = [...PEOPLE_FILTERS, 'separator']

const NOBODY: PeopleListed = { people: [], next: undefined, stopped: false }

export function peopleList(at: Desk): Visit {
  return async (ctx, requester) => {
    at.insistMay(ctx, requester, listPeople)
    const filters = filtersIn((name) => asked(ctx, name === 'text' ? TEXT : name))
    const after = asked(ctx, 'after') || undefined
    const tooShort = filters.text !== undefined && [...filters.text].length < LEAST
    // Nobody is listed to the help desk before it says whom it looks for.
    const tooWide = !mayList(at.actor(ctx, requester), filters)
    const { fault, nearest, ...listed } =
      tooShort || tooWide ? { ...NOBODY } : await read(ctx, requester, { ...filters, after })
    const { people, next, stopped } = listed
    const narrowed = Object.keys(filters).length > 0
    at.show(ctx, requester, {
      view: 'people',
      self: inAddress(filters, after),
      status: fault ? 404 : 200,
      data: {
        q: filters.text,
        typed: filters,
        narrowed,
        tooShort,
        tooWide,
        mayAll: mayList(at.actor(ctx, requester), {}),
        fault,
        nearest,
        choices: CHOICES,
        names: proposedNames(at.context, filters.organization ?? ''),
        people: people.map((person) => ({
          ...person,
          href: personAddress(person.id),
          linkOpen: (person.linkExpiresAt ?? 0) > at.now(),
        })),
        stopped,
        first: after && inAddress(filters),
        next: next && inAddress(filters, next),
        exportHref: !fault && !tooShort && at.may(requester, exportPeople) && addressOf(EXPORT, inQuery(filters)),
        may: { invite: at.may(requester, invitePerson) },
      },
    })
  }

  async function read(
    ctx: RouterContext,
    requester: Requester,
    query: Record<string, unknown>,
  ): Promise<PeopleListed & { fault?: 'organization' | 'after'; nearest?: string | undefined }> {
    try {
      return await at.run(ctx, requester, listPeople, { ...query, limit: PAGE })
    } catch (fault) {
      if (fault instanceof NoSuchOrganization) return { ...NOBODY, fault: 'organization', nearest: fault.nearest }
      if (fault instanceof InputError && fault.faults.every(({ path }) => path === 'after'))
        return { ...NOBODY, fault: 'after' }
      throw fault
    }
  }
}

export function peopleFile(at: Desk): { show: Visit; send: Submission } {
  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), exportPeople.roles))
      const filters = filtersIn((name) => asked(ctx, name === 'text' ? TEXT : name))
      at.show(ctx, requester, {
        view: 'people-export',
        self: addressOf(EXPORT, inQuery(filters)),
        data: { action: EXPORT, chosen: filters, separators: Object.keys(SEPARATORS), back: inAddress(filters) },
      })
    },

    async send(ctx, requester, fields: Fields) {
      // As it came: what there is no such choice of is refused, or a file of everybody would leave for it.
      const given = Object.fromEntries(
        EXPORTED.flatMap((name) => (fields[name]?.trim() ? [[name, fields[name].trim()]] : [])),
      )
      const { name, type, lines } = await at.run(ctx, requester, exportPeople, given)
      ctx.attachment(name)
      ctx.type = type
      ctx.body = Readable.from(lines)
    },
  }
}

/** An address that was typed by hand, and asks for what there is not, asks for everything. */
function filtersIn(given: (name: string) => string): Filters {
  return Object.fromEntries(
    PEOPLE_FILTERS.flatMap((name) => {
      const value = given(name).trim()
      if (value === '') return []
      const choices: readonly string[] | undefined = name in CHOICES ? CHOICES[name as keyof typeof CHOICES] : undefined
      return choices === undefined || choices.includes(value) ? [[name, value]] : []
    }),
  )
}

function inQuery({ text, ...filters }: Filters): Record<string, string | undefined> {
  return { [TEXT]: text, ...filters }
}

function inAddress(filters: Filters, after?: string): string {
  return addressOf(PEOPLE, { ...inQuery(filters), after })
}
