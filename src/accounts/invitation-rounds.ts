/** Rounds of invitations as administrators see them: how far each is, and who has not come. */
import type { Account } from '../person/account.ts'
import { absentRange, absentValue, INVITATION_STATES, type InvitationState, roundValue } from '../person/invitation.ts'
import type { InvitationRound, RoundRecords } from '../person/invitation-round.ts'
import type { People } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import type { Found } from '../record/records.ts'

export interface SeenRound extends InvitationRound {
  id: string
  /** How many are how far. */
  people: Record<InvitationState, number>
}

/** Somebody who has not come. */
export interface Absent {
  account: Account
  dueAt: number | undefined
  sentAt: number | undefined
  /** When the link of the last mail ends, or ended. */
  expiresAt: number | undefined
}

export interface Page<T> {
  found: T[]
  /** What `after` is for the next page; undefined if this is the last. */
  next: string | undefined
}

export interface InvitationRounds {
  /** The newest first. `after` is the id of the last one of the page before. */
  list(after: string | undefined, limit: number): Promise<Page<SeenRound>>
  find(id: string): Promise<SeenRound | undefined>
  /** By name. `after` is the account id of the last one of the page before. */
  absent(id: string, after: string | undefined, limit: number): Promise<Page<Absent>>
}

export interface InvitationRoundsParts {
  people: Pick<People, 'find' | 'list' | 'count' | 'counts'>
  rounds: Pick<RoundRecords, 'find' | 'list'>
}

export function invitationRounds({ people, rounds }: InvitationRoundsParts): InvitationRounds {
  return {
    async list(after, limit) {
      const last = after === undefined ? undefined : await rounds.find(after)
      // More may have begun at that moment: what comes before the last one is passed over.
      const from = last && { from: -last.createdAt }
      const look = await rounds.list({ by: 'latest', ...from, limit: limit + 1 + (last ? SAME_MOMENT : 0) })
      const begin = last ? look.findIndex(({ id }) => id === after) + 1 : 0
      const { found, next } = pageOf(look.slice(begin), limit, ({ id }) => id)
      const counts = new Map((await people.counts('round')).map(({ value, count }) => [String(value), count]))
      return { found: found.map((one) => seen(one, (state) => counts.get(roundValue(one.id, state)) ?? 0)), next }
    },

    async find(id) {
      const record = await rounds.find(id)
      if (!record) return undefined
      const counted = await Promise.all(
        INVITATION_STATES.map(async (state) => [state, await people.count('round', roundValue(id, state))] as const),
      )
      const counts = new Map<InvitationState, number>(counted)
      return seen({ id, record }, (state) => counts.get(state) ?? 0)
    },

    async absent(id, after, limit) {
      const { from, to } = absentRange(id)
      const last = after === undefined ? undefined : await people.find(after)
      const place = last && absentValue(last)
      // Whoever came meanwhile has no place any more: the list begins anew.
      const begin = place?.startsWith(from) ? `${place}\0` : from
      const look = await people.list({ by: 'absent', from: begin, to, limit: limit + 1 })
      const { found, next } = pageOf(look, limit, (one) => one.id)
      return { found: found.flatMap(absentOf), next }
    },
  }
}

/** Rounds that begin in one millisecond. */
const SAME_MOMENT = 50

function seen({ id, record }: Found<InvitationRound>, count: (state: InvitationState) => number): SeenRound {
  const people = Object.fromEntries(INVITATION_STATES.map((state) => [state, count(state)]))
  return { id, ...record, people: people as SeenRound['people'] }
}

function absentOf({ record: { account, invitation, links } }: Found<PersonRecord>): Absent[] {
  if (!account || !invitation) return []
  const { dueAt, sentAt } = invitation
  return [{ account, dueAt, sentAt, expiresAt: links.findLast(({ purpose }) => purpose === 'activation')?.expiresAt }]
}

function pageOf<T>(look: T[], limit: number, placeOf: (one: T) => string): Page<T> {
  const found = look.slice(0, limit)
  const last = found.at(-1)
  return { found, next: look.length > limit && last ? placeOf(last) : undefined }
}
