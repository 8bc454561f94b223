/**
 * People as lists show them: by name, narrowed, a page at a time. Of several things that narrow, the one that leaves the
 * fewest finds; whether the others hold is looked at person by person. Those who fit may be few among those who are found, so
 * one page looks at so many and no more, says how far it came, and the next goes on there.
 */
import { DAY } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import type { People } from '../person/kind.ts'
import {
  allOf,
  type Between,
  EVERYBODY,
  following,
  invitedBeyond,
  invitedUpTo,
  type ListFinder,
  NEVER_SIGNED_IN,
  placeOf,
  placesOf,
  signedInBefore,
  signedInSince,
  type TwoStepState,
} from '../person/listing.ts'
import type { PersonRecord } from '../person/person.ts'
import type { EnrolledFactor } from '../person/second-factor.ts'
import type { Found } from '../record/records.ts'
import { searchKey } from '../record/search-key.ts'

/** How long ago the last sign-in is. */
export const LAST_SIGN_INS = ['last-30-days', 'over-90-days', 'over-365-days', 'unknown'] as const
export const INVITATIONS = ['waiting', 'expired'] as const

/** What is there narrows. */
export interface PeopleFilter {
  /** Account id, beginning of the address, or a part of the name. */
  text?: string | undefined
  status?: Account['status'] | undefined
  twoStep?: TwoStepState | undefined
  /** They have one of this kind. */
  factor?: EnrolledFactor | undefined
  /** Id, or `NO_ORGANIZATION`. */
  organizationId?: string | undefined
  /** An empty text is any. */
  role?: string | undefined
  lastSignIn?: (typeof LAST_SIGN_INS)[number] | undefined
  /** Of those who were invited and have not come: whether their link can be used. */
  invitation?: (typeof INVITATIONS)[number] | undefined
}

export interface PeoplePage {
  found: Array<Found<PersonRecord>>
  /** Where the next page begins; undefined if this is the last. */
  next: string | undefined
  /** All that one page may look at was looked at, and it is not full. */
  stopped: boolean
}

type Reader = Pick<People, 'find' | 'list' | 'search'>

/** That are read at once, where not everybody who is found need fit; after the second the page has seen enough. */
const BITES = [400, 2000]
/** That a text finds, at most: the newest. */
const MOST_FOUND = 1000
const BATCH = 500

export async function pageOfPeople(
  people: Reader,
  filter: PeopleFilter,
  { limit, after, now, bites = BITES }: { limit: number; after?: string | undefined; now: number; bites?: number[] },
): Promise<PeoplePage> {
  if (filter.text !== undefined) return pageOfSearch(people, filter, { limit, after, now })
  const { way, fits, simple } = planOf(filter, now)
  const found: PeoplePage['found'] = []
  let last: Found<PersonRecord> | undefined
  let from = after === undefined ? way.from : await beginning(people, way, after)
  for (const bite of simple ? [limit + 1] : bites) {
    const read = await people.list({ ...way, from, limit: bite })
    for (const one of read) {
      if (!fits(one.record)) {
        last = one
        continue
      }
      // One more than there is room for: so there is a next page, which begins behind the last of this one.
      if (found.length === limit) return { found, next: markOf(way, found.at(-1)), stopped: false }
      found.push(one)
      last = one
    }
    const value = placeIn(way, read.at(-1))
    if (read.length < bite || value === undefined) return { found, next: undefined, stopped: false }
    from = following(value)
  }
  return { found, next: markOf(way, last), stopped: true }
}

/** Everybody who fits, in batches. */
export async function* allPeople(
  people: Reader,
  filter: PeopleFilter,
  now: number,
): AsyncGenerator<Array<Found<PersonRecord>>> {
  const { way, fits } = planOf(filter, now)
  const says = saying(filter.text)
  for (let from: string | undefined = way.from; from !== undefined; ) {
    const read: Array<Found<PersonRecord>> = await people.list({ ...way, from, limit: BATCH })
    yield read.filter((one) => fits(one.record) && says(one))
    const value = read.length < BATCH ? undefined : placeIn(way, read.at(-1))
    from = value === undefined ? undefined : following(value)
  }
}

/** What a text finds is in no order that goes on, so all of it is put in order here. */
async function pageOfSearch(
  people: Reader,
  filter: PeopleFilter,
  { limit, after, now }: { limit: number; after: string | undefined; now: number },
): Promise<PeoplePage> {
  const way: Way = { by: 'listed', ...EVERYBODY }
  const ways = waysOf(filter, now)
  const from = after === undefined ? way.from : await beginning(people, way, after)
  const hits = await people.search(filter.text ?? '', MOST_FOUND)
  const fitting = hits
    .filter(({ record }) => ways.every((one) => isIn(one, record)) && fitsBeside(filter, record))
    .map((one) => ({ one, value: placeIn(way, one) ?? '' }))
    .filter(({ value }) => compared(value, from) >= 0)
    .sort((a, b) => compared(a.value, b.value))
    .map(({ one }) => one)
  const found = fitting.slice(0, limit)
  const next = fitting.length > limit ? markOf(way, found.at(-1)) : undefined
  return { found, next, stopped: next === undefined && hits.length === MOST_FOUND }
}

