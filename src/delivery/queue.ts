/**
 * The durable queue of what has to go out: mails, text messages, logout tokens, and links that are made when
 * they are sent. A parcel is put in with the write that causes it, so neither exists without the other.
 *
 * This file says what a parcel is and what a store must do with it; courier.ts carries them.
 */
import { randomUUID } from 'node:crypto'
import type { Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'

export interface Channels {
  email: Email
  sms: { to: string; text: string }
  /** Tells one application that a session ended (OpenID Connect Back-Channel Logout 1.0). */
  logout: { clientId: string; accountId: string; sid?: string }
  /** Someone asked for a link to be sent to an address; whether there is an account is found out by the courier. */
  link: { email: string; correlation: string }
}

export type Channel = keyof Channels

/** One mail to one person. */
export interface Email {
  to: string
  subject: string
  text: string
  html: string
  /** The one-time link in it: its life (milliseconds) counts from when the mail leaves, not from when it was written. */
  link?: { digest: string; lifetime: number }
}

/** A parcel as it is kept: its content is sealed. */
export interface Parcel {
  id: string
  channel: Channel
  sealed: string
  createdAt: number
  dueAt: number
}

/** A parcel in the courier's hands until `leasedUntil`. `attempt` counts from 1 and fences off an earlier courier. */
export interface ClaimedParcel extends Parcel {
  attempt: number
}

/** What the queue needs kept. Other ports take parcels too, and insert them in the same write as their own change. */
export interface QueueStore {
  enqueue(parcels: Parcel[]): Promise<void>
  /** Takes up to `limit` parcels that are due and not leased, oldest due first: adds one attempt, leases them until `leasedUntil`. */
  claim(now: number, leasedUntil: number, limit: number): Promise<ClaimedParcel[]>
  /** Delivered: forgets the parcel. False if another attempt has taken over. */
  settle(id: string, attempt: number): Promise<boolean>
  /** Not delivered: due again at `dueAt`, lease dropped. False if another attempt has taken over. */
  postpone(id: string, attempt: number, dueAt: number): Promise<boolean>
  /** How many wait, and since when the oldest. */
  backlog(): Promise<{ waiting: number; oldest: number | undefined }>
}

/** Makes parcels. */
export type Wrap = <C extends Channel>(channel: C, content: Channels[C]) => Parcel

export function wrapper(seal: Sealer, now: Clock): Wrap {
  return (channel, content) => {
    const id = randomUUID()
    const sealed = seal.seal(JSON.stringify(content), `parcel/${channel}/${id}`)
    return { id, channel, sealed, createdAt: now(), dueAt: now() }
  }
}

/** Opens what `wrapper` closed. */
export function unwrap<C extends Channel>(seal: Sealer, parcel: Parcel & { channel: C }): Channels[C] {
  return JSON.parse(seal.open(parcel.sealed, `parcel/${parcel.channel}/${parcel.id}`)) as Channels[C]
}
