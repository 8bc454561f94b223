/**
 * Telling people what happened to their account: the one list of events that are told, and the mails that tell them, to
 * every known address. A notice holds no code, and no link that does anything but what it says.
 */
import type { Parcel, Wrap } from '../delivery/queue.ts'
import type { Clock } from '../lib/time.ts'
import { type Account, knownAddresses } from '../person/account.ts'
import type { WriteMail } from './links.ts'

/** Every event that a person is told of; render/notice.ts says what its mail shows, the language files in which words. */
export const NOTICES = [
  'password-changed',
  'password-closed',
  'two-step-on',
  'two-step-off',
  'app-added',
  'app-moved',
  'app-switched',
  'app-renamed',
  'app-removed',
  'passkey-added',
  'passkey-renamed',
  'passkey-removed',
  'passkey-counted-back',
  'passkey-switched',
  'sms-added',
  'sms-removed',
  'backup-code-new',
  'backup-code-typed',
  'backup-code-used',
  'factor-closed',
  'factor-failed',
  'device-remembered',
  'device-misused',
  'devices-forgotten',
  'session-ended',
  'signed-out-everywhere',
  'application-removed',
  'language-changed',
  'organization-changed',
  'name-changed',
  'roles-changed',
  'more-time',
  'no-more-time',
  'data-downloaded',
  'email-changed',
  'email-replaced',
  'email-restored',
  'notice-address-added',
  'notice-address-removed',
  'recovery-requested',
  'recovery-canceled',
  'recovery-issued',
  'recovery-declined',
  'account-disabled',
  'account-enabled',
  'account-erased',
] as const

export type NoticeName = (typeof NOTICES)[number]

/**
 * Makes one mail for each known address, and for `also`: addresses that are not known yet, or will not be any more. The
 * caller puts them in the queue with the write that they tell of.
 */
export type Notice = (account: Account, name: NoticeName, data: Record<string, unknown>, also?: string[]) => Parcel[]

/** `at`, the moment it happened, is added unless it is given. */
export function notices(wrap: Wrap, writeMail: WriteMail, now: Clock): Notice {
  return (account, name, data, also = []) => {
    const mail = writeMail(name, account.locale, { name: account.name, email: account.email, at: now(), ...data })
    const addresses = new Set([...knownAddresses(account, now()), ...also])
    return [...addresses].map((to) => wrap('email', { ...mail, to }, account.id))
  }
}
