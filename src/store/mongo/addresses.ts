/** Addresses that are being changed (accounts/addresses.ts). Each method is one write, parcels included. */

import type { AddressStore } from '../../accounts/addresses.ts'
import type { AddressCode } from '../../person/address.ts'
import type { EmailUndo } from '../../person/email-undo.ts'
import { forgetDevices } from './devices.ts'
import { killLinks } from './links.ts'
import { enqueue } from './outbox.ts'
import { type People, unlessTaken } from './people.ts'
import { byAge, isIn, keyOf, type Person, raiseEpoch } from './person.ts'

export function addresses(people: People): AddressStore {
  const { change } = people

  return {
    putAddressCode: (code, parcels) =>
      people.changeOver(
        code.accountId,
        keyOf.addressCode(code.key),
        (holder) => removeCode(holder, code.key),
        (draft) => {
          if (draft.erasedAt !== undefined) return
          removeCode(draft, code.key)
          draft.addressCodes.push(code)
          enqueue(draft, parcels)
        },
      ),
    async findAddressCode(key, now) {
      const found = await people.findByKey(keyOf.addressCode(key), 'addressCodes')
      return found?.addressCodes.find((code) => code.key === key && code.expiresAt > now)
    },
    changeEmail: ({ accountId, epoch, code, email, emailKey, at, undo }, parcels) => {
      const changed = change(accountId, (draft): 'changed' | 'wrong-code' | 'taken' => {
        const { account } = draft
        if (!account || !isIn(draft, epoch) || undo.accountId !== accountId) return 'wrong-code'
        if (!spendCode(draft, code, at)) return 'wrong-code'
        Object.assign(account, { previousEmail: account.email, email, emailKey, emailChangedAt: at })
        raiseEpoch(draft)
        forgetDevices(draft)
        killLinks(draft, at)
        draft.undos.push({ ...undo, enrolledAt: account.enrolledAt, factors: factorsOf(draft) })
        enqueue(draft, parcels)
        return 'changed'
      })
      return unlessTaken('emailKey', 'taken', changed)
    },
    setNoticeEmail: (accountId, code, noticeEmail, at, parcels, epoch) =>
      change(accountId, (draft) => {
        if (!draft.account || !isIn(draft, epoch) || !spendCode(draft, code, at)) return false
        draft.account.noticeEmail = noticeEmail
        enqueue(draft, parcels)
        return true
      }),
    removeNoticeEmail: (accountId, parcels) =>
      change(accountId, (draft) => {
        if (draft.account?.noticeEmail === undefined) return false
        draft.account.noticeEmail = undefined
        enqueue(draft, parcels)
        return true
      }),
    findEmailUndo: async (digest) => undoOf(await people.findByKey(keyOf.undo(digest), 'undos'), digest),
    async listEmailUndos(accountId, now) {
      const found = await people.find(accountId, 'undos')
      return byAge(found?.undos ?? []).filter(({ expiresAt }) => expiresAt > now)
    },
    undoEmail: (digest, at, parcels) => {
      const undone = people.changeByKey(keyOf.undo(digest), false, (draft) => {
        const undo = undoOf(draft, digest)
        if (!draft.account || !undo || undo.expiresAt <= at) return false
        const { account } = draft
        const { email, emailKey, createdAt } = undo
        const old = undo.factors === undefined && (account.enrolledAt ?? createdAt) < createdAt
        const enrolledAt = undo.enrolledAt ?? (old ? account.enrolledAt : undefined)
        // The address changes again, which makes a recovery wait (see recovery/recovery.ts). When the password was set
        // stays: it tells that the account was active once.
        const forgotten = { previousEmail: undefined, noticeEmail: undefined, passwordHash: undefined }
        Object.assign(account, { email, emailKey, emailChangedAt: at, enrolledAt, ...forgotten })
        raiseEpoch(draft)
        // Not those of before: whoever had the account first has the last word.
        draft.undos = draft.undos.filter((other) => other.createdAt < createdAt)
        endSince(draft, undo, at)
        forgetDevices(draft)
        killLinks(draft, at)
        enqueue(draft, parcels)
        return true
      })
      return unlessTaken('emailKey', false, undone)
    },
  }
}

function factorsOf({ authenticators, backup }: Person): string[] {
  return [...authenticators, ...(backup ? [backup] : [])].map(({ id }) => id)
}

/** What came since then, of second factors and requests for help; what passes or is half-way; who proved the password. */
function endSince(person: Person, { factors, createdAt: since }: EmailUndo, at: number): void {
  const wasThere = ({ id, createdAt }: { id: string; createdAt: number }) => factors?.includes(id) ?? createdAt < since
  person.authenticators = person.authenticators.filter(wasThere)
  if (person.backup && !wasThere(person.backup)) person.backup = undefined
  Object.assign(person, { temporaryCodes: [], sentCodes: [], wizards: [], addressCodes: [], browsers: [] })
  for (const one of person.cases)
    if (one.state === 'open' && one.createdAt >= since) Object.assign(one, { state: 'canceled', closedAt: at })
}

function removeCode(person: Person, key: string): void {
  person.addressCodes = person.addressCodes.filter((code) => code.key !== key)
}

/** Uses it up. False if it is not there with this digest, or has expired. */
function spendCode(person: Person, { key, digest }: Pick<AddressCode, 'key' | 'digest'>, at: number): boolean {
  const live = person.addressCodes.some((code) => code.key === key && code.digest === digest && code.expiresAt > at)
  if (live) removeCode(person, key)
  return live
}

function undoOf(person: Pick<Person, 'undos'> | undefined, digest: string): EmailUndo | undefined {
  return person?.undos.find((undo) => undo.digest === digest)
}
