/**
 * Taking an e-mail address back: whoever reads the mail of the address of before can undo its change for seven days, also
 * when the account is no longer in their hands (SECURITY G-11).
 */
import type { Audit, Source } from '../audit/audit.ts'
import { digest, randomToken } from '../lib/crypto.ts'
import type { Throttle } from '../lib/throttle.ts'
import type { Clock } from '../lib/time.ts'
import { type Account, type AccountStore, knownAddresses, UNDO_LIFE } from './account.ts'
import type { Addresses, AddressStore, EmailUndo } from './addresses.ts'
import { type Links, linkLane } from './links.ts'
import type { Notice } from './notify.ts'

export interface EmailUndosParts {
  store: Pick<AddressStore, 'findEmailUndo' | 'listEmailUndos' | 'undoEmail'> &
    Pick<AccountStore, 'findAccount' | 'findAccountByEmail'>
  links: Pick<Links, 'request'>
  throttle: Throttle
  audit: Audit
  notice: Notice
  now: Clock
  /** Links are built from the configured issuer, never from a request's headers. */
  issuer: string
  /** Ends every session, token and remembered device of the account. */
  endSessions: (accountId: string) => Promise<void>
}

export interface EmailUndos extends Pick<Addresses, 'findUndo' | 'undo'> {
  /** What gives the account its present address back, and the link to mail there. */
  make(account: Account, at: number): { undo: EmailUndo; href: string }
  /** The addresses of before that can still take the account back. */
  addresses(account: Account): Promise<string[]>
}

export function emailUndos(parts: EmailUndosParts): EmailUndos {
  const { store, now } = parts

  async function findUndo(token: string): Promise<{ account: Account; email: string } | undefined> {
    const undo = await store.findEmailUndo(digest(token))
    if (!undo || undo.expiresAt <= now()) return undefined
    const [account, holder] = await Promise.all([
      store.findAccount(undo.accountId),
      store.findAccountByEmail(undo.emailKey),
    ])
    const free = !holder || holder.id === undo.accountId
    return account && free ? { account, email: undo.email } : undefined
  }

  async function addresses({ id }: Account): Promise<string[]> {
    return (await store.listEmailUndos(id, now())).map(({ email }) => email)
  }

  return {
    make({ id, email, emailKey }, at) {
      const token = randomToken()
      return {
        undo: { digest: digest(token), accountId: id, email, emailKey, createdAt: at, expiresAt: at + UNDO_LIFE },
        href: `${parts.issuer}/undo/${token}`,
      }
    },

    addresses,
    findUndo,

    async undo(token: string, source: Source) {
      const found = await findUndo(token)
      if (!found) return false
      const { account, email } = found
      // The addresses that lose the account hear of it too: who undoes may be the one who should not.
      const also = [...knownAddresses(account, now()), ...(await addresses(account))]
      const told = parts.notice({ ...account, email }, 'email-restored', { at: now() }, also)
      if (!(await store.undoEmail(digest(token), now(), told))) return false
      await parts.audit({
        type: 'account.changed',
        outcome: 'ok',
        actor: account.id,
        subject: account.id,
        source,
        details: { what: 'email', change: 'undone' },
      })
      await parts.endSessions(account.id)
      // Links that were asked for while the account was in other hands do not count.
      await parts.throttle.reset(linkLane(account.id))
      await parts.links.request(email, source)
      return true
    },
  }
}