interface Way extends Between {
  by: ListFinder
}

interface Plan {
  way: Way
  fits: (person: PersonRecord) => boolean
  /** Whoever is found fits. */
  simple: boolean
}

function planOf(filter: PeopleFilter, now: number): Plan {
  const [way = { by: 'listed' as const, ...EVERYBODY }, ...others] = waysOf(filter, now)
  const simple = others.length === 0 && !filter.factor && !filter.role
  return { way, simple, fits: (person) => others.every((one) => isIn(one, person)) && fitsBeside(filter, person) }
}

/** The one that leaves the fewest is likely the first. */
function waysOf({ role, invitation, organizationId, lastSignIn, twoStep, status }: PeopleFilter, now: number): Way[] {
  return [
    ...(role === undefined ? [] : [{ by: 'staff' as const, ...EVERYBODY }]),
    ...(twoStep === 'lost' ? [{ by: 'inTwoStep' as const, ...allOf(twoStep) }] : []),
    ...(invitation === undefined ? [] : [{ by: 'invitedUntil' as const, ...INVITED[invitation](now) }]),
    ...(organizationId === undefined ? [] : [{ by: 'ofOrganization' as const, ...allOf(organizationId) }]),
    ...(status === undefined ? [] : [{ by: 'inStatus' as const, ...allOf(status) }]),
    ...(lastSignIn === undefined ? [] : [{ by: 'signedInOn' as const, ...SIGNED_IN[lastSignIn](now) }]),
    ...(twoStep === undefined || twoStep === 'lost' ? [] : [{ by: 'inTwoStep' as const, ...allOf(twoStep) }]),
  ]
}

const INVITED: Record<(typeof INVITATIONS)[number], (now: number) => Between> = {
  waiting: invitedBeyond,
  expired: invitedUpTo,
}

const SIGNED_IN: Record<(typeof LAST_SIGN_INS)[number], (now: number) => Between> = {
  'last-30-days': (now) => signedInSince(now - 30 * DAY),
  'over-90-days': (now) => signedInBefore(now - 90 * DAY),
  'over-365-days': (now) => signedInBefore(now - 365 * DAY),
  unknown: () => NEVER_SIGNED_IN,
}

function isIn({ by, from, to }: Way, person: PersonRecord): boolean {
  const value = placesOf(person)[by]
  return value !== undefined && compared(value, from) >= 0 && compared(value, to) <= 0
}

/** What no list is of. */
function fitsBeside({ factor, role }: PeopleFilter, { account, authenticators }: PersonRecord): boolean {
  if (factor !== undefined && !authenticators.some(({ kind }) => kind === factor)) return false
  return !role || (account?.roles.includes(role) ?? false)
}

function saying(text: string | undefined): (one: Found<PersonRecord>) => boolean {
  if (text === undefined) return () => true
  const typed = searchKey(text)
  return ({ id, record: { account } }) =>
    id === text.trim() ||
    (account !== undefined && (account.emailKey.startsWith(typed) || searchKey(account.name).includes(typed)))
}

function placeIn({ by }: Way, one: Found<PersonRecord> | undefined): string | undefined {
  return one && placesOf(one.record)[by]
}

const MARK = '~'

/**
 * Names somebody by whom a list goes on: not by name, for it stands in addresses; with what the list goes by before that, for
 * they may be elsewhere in it by then.
 */
function markOf(way: Way, one: Found<PersonRecord> | undefined): string | undefined {
  const value = placeIn(way, one)
  if (!one || value === undefined) return undefined
  const account = one.record.account
  const before = account ? value.slice(0, value.length - placeOf(account).length) : ''
  return `${before.trimEnd()}${MARK}${one.id}`
}

/** Somebody who is gone by now stood at the beginning, for all that is known: nobody is passed over. */
async function beginning(people: Reader, way: Way, mark: string): Promise<string> {
  const at = mark.indexOf(MARK)
  const list = mark.slice(0, at)
  const account = (await people.find(mark.slice(at + MARK.length)))?.account
  const { from } = list === '' ? EVERYBODY : allOf(list)
  const begin = account ? following(`${from}${placeOf(account)}`) : from
  return compared(begin, way.from) > 0 ? begin : way.from
}

/** As stores put texts in order: by their bytes, which for some signs is another order than that of JavaScript. */
function compared(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
