/**
 * Sends the mails of invitations when they are due. Each round has room of its own, by its pace, so one that is slow or far
 * behind holds up no other.
 */
import { type Clock, HOUR } from '../lib/time.ts'
import type { WorkingHours } from '../lib/working-hours.ts'
import type { Directory } from '../organization/directory.ts'
import type { Account } from '../person/account.ts'
import { afterDue, dueRange, putOff } from '../person/invitation.ts'
import { giveRoomBack, type RoundRecords, roomOf, takeRoom } from '../person/invitation-round.ts'
import type { People } from '../person/kind.ts'
import type { Links } from './links.ts'

export interface SendingParts {
  people: Pick<People, 'list' | 'change'>
  rounds: Pick<RoundRecords, 'find' | 'change'>
  organizations: Pick<Directory, 'admits'>
  links: Pick<Links, 'sendDue'>
  isWorking: WorkingHours
  now: Clock
}

/** People that are looked at together. */
const BITE = 50
/** Looks that one go has for a round: all of them may belong to organizations that are disabled. */
const MOST_LOOKS = 40

/** Sends what is due, as much as the pace of each round allows for now: how many. */
export function invitationSending({ people, rounds, organizations, links, isWorking, now }: SendingParts) {
  /** Every round that has mails waiting which are due, one look each. */
  async function* roundsDue(): AsyncGenerator<string> {
    let from = ''
    for (;;) {
      const [first] = await people.list({ by: 'inviteDue', from, limit: 1 })
      const invitation = first?.record.invitation
      if (!invitation) return
      if ((invitation.dueAt ?? 0) <= now()) yield invitation.round
      from = afterDue(invitation.round)
    }
  }

  /** Of those who are due next: who may be mailed. */
  async function nextOf(round: string): Promise<{ ready: Account[]; last: boolean }> {
    const due = await people.list({ by: 'inviteDue', ...dueRange(round, now()), limit: BITE })
    const ready: Account[] = []
    for (const { id, record } of due) {
      if (!record.account) continue
      if (await organizations.admits(record.account)) ready.push(record.account)
      // Whoever belongs to an organization that is disabled could not come in.
      else await people.change(id, (person) => putOff(person, now() + HOUR))
    }
    return { ready, last: due.length < BITE }
  }

  async function mail(round: string, ready: Account[]): Promise<{ sent: number; room: number }> {
    if (ready.length === 0) return { sent: 0, room: 0 }
    const room = await rounds.change(round, (draft) => takeRoom(draft, ready.length, now()))
    let sent = 0
    for (const account of ready.slice(0, room)) if (await links.sendDue(account)) sent += 1
    if (sent < room) await rounds.change(round, (draft) => giveRoomBack(draft, room - sent))
    return { sent, room }
  }

  return async (): Promise<number> => {
    let all = 0
    for await (const round of roundsDue()) {
      const record = await rounds.find(round)
      // After some hours in which no node ran, mails leave no faster than was asked, and no sooner.
      if (!record || roomOf(record, now()) === 0 || (record.workingHours && !isWorking(now()))) continue
      for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
        const { ready, last } = await nextOf(round)
        const { sent, room } = await mail(round, ready)
        all += sent
        if (last || room < ready.length) break
      }
    }
    return all
  }
}
