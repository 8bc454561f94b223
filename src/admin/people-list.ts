/** Verbs that list people, a page at a time or as a file. */
import { z } from 'zod'
import { allPeople, INVITATIONS, LAST_SIGN_INS, type PeopleFilter, pageOfPeople } from '../accounts/people-list.ts'
import { type Cell, csvLine } from '../audit/csv.ts'
import { InputError } from '../lib/errors.ts'
import { activationUntil, NO_ORGANIZATION, TWO_STEP_STATES, type TwoStepState, twoStepOf } from '../person/listing.ts'
import type { PersonRecord } from '../person/person.ts'
import { type EnrolledFactor, NATURES, SECOND_FACTORS } from '../person/second-factor.ts'
import { NoSuchOrganization } from './people.ts'
import { type PersonSummary, READERS, summaryOf } from './person.ts'
import { type Actor, mayRun, ROLES, type Role } from './role.ts'
import { type AdminContext, type MadeFile, verb } from './verb.ts'

/** Of those that people enroll. */
export const FACTORS = SECOND_FACTORS.filter((name): name is EnrolledFactor => NATURES[name].enrolled !== undefined)
export const PERSON_STATUSES = ['invited', 'active', 'disabled'] as const
/** Whoever has any. */
export const ANY_ROLE = 'any'

const LONGEST_MARK = 400

/** What narrows; everything that is given has to fit. */
const filter = {
  text: z
    .string()
    .trim()
    .min(2)
    .max(254)
    .optional()
    .describe('account id, the beginning of an e-mail address, or a part of a name'),
  status: z.enum(PERSON_STATUSES).optional().describe(PERSON_STATUSES.join(', ')),
  twoStep: z
    .enum(TWO_STEP_STATES)
    .optional()
    .describe(
      'two-step verification: on, old (by a factor that was brought along), off, or lost (on, and nothing left to prove it by)',
    ),
  factor: z
    .enum(FACTORS)
    .optional()
    .describe(`those who have one: ${FACTORS.join(', ')}`),
  organization: z
    .string()
    .trim()
    .min(1)
    .max(80)
    .optional()
    .describe(`id, exact name or number of their organization; ${NO_ORGANIZATION} for those of none`),
  role: z
    .enum([ANY_ROLE, ...ROLES])
    .optional()
    .describe(`a role that they have: ${ROLES.join(', ')}; or any`),
  lastSignIn: z
    .enum(LAST_SIGN_INS)
    .optional()
    .describe(`when they last signed in: ${LAST_SIGN_INS.join(', ')}`),
  invitation: z
    .enum(INVITATIONS)
    .optional()
    .describe('those who were invited and have not come, by their link: waiting or expired'),
}
type Given = z.output<z.ZodObject<typeof filter>>

/** Everybody’s addresses, a page at a time or at once: more than whoever answers the telephone needs. */
const LISTERS = ['owner', 'auditor'] as const satisfies Role[]

/** Whether this reader is shown these: the help desk looks for somebody, or at the people of one organization. */
export function mayList(actor: Actor, { text, organization }: { text?: unknown; organization?: unknown }): boolean {
  // Those who belong to no organization are those of nobody in particular.
  const one = organization !== undefined && organization !== NO_ORGANIZATION
  return text !== undefined || one || mayRun(actor, LISTERS).ok
}

function insistNarrow(given: Given, actor: Actor): void {
  if (mayList(actor, given)) return
  const reason = 'is missing, and so is an organization: only an owner or an auditor lists everybody'
  throw new InputError('The input is not in order.', [{ path: 'text', reason }])
}

/** Names of what narrows, in the order in which forms show it. */
export const PEOPLE_FILTERS = Object.keys(filter) as Array<keyof typeof filter>

export interface ListedPerson extends PersonSummary {
  twoStepState: TwoStepState
  /** Kinds of those that they have. */
  factors: EnrolledFactor[]
  /** Undefined where none is known. */
  lastSignInAt: number | undefined
  /** Until when the link that activates the account can be used; of whoever was invited and has one. */
  linkExpiresAt: number | undefined
  /** Until when they may wait with two-step verification, beyond what counts for others. */
  moreTimeEndsAt: number | undefined
}

export interface PeopleListed {
  people: ListedPerson[]
  /** For `after`; undefined where nobody is left. */
  next: string | undefined
  /** So many were looked at of whom few fit that this page is not full: the next goes on there. */
  stopped: boolean
}

