/**
 * Many invitations at once, in rounds: the accounts are made first, and their mails leave when they are due. Whatever is
 * broken off is seen from the records and goes on: each person is one write, and so is each mail.
 */
import type { Audit, Source } from '../audit/audit.ts'
import type { Outcome } from '../lib/outcome.ts'
import { apart } from '../lib/unit-of-work.ts'
import type { Directory } from '../organization/directory.ts'
import type { Account } from '../person/account.ts'
import { absentRange, absentValue, insertInvited, mayBeSentAgain, sendAgain } from '../person/invitation.ts'
import { addWithdrawn, beginRound, type Pace } from '../person/invitation-round.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { PersonRecord } from '../person/person.ts'
import { type Found, unlessTaken } from '../record/records.ts'
import { type Assumed, type FileRead, readPeople } from './invitation-file.ts'
import { type InvitationPlan, type LookAlikeChoice, type PlannedLine, planInvitations } from './invitation-plan.ts'
import { invitationSending, type SendingParts } from './invitation-sending.ts'
import { invitedAccount } from './invited-account.ts'
import type { AccountLife } from './life.ts'
import { departures, tooSlow, type Wave, wavesOf } from './waves.ts'

/** Who does it, as the audit trail names them. */
export interface By {
  actor: string | undefined
  source: Source | undefined
}

/** What is asked of a file. */
export interface Wish extends Assumed {
  pace: Pace
  /** Unless it is said otherwise, such an address is refused. */
  lookAlike?: LookAlikeChoice
}

export type Planned =
  | { ok: true; plan: InvitationPlan; waves: Wave[] }
  | Exclude<FileRead, { ok: true }>
  /** Which part of the pace makes it so. */
  | { ok: false; reason: 'too-slow'; field: 'perDay' | 'perHour' }

export type Sent = Outcome<{ round: string; invited: number; plan: InvitationPlan }, 'plan-changed' | 'nobody'>

export interface Invitations {
  plan(file: Buffer, wish: Wish): Promise<Planned>
  /** Makes the accounts of a plan that was looked at, or nothing; their mails leave when they are due. */
  send(planned: InvitationPlan, wish: Wish & { digest: string; label: string }, by: By): Promise<Sent>
  /** Mails of all who have not come are due again, at the pace of the round: how many, and how many are left. */
  resend(round: string, mayAct: MayAct): Promise<Outcome<{ due: number; left: number }, 'unknown'>>
  /** Takes back what nobody has answered: the accounts go, and their addresses are free. */
  withdraw(round: string, mayAct: MayAct, by: By): Promise<Outcome<{ withdrawn: number; left: number }, 'unknown'>>
  /** Sends what is due, as much as the pace of each round allows for a minute. */
  sendDue(): Promise<number>
}

/** Whether this person may be acted on. */
export type MayAct = (account: Account) => boolean

export interface InvitationsParts extends SendingParts {
  people: Pick<People, 'findBy' | 'list' | 'change'>
  organizations: Directory
  life: Pick<AccountLife, 'withdraw'>
  digest: (text: string) => string
  audit: Audit
}

/** People who are changed at once, so that they share a sync to disk, and others get their turn in between. */
const BITE = 50
export function invitations(parts: InvitationsParts): Invitations {
  const { people, rounds, organizations, life, audit, isWorking, now } = parts

  async function plan(file: Buffer, wish: Wish): Promise<Planned> {
    const read = readPeople(file, wish)
    if (!read.ok) return read
    const planned = await planInvitations(parts, read.file, { lookAlike: 'refuse', ...wish })
    const field = tooSlow(planned.size, wish.pace)
    if (field) return { ok: false, reason: 'too-slow', field }
    const many = planned.lines.filter(({ action }) => action === 'invite').length
    return { ok: true, plan: planned, waves: wavesOf(many, wish.pace, { from: now(), isWorking }) }
  }

  async function make(line: PlannedLine, round: string, dueAt: number, by: By): Promise<boolean> {
    const { organizationId: id } = line
    const account = invitedAccount(line.person, id === undefined ? undefined : organizations.find(id), now())
    const inserted = people.change(account.id, (person) => insertInvited(person, account, { round, dueAt }))
    // Somebody else has invited them since, or this round was sent twice at once.
    if (!(await unlessTaken(keyOf.email(account.emailKey), false, inserted))) return false
    await audit({ type: 'account.invited', outcome: 'ok', subject: account.id, ...by, details: { round } })
    return true
  }

  /** Everybody of the round who has not come, a bite at a time. */
  async function* absent(round: string): AsyncGenerator<Array<Found<PersonRecord> & { account: Account }>> {
    const { from, to } = absentRange(round)
    let after = from
    for (;;) {
      const bite = await people.list({ by: 'absent', from: after, to, limit: BITE })
      yield bite.flatMap(({ id, record }) => (record.account ? [{ id, record, account: record.account }] : []))
      const last = bite.at(-1)?.record
      if (bite.length < BITE || !last) return
      after = `${absentValue(last)}\0`
    }
  }

  /** True of those for whom something was done. */
  async function each<T>(all: T[], work: (one: T, index: number) => Promise<boolean>): Promise<number> {
    let done = 0
    for (let at = 0; at < all.length; at += BITE) {
      const bite = all.slice(at, at + BITE)
      // In no unit of work: thousands of them would be one commit, and everybody else would wait for it.
      const outcomes = await apart(() => Promise.all(bite.map((one, index) => work(one, at + index))))
      done += outcomes.filter(Boolean).length
    }
    return done
  }

  return {
    plan,

    async send(planned, { digest, label, pace }, by) {
      if (planned.digest !== digest) return { ok: false, reason: 'plan-changed' }
      const { round, lines } = planned
      const wanted = lines.filter(({ action }) => action === 'invite')
      // Sent twice, by a browser or by whoever is not sure: it has been done.
      if (wanted.length === 0 && (await rounds.find(round))) return { ok: true, round, invited: 0, plan: planned }
      if (wanted.length === 0) return { ok: false, reason: 'nobody' }
      await rounds.change(round, (draft) => beginRound(draft, { label, by: by.actor ?? '', ...pace }, now()))
      const moments = departures(wanted.length, pace, { from: now(), isWorking })
      const invited = await each(wanted, (line, index) => make(line, round, moments[index] ?? now(), by))
      return { ok: true, round, invited, plan: planned }
    },

    async resend(round, mayAct) {
      const record = await rounds.find(round)
      if (!record) return { ok: false, reason: 'unknown' }
      const ids: string[] = []
      let left = 0
      for await (const bite of absent(round))
        for (const { id, record: person, account } of bite) {
          if (mayAct(account) && mayBeSentAgain(person, now())) ids.push(id)
          else left += 1
        }
      const moments = departures(ids.length, record, { from: now(), isWorking })
      const due = await each(ids, (id, index) =>
        people.change(id, (person) => sendAgain(person, moments[index] ?? now(), now())),
      )
      return { ok: true, due, left }
    },

    async withdraw(round, mayAct, by) {
      if (!(await rounds.find(round))) return { ok: false, reason: 'unknown' }
      const accounts: Account[] = []
      let left = 0
      for await (const bite of absent(round))
        for (const { account } of bite) {
          if (mayAct(account)) accounts.push(account)
          else left += 1
        }
      const withdrawn = await each(accounts, (account) => life.withdraw(account, by))
      await rounds.change(round, (draft) => addWithdrawn(draft, withdrawn))
      return { ok: true, withdrawn, left }
    },

    sendDue: invitationSending(parts),
  }
}
