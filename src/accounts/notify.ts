/** Telling people what happened to their account. A notice holds no code and no link that does anything. */
import type { Parcel, Wrap } from '../delivery/queue.ts'
import type { Account } from './account.ts'
import type { WriteMail } from './links.ts'

/** Makes the mail; the caller puts it in the queue with the write that it tells of. */
export type Notice = (account: Account, name: string, data: Record<string, unknown>) => Parcel

export function notices(wrap: Wrap, writeMail: WriteMail): Notice {
  return (account, name, data) =>
    wrap('email', {
      ...writeMail(name, account.locale, { name: account.name, email: account.email, ...data }),
      to: account.email,
    })
}
