/**
 * One-time links by mail: to activate an account, and to set a new password.
 *
 * Asking for a link puts one parcel in the queue and nothing else, whoever asks for whatever address, so neither the
 * answer nor its time tells whether there is an account. The courier finds out later and makes the link then.
 */

import { type Audit, refusal, type Source } from '../audit/audit.ts'
import type { Channels, Email, Parcel, QueueStore, Wrap } from '../delivery/queue.ts'
import { digest, randomToken } from '../lib/crypto.ts'
import type { Locale } from '../lib/locales.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Spent, Throttle } from '../lib/throttle.ts'
import { type Clock, HOUR, MINUTE } from '../lib/time.ts'
import type { Directory } from '../organization/directory.ts'
import { type Account, emailKey, insertAccount } from '../person/account.ts'
import { sendDue, sendLink } from '../person/invitation.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { Link, LinkOrigin, LinkPurpose } from '../person/link.ts'
import { findLink } from '../person/link.ts'
import { unlessTaken } from '../record/records.ts'
import { type Invitee, invitedAccount } from './invited-account.ts'
import { findAccount, findAccountByEmail } from './people.ts'

/** Writes a mail of this kind in the person's language. Texts live in views/. */
export type WriteMail = (name: string, locale: Locale, data: Record<string, unknown>) => Omit<Email, 'to'>

export interface Invitation extends Invitee {
  /** The exact name of one that there is, in any spelling, or its number. */
  organization?: string | undefined
}

/** Who invites, as the audit trail names them; the system itself where nobody does. */
export interface InvitedBy {
  actor: string
  source: Source | undefined
}

export interface Links {
  /** Makes an account that waits for its person, and mails the link. */
  invite(invitation: Invitation, by?: InvitedBy): Promise<Invited>
  /** Somebody wants a link sent to this address. Always takes the same. */
  request(email: string, source: Source, origin?: LinkOrigin): Promise<void>
  /** The courier's part of `request`. */
  send(content: Channels['link']): Promise<void>
  /** Another activation link for an account that waits for its person; it counts like one that was asked for. */
  renew(account: Account, by: { actor: string | undefined; source: Source | undefined }): Promise<Renewed>
  /** The link of an account that waits for its person, and its mail: for a change that they leave with, outside of limits. */
  activation(account: Account): { link: Link; mail: Parcel }
  /** Mails the link of an invitation that is due. False if it is not due any more, or its address was changed. */
  sendDue(account: Account): Promise<boolean>
  /** What a link's token stands for. `open` may set a password; the others were used or have expired. */
  find(token: string): Promise<{ state: 'open' | 'dead'; link: Link; account: Account } | undefined>
}

export type Invited = Outcome<{ account: Account }, 'address-taken' | 'unknown-organization' | 'disabled-organization'>
export type Renewed = Outcome<Done, 'not-waiting' | 'closed', 'wait'>

export interface LinksParts {
  people: People
  organizations: Pick<Directory, 'getCalled'>
  store: Pick<QueueStore, 'enqueue'>
  wrap: Wrap
  writeMail: WriteMail
  throttle: Throttle
  audit: Audit
  now: Clock
  /** Links are built from the configured issuer, never from a request's headers. */
  issuer: string
  /** Milliseconds that a link lives. */
  lifetimes: Record<LinkPurpose, number>
  perHour: number
}

const PATHS: Record<LinkPurpose, string> = { activation: 'activate', reset: 'recover' }

