/**
 * Mails that two-step verification waits for somebody, before the deadline that counts for them: every week in the last
 * four, every working day in the last one. Whoever has nothing left to do is not among those who are looked through.
 *
 * That somebody was reminded is kept with the mail, in one write: of two nodes one sends it, and a round that was cut off
 * goes on where it stopped.
 */
import type { WriteMail } from '../accounts/links.ts'
import type { Wrap } from '../delivery/queue.ts'
import { type Clock, DAY, HOUR } from '../lib/time.ts'
import type { WorkingHours } from '../lib/working-hours.ts'
import type { Account } from '../person/account.ts'
import { type Group, groupOf, isToDo, remind, reminderValue, type ToDo } from '../person/group.ts'
import type { People } from '../person/kind.ts'
import { type CampaignRules, type Person, standing } from './campaign.ts'
import { type CrowdRecords, crowdOf, type ReadCrowd } from './crowd.ts'
import type { Belonging } from './forecast.ts'

/** Days before the deadline, from which on somebody is reminded once more. */
const DAYS_BEFORE = [28, 21, 14, 7, 6, 5, 4, 3, 2, 1]
/** Dates may be moved: nobody gets two mails of one day for it. */
const REST = 20 * HOUR

/** Whoever was reminded last before this moment is reminded now; undefined where it is too early, or over. */
export function remindedBefore(deadline: number, now: number): number | undefined {
  if (deadline <= now) return undefined
  const days = DAYS_BEFORE.findLast((before) => now >= deadline - before * DAY)
  return days === undefined ? undefined : Math.min(deadline - days * DAY, now - REST)
}

/** Names of the mails, by what is left to do. */
export const REMINDERS: Record<ToDo, string> = { missing: 'two-step-reminder', old: 'switch-reminder' }

export interface RemindersParts {
  people: CrowdRecords & Pick<People, 'change'>
  rules: CampaignRules
  organizations: Belonging
  wrap: Wrap
  writeMail: WriteMail
  /** Nobody is mailed outside of them. */
  working: WorkingHours
  now: Clock
  /** Mails of one round: no more than questions can be answered about. */
  most?: number
}

interface Round {
  at: number
  left: number
  /** Whoever was looked at and got no mail, because they may wait longer: they are found again. */
  over: Set<string>
  faults: unknown[]
}

const MOST = 200
/** People at once, so that they share a sync to disk. */
const BITE = 50

/** Sends those that are due, up to `most`; returns how many those were. */
export function reminders(parts: RemindersParts): () => Promise<number> {
  const { people, rules, organizations, wrap, writeMail, working, now, most = MOST } = parts

  /** What is due for somebody by the dates that count for them. */
  function due(person: Person, at: number, all = rules): { before: number; deadline: number } | undefined {
    const { campaign, deadline } = standing(all, person, at)
    if (campaign !== 'offered' || deadline === undefined) return undefined
    const before = remindedBefore(deadline, at)
    return before === undefined ? undefined : { before, deadline }
  }

  function mailTo({ id, name, email, locale }: Account, toDo: ToDo, deadline: number) {
    const mail = writeMail(REMINDERS[toDo], locale, { name, email, deadline })
    return wrap('email', { ...mail, to: email }, id)
  }

  /** By what is true of them when it is written. */
  function remindOne(id: string, at: number): Promise<boolean> {
    return people.change(id, (person) => {
      const [{ account }, twoStep] = [person, groupOf(person)?.twoStep]
      const owed = account && due(account, at)
      if (!account || !owed || !twoStep || !isToDo(twoStep)) return false
      return remind(person, { before: owed.before, at }, mailTo(account, twoStep, owed.deadline))
    })
  }

  /** Somebody who cannot be changed holds up nobody else. */
  async function remindAll(ids: string[], round: Round): Promise<void> {
    const outcomes = await Promise.allSettled(ids.map((id) => remindOne(id, round.at)))
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') round.faults.push(outcome.reason)
      if (outcome.status === 'fulfilled' && outcome.value) round.left -= 1
      else round.over.add(ids[index] ?? '')
    }
  }

  async function remindGroup(group: Group, before: number, round: Round): Promise<void> {
    const range = { from: reminderValue(group), to: reminderValue(group, before - 1) }
    while (round.left > 0) {
      const limit = Math.min(BITE, round.left) + round.over.size
      const found = await people.list({ by: 'reminder', ...range, limit })
      const ids = found.map(({ id }) => id).filter((id) => !round.over.has(id))
      if (ids.length === 0) return
      await remindAll(ids.slice(0, round.left), round)
    }
  }

  function comesIn({ organizationId }: Group): boolean {
    return organizationId === undefined || organizations.find(organizationId)?.active !== false
  }

  /** Their own date may be near where that of their group is not. */
  async function remindThoseWithLonger({ longer }: ReadCrowd, round: Round): Promise<void> {
    const owed = longer.filter(({ group, person }) => {
      const before = isToDo(group.twoStep) && comesIn(group) ? due(person, round.at)?.before : undefined
      return before !== undefined && (person.remindedAt ?? 0) < before
    })
    await remindAll(
      owed.slice(0, round.left).map(({ person }) => person.id),
      round,
    )
  }

  return async () => {
    const round: Round = { at: now(), left: most, over: new Set(), faults: [] }
    if (!working(round.at)) return 0
    const nobodyLonger = { ...rules, exempt: [] }
    const crowd = await crowdOf(people, rules.exempt, round.at)
    for (const { group } of crowd.groups) {
      if (!isToDo(group.twoStep) || !comesIn(group)) continue
      const owed = due({ ...group, emailKey: '' }, round.at, nobodyLonger)
      if (owed) await remindGroup(group, owed.before, round)
    }
    await remindThoseWithLonger(crowd, round)
    if (round.faults.length > 0) throw round.faults[0]
    return most - round.left
  }
}
