/**
 * The durable queue of what has to go out: mails, text messages, logout tokens, and links that are made when
 * they are sent. A parcel is put in with the write that causes it, so neither exists without the other.
 *
 * This file says what a parcel is and what a store must do with it; courier.ts carries them.
 */
import { randomUUID } from 'node:crypto'
import type { Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import { currentTraceparent } from '../lib/tracing.ts'

export interface Channels {
  email: Email
  sms: { to: string; text: string }
  /** Tells one application that a session ended (OpenID Connect Back-Channel Logout 1.0). */
  logout: { clientId: string; accountId: string; sid?: string }
  /** Someone asked for a link to be sent to an address; whether there is an account is found out by the courier. */
  link: { email: string; correlation: string; origin?: { client: string; sitting: string } | undefined }
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
  /** Whom it is for, or about. */
  accountId?: string | undefined
}

/** A parcel as an administrator sees it: never what is in it. */
export interface ListedParcel extends Omit<Parcel, 'sealed'> {
  /** How often it was tried. */
  attempt: number
  /** A courier has it until then, if that is in the future. */
  leasedUntil: number
  /** Code of what became of the last attempt that failed. */
  reason?: string | undefined
  /** It was given up then, and is tried no more by itself. */
  failedAt?: number | undefined
}

export interface ParcelLook {
  /** `waiting`: the oldest first. `failed`: given up, the last first. */
  state: 'waiting' | 'failed'
  /** Behind this place: when it was put in, or given up, and its id. */
  after?: { at: number; id: string } | undefined
  limit: number
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
  postpone(id: string, attempt: number, dueAt: number, reason: string): Promise<boolean>
  /** Not delivered, and tried no more by itself: kept for whoever wants it sent all the same. False likewise. */
  giveUp(id: string, attempt: number, reason: string, at: number): Promise<boolean>
  /** Those that wait or were given up, a page at a time. */
  listParcels(look: ParcelLook): Promise<ListedParcel[]>
  findParcel(id: string): Promise<ListedParcel | undefined>
  /** Due at once, also if it was given up. False if it is gone, or a courier has it at `now`. */
  expedite(id: string, now: number): Promise<boolean>
  /** Forgets what was given up before then; returns how many those were. */
  removeGivenUp(before: number): Promise<number>
  /** How many wait, and since when the oldest; without what was given up. */
  backlog(): Promise<{ waiting: number; oldest: number | undefined }>
}

/** Makes parcels. `accountId` says whom it is for, where its content does not. */
export type Wrap = <C extends Channel>(channel: C, content: Channels[C], accountId?: string) => Parcel

export function wrapper(seal: Sealer, now: Clock): Wrap {
  return (channel, content, whose) => {
    const id = randomUUID()
    const traceparent = currentTraceparent()
    const sealed = seal.seal(
      JSON.stringify(traceparent === undefined ? content : { ...content, traceparent }),
      parcelRecord({ channel, id }),
    )
    const accountId = 'accountId' in content ? content.accountId : whose
    return { id, channel, sealed, createdAt: now(), dueAt: now(), ...(accountId !== undefined && { accountId }) }
  }
}

/** What its content is sealed for. */
export function parcelRecord({ channel, id }: Pick<Parcel, 'channel' | 'id'>): string {
  return `parcel/${channel}/${id}`
}

/** The trace that the parcel was put in by, where there was one. */
interface Traced {
  traceparent?: string
}

/** Opens what `wrapper` closed. */
export function unwrap<C extends Channel>(seal: Sealer, parcel: Parcel & { channel: C }): Channels[C] & Traced {
  return JSON.parse(seal.open(parcel.sealed, parcelRecord(parcel))) as Channels[C]
}
