/** Accounts (accounts/account.ts): finding them, and what changes about them. Each method is one write, parcels included. */
import { Types, trusted } from 'mongoose'
import type { AccountStore } from '../../accounts/account.ts'
import type { Account } from '../../person/account.ts'
import type { LinkPurpose } from '../../person/link.ts'
import { searchKey } from '../../record/search-key.ts'
import { forgetDevices } from './devices.ts'
import { killLinks } from './links.ts'
import { enqueue } from './outbox.ts'
import { type People, unlessTaken } from './people.ts'
import { raiseEpoch } from './person.ts'
import { withUndefined } from './with-undefined.ts'

type Accounts = Pick<
  AccountStore,
  | 'findAccount'
  | 'findAccountByEmail'
  | 'searchAccounts'
  | 'insertAccount'
  | 'setPassword'
  | 'changePassword'
  | 'setLocale'
  | 'setStatus'
  | 'upgradeHash'
  | 'listHashKeys'
  | 'listOrganizations'
>

/** The status that an account must have for a link to set its password. */
const FIT: Record<LinkPurpose, Account['status']> = { activation: 'invited', recovery: 'active' }
/** Longer than any name or address; the server takes patterns up to 32 kB. */
const LONGEST_SEARCH = 1000

export function accounts(people: People): Accounts {
  const { model, change } = people

  return {
    findAccount: async (id) => (await people.find(id, 'account'))?.account,
    async findAccountByEmail(emailKey) {
      const found = await model.findOne({ emailKey }, { account: 1 }).lean<{ account: Account }>()
      return found ? withUndefined(found).account : undefined
    },
    async searchAccounts(text, limit) {
      const typed = searchKey(text)
      if (typed.length > LONGEST_SEARCH) return []
      const found = await model
        .find({
          createdAt: trusted({ $exists: true }),
          $or: [
            { _id: text.trim() },
            { emailKey: trusted({ $regex: `^${literally(typed)}` }) },
            { nameKey: trusted({ $regex: literally(typed) }) },
          ],
        })
        .sort({ createdAt: -1, order: -1 })
        .limit(limit)
        .select({ account: 1 })
        .lean<Array<{ account: Account }>>()
      return found.map((person) => withUndefined(person).account)
    },
    insertAccount: (account, link, parcels) => {
      const inserted = change(account.id, (draft) => {
        if (draft.erasedAt !== undefined) return false
        if (draft.account || link.accountId !== account.id)
          throw new Error('the account is there, or the link another’s')
        draft.account = account
        draft.order = new Types.ObjectId().toHexString()
        draft.links.push(link)
        enqueue(draft, parcels)
        return true
      })
      return unlessTaken('emailKey', false, inserted)
    },
    setPassword: ({ accountId, link, passwordHash, at }, parcels) =>
      change(accountId, (draft) => {
        const { account } = draft
        const used = draft.links.find(({ digest, purpose }) => digest === link.digest && purpose === link.purpose)
        if (!used || used.usedAt !== undefined || used.expiresAt <= at) return false
        if (account?.status !== FIT[link.purpose]) return false
        Object.assign(account, { passwordHash, passwordChangedAt: at, status: 'active' })
        raiseEpoch(draft)
        forgetDevices(draft)
        draft.browsers = []
        killLinks(draft, at)
        enqueue(draft, parcels)
        return true
      }),
    changePassword: ({ accountId, from, passwordHash, at }, parcels) =>
      change(accountId, (draft) => {
        const { account } = draft
        if (account?.status !== 'active' || account.passwordHash !== from) return false
        Object.assign(account, { passwordHash, passwordChangedAt: at })
        raiseEpoch(draft)
        forgetDevices(draft)
        draft.browsers = []
        killLinks(draft, at)
        enqueue(draft, parcels)
        return true
      }),
    setLocale: (accountId, locale, parcels) =>
      change(accountId, (draft) => {
        if (!draft.account) return false
        draft.account.locale = locale
        enqueue(draft, parcels)
        return true
      }),
    setStatus: ({ accountId, from, to }, parcels) =>
      change(accountId, (draft) => {
        if (!draft.account || !from.includes(draft.account.status)) return false
        draft.account.status = to
        raiseEpoch(draft)
        forgetDevices(draft)
        if (to === 'disabled') draft.temporaryCodes = []
        if (to !== 'invited') killLinks(draft)
        enqueue(draft, parcels)
        return true
      }),
    upgradeHash: (accountId, from, to) =>
      change(accountId, ({ account }) => {
        if (account?.passwordHash !== from) return false
        account.passwordHash = to
        return true
      }),
    listHashKeys: () => model.distinct('hashKey').exec() as Promise<string[]>,
    listOrganizations: () => model.distinct('account.organization').exec() as Promise<string[]>,
  }
}

/** A pattern that finds this text and nothing else: only letters and digits stand for themselves. */
function literally(text: string): string {
  return text.toWellFormed().replace(/[^\p{L}\p{N}]/gu, (character) => `\\x{${character.codePointAt(0)?.toString(16)}}`)
}