export function links(parts: LinksParts): Links {
  const { people, organizations, store, wrap, writeMail, throttle, audit, now } = parts

  function make(account: Account, purpose: LinkPurpose, origin?: LinkOrigin): { link: Link; email: Email } {
    const token = randomToken()
    const lifetime = parts.lifetimes[purpose]
    const mail = writeMail(purpose, account.locale, {
      name: account.name,
      email: account.email,
      link: `${parts.issuer}/${PATHS[purpose]}/${token}`,
      hours: lifetime / HOUR,
      minutes: lifetime / MINUTE,
    })
    const link = {
      digest: digest(token),
      accountId: account.id,
      purpose,
      createdAt: now(),
      expiresAt: now() + lifetime,
      usedAt: undefined,
      ...(origin && { origin }),
    }
    return { link, email: { ...mail, to: account.email, link: { digest: link.digest, lifetime } } }
  }

  function activation(account: Account): { link: Link; mail: Parcel } {
    const { link, email } = make(account, 'activation')
    return { link, mail: wrap('email', email, account.id) }
  }

  async function mailLink(
    account: Account,
    purpose: LinkPurpose,
    { origin, ...by }: { actor?: string | undefined; source: Source | undefined; origin?: LinkOrigin | undefined },
  ): Promise<Spent> {
    const about = { subject: account.id, ...by }
    const spent = await throttle.window(linkLane(account.id), { most: parts.perHour, window: HOUR })
    if (!spent.ok) {
      await audit({ ...about, type: 'throttle.engaged', outcome: 'refused', details: { door: 'link' } })
      return spent
    }
    const { link, email } = make(account, purpose, origin)
    const mail = wrap('email', email, account.id)
    await people.change(account.id, (person) => sendLink(person, link, [mail]))
    await audit({ ...about, type: 'link.sent', outcome: 'ok', details: { purpose } })
    return spent
  }

  return {
    async invite(invitation, by) {
      const named = invitation.organization
      const organization = named === undefined ? undefined : await organizations.getCalled(named)
      if (named !== undefined && !organization) return { ok: false, reason: 'unknown-organization' }
      if (organization?.record.status === 'disabled') return { ok: false, reason: 'disabled-organization' }
      const account = invitedAccount(invitation, organization, now())
      const { link, mail } = activation(account)
      const inserted = people.change(account.id, (person) => insertAccount(person, account, link, [mail]))
      if (!(await unlessTaken(keyOf.email(account.emailKey), false, inserted)))
        return { ok: false, reason: 'address-taken' }
      await audit({ type: 'account.invited', outcome: 'ok', subject: account.id, ...by })
      return { ok: true, account }
    },

    async request(email, source, origin) {
      await store.enqueue([wrap('link', { email, correlation: source.correlation, ...(origin && { origin }) })])
      await audit({ type: 'link.requested', outcome: 'ok', source })
    },

    async send({ email, correlation, origin }) {
      const key = emailKey(email)
      const account = await findAccountByEmail(people, key)
      const source = { ip: '', correlation }
      const purpose: LinkPurpose = account?.status === 'invited' ? 'activation' : 'reset'
      if (!account || account.status === 'disabled') {
        await audit(refusal('link.refused', { account, source }))
        return
      }
      await mailLink(account, purpose, { source, origin })
    },

    async renew({ id }, by) {
      const account = await findAccount(people, id)
      return account?.status === 'invited' ? mailLink(account, 'activation', by) : { ok: false, reason: 'not-waiting' }
    },

    activation,

    async sendDue(account) {
      const { link, mail } = activation(account)
      if (!(await people.change(account.id, (person) => sendDue(person, account, link, [mail])))) return false
      await audit({ type: 'link.sent', outcome: 'ok', subject: account.id, details: { purpose: link.purpose } })
      return true
    },

    async find(token) {
      const key = digest(token)
      const found = await people.findBy(keyOf.link(key))
      const link = found && findLink(found.record, key)
      const account = found?.record.account
      if (!link || !account) return undefined
      const waiting = account.status === (link.purpose === 'activation' ? 'invited' : 'active')
      const open = waiting && link.usedAt === undefined && link.expiresAt > now()
      return { state: open ? 'open' : 'dead', link, account }
    },
  }
}

/** The counter of links that are mailed to one account. */
export function linkLane(accountId: string): string {
  return `link/${accountId}`
}
