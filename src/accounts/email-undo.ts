/**
 * Taking an e-mail address back: whoever reads the mail of the address of before can undo its change for seven days, also
 * when the account is no longer in their hands. It ends what was made meanwhile, see mfa/factors-undone.ts
 * for second factors; and it gives nobody more than that mailbox gave them when the address was changed.
 */

import { type Audit, deed, type Source } from '../audit/audit.ts'
import { digest, randomToken } from '../lib/crypto.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import { type Account, knownAddresses, UNDO_LIFE } from '../person/account.ts'
import type { EmailChange } from '../person/address.ts'
import { type EmailUndo, findEmailUndo, listEmailUndos, undoEmail } from '../person/email-undo.ts'
import { keyOf, type People } from '../person/kind.ts'
import type { SecondFactor } from '../person/second-factor.ts'
import { unlessTaken } from '../record/records.ts'
import { type Links, linkLane } from './links.ts'
import type { Notice } from './notify.ts'
import { findAccountByEmail, findPerson } from './people.ts'

/** A second factor, as mails name it. */
export interface FactorName {
  method: SecondFactor
  /** The entry's name in the app, or the last two digits of the number. */
  label: string | undefined
  createdAt: number
}

/** What becomes of second factors when a change of the address is taken back. */
export interface FactorsUndone {
  removed: FactorName[]
  kept: FactorName[]
  /** One is asked for and there is none: only the help desk can let its owner in. */
  stranded: boolean
}

export interface EmailUndosParts {
  people: People
  links: Pick<Links, 'request'>
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** Links are built from the configured issuer, never from a request's headers. */
  issuer: string
  /** Ends every session, token and remembered device of the account. */
  endSessions: (accountId: string) => Promise<void>
  /** What happens to the account's second factors. */
  factors: (account: Account, undo: EmailUndo) => Promise<FactorsUndone>
}

export interface EmailUndos {
  /** The account and address that an undo link is about; undefined if it opens nothing any more. */
  findUndo(token: string): Promise<{ account: Account; email: string } | undefined>
  /** Gives the address back, ends everything, and mails a link to set a new password to it. */
  undo(token: string, source: Source): Promise<boolean>
  /** What gives the account its present address back, and the link to mail there. */
  make(account: Account, at: number): { undo: EmailChange['undo']; href: string }
  /** The addresses of before that can still take the account back. */
  addresses(account: Account): Promise<string[]>
}

export function emailUndos(parts: EmailUndosParts): EmailUndos {
  const { people, now } = parts

  async function find(token: string): Promise<{ account: Account; undo: EmailUndo } | undefined> {
    const key = digest(token)
    const found = await people.findBy(keyOf.undo(key))
    const undo = found && findEmailUndo(found.record, key)
    if (!undo || undo.expiresAt <= now()) return undefined
    const { account } = found.record
    const holder = await findAccountByEmail(people, undo.emailKey)
    const free = !holder || holder.id === found.id
    return account && free ? { account, undo } : undefined
  }

  const addresses = (account: Account) => undoableAddresses(people, account, now())

  return {
    make: (account, at) => newUndo(parts.issuer, account, at),

    addresses,
    async findUndo(token) {
      const found = await find(token)
      return found && { account: found.account, email: found.undo.email }
    },

    async undo(token: string, source: Source) {
      const found = await find(token)
      if (!found) return false
      const { account, undo } = found
      const { email } = undo
      const factors = await parts.factors(account, undo)
      // The addresses that lose the account hear of it too: who undoes may be the one who should not.
      const also = [...knownAddresses(account, now()), ...(await addresses(account))]
      const told = parts.notice({ ...account, email }, 'email-restored', { at: now(), ...factors }, also)
      const undone = people.change(account.id, (person) => undoEmail(person, undo.digest, now(), told))
      if (!(await unlessTaken(keyOf.email(undo.emailKey), false, undone))) return false
      const details = { what: 'email', change: 'undone', factors: factors.removed.length }
      await parts.audit(deed('account.changed', { account, source }, details))
      await parts.endSessions(account.id)
      // Links that were asked for while the account was in other hands do not count.
      await parts.throttle.reset(linkLane(account.id))
      await parts.links.request(email, source)
      return true
    },
  }
}

/** What gives the account its present address back, and the link to mail there. */
export function newUndo(
  issuer: string,
  { id, email, emailKey }: Account,
  at: number,
): { undo: EmailChange['undo']; href: string } {
  const token = randomToken()
  return {
    undo: { digest: digest(token), accountId: id, email, emailKey, createdAt: at, expiresAt: at + UNDO_LIFE },
    href: `${issuer}/undo/${token}`,
  }
}

/** The addresses of before that can still take the account back. */
export async function undoableAddresses(people: Pick<People, 'find'>, { id }: Account, now: number): Promise<string[]> {
  return listEmailUndos(await findPerson(people, id), now).map(({ email }) => email)
}
