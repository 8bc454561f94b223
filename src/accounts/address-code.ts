/**
 * The code that proves an address: eight digits by mail, good for ten minutes, once, for one account, one session and
 * one kind of address, and only for the address that it went to. How many are mailed, and how often one may be guessed
 * at, is counted here.
 */

import { randomInt } from 'node:crypto'
import { type Audit, refusal } from '../audit/audit.ts'
import type { Parcel, Wrap } from '../delivery/queue.ts'
import { digest, digestLike, hmac, type Keyring, randomToken, type Sealer } from '../lib/crypto.ts'
import type { Done, Outcome } from '../lib/outcome.ts'
import type { Spent, StreakRule, Throttle } from '../lib/throttle.ts'
import { CLOCKS_APART, type Clock, DAY, HOUR, MINUTE, SECOND } from '../lib/time.ts'
import { typedCode } from '../lib/typed-code.ts'
import { type Account, emailKey } from '../person/account.ts'
import type { AddressCode, AddressKind } from '../person/address.ts'
import { findAddressCode, putAddressCode } from '../person/address.ts'
import type { People } from '../person/kind.ts'
import type { WriteMail } from './links.ts'
import { findPerson } from './people.ts'
import type { Requester } from './requester.ts'

const LIFETIME = 10 * MINUTE
const TRIES: StreakRule = { free: 5, cap: 50 }

/** An address that waits for its code. */
export type CodeSent = Outcome<Done, 'not-an-address' | 'same', 'wait'>

export interface WaitingAddress {
  key: string
  address: string
  /** What is kept of its code. */
  digest: string
}

export interface AddressCodes {
  /** Mails a code; when the address is `holder`'s, tells the holder instead, and keeps a code that nobody has. */
  send(requester: Requester, kind: AddressKind, address: string, holder: Account | undefined): Promise<CodeSent>
  find(requester: Requester, kind: AddressKind): Promise<WaitingAddress | undefined>
  /** Uses up one try. */
  spend(requester: Requester): Promise<Spent>
  /** The digest of the code that was typed, as a right one is kept. */
  digestOf(waiting: WaitingAddress, typed: string): string
}

export interface AddressCodesParts {
  people: Pick<People, 'find' | 'change'>
  ring: Keyring
  seal: Sealer
  wrap: Wrap
  writeMail: WriteMail
  throttle: Throttle
  audit: Audit
  now: Clock
}

export function addressCodes(parts: AddressCodesParts): AddressCodes {
  const { people, ring, seal, wrap, writeMail, throttle, audit, now } = parts
  const key = ring.derive('address-codes')
  const keys = ring.deriveAll('address-codes')

  /** One mail of this account, and one to this address. */
  async function spendMail(accountId: string, kind: AddressKind, address: string): Promise<Spent> {
    const hour = `address-code/hour/${accountId}`
    // Not given back below: who is over another limit has no use for it.
    const pace = await throttle.window(`address-code/pace/${accountId}/${kind}`, { most: 1, window: 30 * SECOND })
    if (!pace.ok) return pace
    const inHour = await throttle.window(hour, { most: 5, window: HOUR })
    if (!inHour.ok) return inHour
    // Over all accounts, so that ten of them do not fill a stranger's mailbox. Keyed: counters outlive accounts, and must
    // not be a list of addresses.
    const to = hmac(ring.derive('addresses'), emailKey(address))
    const inDay = await throttle.window(`address-code/to/${to}`, { most: 10, window: DAY })
    if (!inDay.ok) await throttle.refund(hour)
    return inDay
  }

  async function engaged(requester: Requester, reason: string): Promise<void> {
    await audit(refusal('throttle.engaged', requester, { door: 'address-code', reason }))
  }

  function mail(account: Account, address: string, holder: Account | undefined, code: string): Parcel {
    if (!holder) {
      const data = { name: account.name, code, minutes: LIFETIME / MINUTE }
      return wrap('email', { ...writeMail('address-code', account.locale, data), to: address }, account.id)
    }
    const data = { name: holder.name, email: holder.email, at: now() }
    return wrap('email', { ...writeMail('address-taken', holder.locale, data), to: holder.email }, holder.id)
  }

  return {
    async send(requester, kind, address, holder) {
      const { account } = requester
      const spent = await spendMail(account.id, kind, address)
      if (!spent.ok) {
        await engaged(requester, spent.reason)
        return { ok: false, reason: 'wait', retryAt: spent.reason === 'wait' ? spent.retryAt : now() + DAY }
      }
      const at = codeKey(requester, kind)
      // A token is never eight digits, so the page asks for a code that no guess can be.
      const code = holder ? randomToken() : randomInt(100_000_000).toString().padStart(8, '0')
      const kept: AddressCode = {
        key: at,
        accountId: account.id,
        digest: digestOf(key, { key: at, address }, code),
        sealed: seal.seal(address, addressCodeRecord(at)),
        createdAt: now(),
        expiresAt: now() + LIFETIME,
      }
      const told = [mail(account, address, holder, code)]
      await people.change(account.id, (person) => putAddressCode(person, kept, told))
      return { ok: true }
    },

    async find(requester, kind) {
      const at = codeKey(requester, kind)
      const kept = findAddressCode(await findPerson(people, requester.account.id), at, now())
      // It is from the future, so the clock went back: a code that had expired must not be good again.
      if (!kept || kept.createdAt > now() + CLOCKS_APART) return undefined
      return { key: at, address: seal.open(kept.sealed, addressCodeRecord(at)), digest: kept.digest }
    },

    async spend(requester) {
      const spent = await throttle.streak(addressCodeLane(requester.account.id), TRIES)
      if (!spent.ok) await engaged(requester, spent.reason)
      return spent
    },

    digestOf: (waiting, typed) => digestLike(waiting.digest, keys, (one) => digestOf(one, waiting, typedCode(typed))),
  }
}

/** What the address is sealed for. */
export function addressCodeRecord(key: string): string {
  return `address-code/${key}`
}

/** Another session finds nothing here: a code is good only where it was asked for. */
function codeKey({ account, session }: Requester, kind: AddressKind): string {
  return digest(`address-code/${kind}/${account.id}/${session}/${account.epoch}`)
}

/**
 * Keyed, for whoever has the store alone tries all codes in a minute; and over the address, so that a code proves the one
 * that it went to and no other.
 */
function digestOf(secret: Buffer, { key, address }: Omit<WaitingAddress, 'digest'>, code: string): string {
  return hmac(secret, `${key}/${emailKey(address)}/${code}`)
}

/** The counter of wrong codes of one account. No new code, session or address resets it. */
export function addressCodeLane(accountId: string): string {
  return `address-code/${accountId}`
}