export const listPeople = verb({
  name: 'person:list',
  summary: 'List people by name, narrowed by what is asked',
  roles: READERS,
  input: z.object({
    ...filter,
    after: z
      .string()
      .max(LONGEST_MARK)
      .regex(/^[^~]*~./, 'what the page before says as its next')
      .optional()
      .describe('the next page: what this command says as next'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('how many, 1 to 1000 (50)'),
  }),
  async run(context, { after, limit, ...given }, actor): Promise<PeopleListed> {
    insistNarrow(given, actor)
    const asked = await filterOf(context, given)
    const { found, ...rest } = await pageOfPeople(context.people, asked, { limit, after, now: context.now() })
    return { people: found.flatMap(({ record }) => listedOf(context, record) ?? []), ...rest }
  },
})

/** By which values are kept apart: the first is what a spreadsheet takes that is set up for the Netherlands. */
export const SEPARATORS = { semicolon: ';', comma: ',' } as const
const SEPARATOR_NAMES = ['semicolon', 'comma'] as const satisfies Array<keyof typeof SEPARATORS>

export const exportPeople = verb({
  name: 'people:export',
  summary: 'Export people, or those whom a filter finds, as values for a spreadsheet; nothing secret is in it',
  roles: LISTERS,
  sensitive: true,
  file: true,
  input: z.object({
    ...filter,
    separator: z
      .enum(SEPARATOR_NAMES)
      .default('semicolon')
      .describe(`${SEPARATOR_NAMES.join(' or ')} (semicolon)`),
  }),
  async run(context, { separator, ...given }): Promise<MadeFile> {
    const asked = await filterOf(context, given)
    return { name: 'sigma-id-people.csv', type: 'text/csv', lines: linesOf(context, asked, SEPARATORS[separator]) }
  },
})

async function filterOf({ organizations }: AdminContext, given: Given): Promise<PeopleFilter> {
  const { organization, role, ...rest } = given
  return {
    ...rest,
    ...(role !== undefined && { role: role === ANY_ROLE ? '' : role }),
    ...(organization !== undefined && { organizationId: await idOf(organizations, organization) }),
  }
}

async function idOf(organizations: AdminContext['organizations'], named: string): Promise<string> {
  if (named === NO_ORGANIZATION) return named
  await organizations.follow()
  const found = organizations.find(named) ?? organizations.called(named)
  if (found) return found.id
  throw new NoSuchOrganization('unknown-organization', organizations.nearest(named))
}

export function listedOf(
  context: Pick<AdminContext, 'organizations' | 'now'>,
  person: PersonRecord,
): ListedPerson | undefined {
  const { account, authenticators } = person
  if (!account) return undefined
  const until = activationUntil(person)
  const longer = account.extension?.until ?? 0
  return {
    ...summaryOf(context, account),
    twoStepState: twoStepOf(person),
    factors: FACTORS.filter((factor) => authenticators.some(({ kind }) => kind === factor)),
    lastSignInAt: account.lastSignInAt,
    linkExpiresAt: account.status === 'invited' && until > 0 ? until : undefined,
    moreTimeEndsAt: longer > context.now() ? longer : undefined,
  }
}

const COLUMNS: Record<string, (person: ListedPerson, record: PersonRecord) => Cell | number | undefined> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  given_name: (_person, { account }) => account?.givenName,
  family_name: (_person, { account }) => account?.familyName,
  email: ({ email }) => email,
  organization: ({ organization }) => organization,
  status: ({ status }) => status,
  roles: ({ roles }) => roles.join(' '),
  language: (_person, { account }) => account?.locale,
  two_step: ({ twoStepState }) => twoStepState,
  factors: ({ factors }) => factors.join(' '),
  created: (_person, { account }) => account?.createdAt,
  last_sign_in: ({ lastSignInAt }) => lastSignInAt,
  link_expires: ({ linkExpiresAt }) => linkExpiresAt,
  more_time_until: ({ moreTimeEndsAt }) => moreTimeEndsAt,
}

/** By it a spreadsheet knows that what follows is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff'

async function* linesOf(context: AdminContext, asked: PeopleFilter, separator: string): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(Object.keys(COLUMNS), separator)
  for await (const batch of allPeople(context.people, asked, context.now()))
    yield batch
      .map(({ record }) => {
        const listed = listedOf(context, record)
        return listed
          ? csvLine(
              Object.values(COLUMNS).map((cell) => written(cell(listed, record))),
              separator,
            )
          : ''
      })
      .join('')
}

/** A moment as a spreadsheet takes it for one, in UTC. */
function written(value: Cell | number | undefined): Cell {
  if (typeof value === 'number') return new Date(value).toISOString().slice(0, 19).replace('T', ' ')
  return value || null
}
